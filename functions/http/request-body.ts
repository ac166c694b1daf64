import { z } from 'zod';
import { DomainError, type WrongField } from '../core/errors';
import { withoutKeys } from '../core/keys';
import { parseJson, parseWellFormedJson } from './outside-json';

/** Far above what a hook or a request needs: a few KiB. */
const BODY_LIMIT_BYTES = 64 * 1024;

/** The request's JSON as `schema` has it. `body_too_large`, or `bad_request` naming every field that is wrong. */
export async function readJson<T>(request: Request, schema: z.ZodType<T>, limitBytes = BODY_LIMIT_BYTES): Promise<T> {
  return parseWith(schema, parseJson(await readText(request, limitBytes)), 'body');
}

/** The request's JSON as `schema` has it. `invalid_field` naming every field that is wrong; else as `readJson`. */
export async function readFields<T>(request: Request, schema: z.ZodType<T>, limitBytes = BODY_LIMIT_BYTES): Promise<T> {
  const value = parseWellFormedJson(await readWellFormedText(request, limitBytes));
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const { issues } = parsed.error;
  const body = { what: 'body', value };
  const options = { cause: parsed.error, fields: wrongFields(issues, body) };
  throw new DomainError('invalid_field', describeIssues(issues, body), options);
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

async function readBytes(request: Request, limitBytes: number): Promise<Uint8Array> {
  const declared = Number(request.headers.get('content-length') ?? 0);
  if (declared > limitBytes) throw tooLarge(`${declared}`, limitBytes);
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for (const reader = request.body?.getReader(); reader !== undefined; ) {
    const { done, value } = await reader.read();
    if (done) break;
    bytes += value.byteLength;
    if (bytes > limitBytes) {
      await reader.cancel();
      throw tooLarge(`more than ${limitBytes}`, limitBytes);
    }
    parts.push(value);
  }
  return Buffer.concat(parts);
}

/** `value` as `schema` has it; `what` names the whole in the message. */
export function parseWith<T>(schema: z.ZodType<T>, value: unknown, what: string): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new DomainError('bad_request', describeIssues(parsed.error.issues, { what, value }), { cause: parsed.error });
}

/** Longer than any of our own: what is longer repeats what the caller sent. */
const MESSAGE_LIMIT = 300;
const shown = (text: string): string => withoutKeys(text).slice(0, MESSAGE_LIMIT);

/** A value that was refused; `what` names the whole. Without a `value` none is quoted. */
export interface RefusedValue {
  readonly what: string;
  readonly value?: unknown;
}

/** The first of them in a sentence. */
export const describeIssues = (issues: readonly z.core.$ZodIssue[], refused: RefusedValue): string =>
  wrongFields(issues.slice(0, 5), refused)
    .map(({ field, message }) => `${field}: ${message}`)
    .join('; ');

/** Each by its field, with the value that it had; the first twenty. */
export const wrongFields = (issues: readonly z.core.$ZodIssue[], { what, value }: RefusedValue): WrongField[] =>
  issues.slice(0, 20).map(({ path, message }) => ({
    field: path.length === 0 ? what : shown(z.core.toDotPath(path)),
    message: shown(message) + quoted(path, value, message),
  }));

/** Fields that hold a secret, or an address with one in it. */
const SECRET_FIELD = /key|secret|token|password|credential|authorization|cookie|signature|sdp|param|url/i;
const VALUE_LIMIT = 60;
/** Characters that a reader does not see, or that turn the text around: they are written as their numbers. */
const UNSEEN = /[\p{Cc}\p{Cf}\u2028\u2029]/gu;
const numbered = (character: string): string => `\\u{${character.codePointAt(0)?.toString(16)}}`;

/** `; got '...'` for a text, a number or a truth value that is no secret, unless the message has it already. */
function quoted(path: readonly PropertyKey[], whole: unknown, message: string): string {
  if (path.some((part) => SECRET_FIELD.test(String(part))) || message.includes('got ')) return '';
  const value = path.reduce<unknown>(
    (from, part) => (typeof from === 'object' && from !== null ? Reflect.get(from, part) : undefined),
    whole,
  );
  if (typeof value === 'number' || typeof value === 'boolean') return `; got ${value}`;
  if (typeof value !== 'string') return '';
  // Cut after the secrets are out, so that no half of one is left.
  const text = [...withoutKeys(value.slice(0, BODY_LIMIT_BYTES))];
  const end = text.length > VALUE_LIMIT ? '…' : '';
  return `; got '${text.slice(0, VALUE_LIMIT).join('').replace(UNSEEN, numbered)}${end}'`;
}

const tooLarge = (bytes: string, limitBytes: number): DomainError =>
  new DomainError('body_too_large', `body: ${bytes} bytes; at most ${limitBytes} are allowed`);
