import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { StorageError } from './storage-error';

/** A request with its whole body. */
export interface ApiRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface StorageAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: Buffer | string;
  /** True: half of the body is sent, then the connection breaks. @default false */
  readonly isCut?: boolean;
}

/** No cache may keep an error. */
export const UNCACHED = { 'cache-control': 'private, max-age=0' } as const;

export const jsonAnswer = (value: unknown, status = 200): StorageAnswer => ({
  status,
  headers: {
    'content-type': 'application/json; charset=UTF-8',
    'cache-control': 'no-cache, no-store, max-age=0, must-revalidate',
  },
  body: JSON.stringify(value),
});

/** Returns the URL at the origin that the caller used, so that links lead back here. */
export function urlOf(request: IncomingMessage): URL {
  try {
    return new URL(request.url ?? '/', `http://${request.headers.host ?? '127.0.0.1'}`);
  } catch {
    throw new StorageError(400, 'badRequest', `Invalid URL: '${request.url}'.`);
  }
}

/**
 * Reads a body. Throws 413 beyond `limitBytes`, once the caller has sent everything: a caller that is cut off does not
 * read the answer.
 */
export async function readBody(request: IncomingMessage, limitBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    const bytes = Buffer.from(chunk);
    size += bytes.length;
    if (size <= limitBytes) chunks.push(bytes);
    else chunks.length = 0;
  }
  if (size > limitBytes)
    throw new StorageError(413, 'uploadTooLarge', `At most ${limitBytes} bytes are taken in one request.`);
  return Buffer.concat(chunks, size);
}

export function send(response: ServerResponse, { status, headers, body, isCut }: StorageAnswer): void {
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  const mayHaveBody = status !== 204 && status !== 304;
  if (mayHaveBody && !response.hasHeader('content-length'))
    response.setHeader('content-length', Buffer.byteLength(body ?? ''));
  response.writeHead(status);
  if (isCut === true) sendHalf(response, Buffer.from(body ?? ''));
  else response.end(mayHaveBody ? body : undefined);
}

const sendHalf = (response: ServerResponse, body: Buffer): void =>
  void response.write(body.subarray(0, body.length >> 1), () => response.destroy());

/** Decodes a path. Throws 400 for one that is not percent-encoded UTF-8. */
export function decodePath(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new StorageError(400, 'invalid', `Invalid path: '${text}'.`);
  }
}
