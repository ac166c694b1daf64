/** Returns the system's code of an error (`ENOENT`), also of another realm; empty without one. */
export const errnoOf = (error: unknown): string => String(Reflect.get(Object(error), 'code') ?? '');
