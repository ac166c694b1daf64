import { z } from 'zod';
import { DomainError } from '../core/errors';

/** Far above what a hook or a request needs: a few KiB. */
export const BODY_LIMIT_BYTES = 64 * 1024;

/** The request's JSON as `schema` has it. `body_too_large`, or `bad_request` naming every field that is wrong. */
export async function readJson<T>(request: Request, schema: z.ZodType<T>, limitBytes = BODY_LIMIT_BYTES): Promise<T> {
  return parseWith(schema, parseJson(await readText(request, limitBytes)), 'body');
}

/** Text of the body, at most `limitBytes`. */
export async function readText(request: Request, limitBytes = BODY_LIMIT_BYTES): Promise<string> {
  const declared = Number(request.headers.get('content-length') ?? 0);
  if (declared > limitBytes) throw tooLarge(declared, limitBytes);
  const bytes = await request.arrayBuffer();
  if (bytes.byteLength > limitBytes) throw tooLarge(bytes.byteLength, limitBytes);
  return new TextDecoder().decode(bytes);
}

export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const found = text === '' ? 'it is empty' : `got ${JSON.stringify(text.slice(0, 16))}`;
    throw new DomainError('bad_request', `body: use JSON; ${found}`, { cause: error });
  }
}

/** `value` as `schema` has it; `what` names the whole in the message. */
export function parseWith<T>(schema: z.ZodType<T>, value: unknown, what: string): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new DomainError('bad_request', parsed.error.issues.slice(0, 5).map(describeIssue(what)).join('; '), {
    cause: parsed.error,
  });
}

const describeIssue =
  (what: string) =>
  (issue: z.core.$ZodIssue): string => {
    const field = issue.path.length === 0 ? what : z.core.toDotPath(issue.path);
    return `${field}: ${issue.message}`;
  };

const tooLarge = (bytes: number, limitBytes: number): DomainError =>
  new DomainError('body_too_large', `body: ${bytes} bytes; at most ${limitBytes} are allowed`);
