/** The system's code of an error (`ENOENT`), whichever realm made it; empty when it has none. */
export const errnoOf = (error: unknown): string => String(Reflect.get(Object(error), 'code') ?? '');
