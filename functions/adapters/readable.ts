import type { z } from 'zod';

/**
 * `document`, if `schema` will read it: whatever is written passes here before. One that nobody could read any more
 * would fail every request that needs it, until somebody mends it by hand. An error that names the document and the
 * fields, and nothing is written.
 */
export function readable<T>(schema: z.ZodType<T>, document: T, what: string): T {
  const { error } = schema.safeParse(document);
  if (error === undefined) return document;
  const wrong = error.issues.slice(0, 5).map(({ path, message }) => `${path.join('.') || 'it'}: ${message}`);
  throw new Error(`'${what}' is not written, because it could not be read: ${wrong.join('; ')}`, { cause: error });
}
