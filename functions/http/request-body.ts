import { z } from 'zod';
import { DomainError, type WrongField } from '../core/errors';
import { withoutKeys } from '../core/keys';

/** Far above what a hook or a request needs: a few KiB. */
export const BODY_LIMIT_BYTES = 64 * 1024;

/** The request's JSON as `schema` has it. `body_too_large`, or `bad_request` naming every field that is wrong. */
export async function readJson<T>(request: Request, schema: z.ZodType<T>, limitBytes = BODY_LIMIT_BYTES): Promise<T> {
  return parseWith(schema, parseJson(await readText(request, limitBytes)), 'body');
}

/** Text of the body, at most `limitBytes`. */
export async function readText(request: Request, limitBytes = BODY_LIMIT_BYTES): Promise<string> {
  return new TextDecoder().decode(await readBytes(request, limitBytes));
}

/** The same, and `bad_request` for bytes that are no UTF-8. */
export async function readWellFormedText(request: Request, limitBytes = BODY_LIMIT_BYTES): Promise<string> {
  const bytes = await readBytes(request, limitBytes);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    throw new DomainError('bad_request', 'body: it is not UTF-8', { cause: error });
  }
}

async function readBytes(request: Request, limitBytes: number): Promise<ArrayBuffer> {
  const declared = Number(request.headers.get('content-length') ?? 0);
  if (declared > limitBytes) throw tooLarge(declared, limitBytes);
  const bytes = await request.arrayBuffer();
  if (bytes.byteLength > limitBytes) throw tooLarge(bytes.byteLength, limitBytes);
  return bytes;
}

export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const found = text === '' ? 'it is empty' : `got ${JSON.stringify(text.slice(0, 16))}`;
    throw new DomainError('bad_request', `body: use JSON; ${found}`, { cause: error });
  }
}

/** Half a surrogate pair, which no UTF-8 has: JSON can name one by its number. */
const LONE_SURROGATE = /\p{Surrogate}/u;

/** `parseJson`, and `bad_request` for text that cannot be stored. */
export function parseWellFormedJson(text: string): unknown {
  const value = parseJson(text);
  JSON.parse(text, (key, each) => {
    if (LONE_SURROGATE.test(key) || (typeof each === 'string' && LONE_SURROGATE.test(each)))
      throw new DomainError('bad_request', 'body: half a surrogate pair is no character');
    return each;
  });
  return value;
}

/** `value` as `schema` has it; `what` names the whole in the message. */
export function parseWith<T>(schema: z.ZodType<T>, value: unknown, what: string): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new DomainError('bad_request', describeIssues(parsed.error.issues, what), { cause: parsed.error });
}

/** Longer than any of our own: what is longer repeats what the caller sent. */
const MESSAGE_LIMIT = 300;
const shown = (text: string): string => withoutKeys(text).slice(0, MESSAGE_LIMIT);

/** The first of them in a sentence; `what` names the whole. */
export const describeIssues = (issues: readonly z.core.$ZodIssue[], what: string): string =>
  wrongFields(issues.slice(0, 5), what)
    .map(({ field, message }) => `${field}: ${message}`)
    .join('; ');

/** Each by its field; the first twenty. */
export const wrongFields = (issues: readonly z.core.$ZodIssue[], what: string): WrongField[] =>
  issues.slice(0, 20).map(({ path, message }) => ({
    field: path.length === 0 ? what : shown(z.core.toDotPath(path)),
    message: shown(message),
  }));

const tooLarge = (bytes: number, limitBytes: number): DomainError =>
  new DomainError('body_too_large', `body: ${bytes} bytes; at most ${limitBytes} are allowed`);
