import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Handler } from './http-handler';
import { requestBody } from './node-body';
import { sendMedia } from './node-media';
import { type RawProblem, rawProblem } from './raw-problem';

/**
 * Whatever a client has not sent yet and nobody will read: up to here it is read and dropped, above it the connection
 * ends.
 */
const DROPPED_BYTES = 64 * 1024;
/** A client that is refused in mid-sentence needs this long to hear it; then it is cut off. */
const LINGER_MS = 2_000;

/**
 * `handler` as Node's servers want it. Nothing of a body is read before the handler asks for it, and no more than it
 * asks for. A client that leaves aborts the request's signal.
 */
export const nodeListener =
  (handler: Handler): RequestListener =>
  (message, response) =>
    void serve(handler, message, response);

async function serve(handler: Handler, message: IncomingMessage, response: ServerResponse): Promise<void> {
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  message.once('error', () => undefined);
  try {
    await send(await answerTo(handler, message, { response, signal: gone.signal }), message, response);
  } catch {
    // A handler answers its own faults: what is left is an answer that cannot be written.
    if (response.headersSent) response.destroy();
    else sendProblem(rawProblem('internal', 'the request failed; the log has more'), response);
  }
}

/**
 * Methods that the Fetch standard forbids; Node takes the first of them. No path has them: another that no path has is
 * asked for instead.
 */
const FORBIDDEN = new Set(['TRACE', 'CONNECT', 'TRACK']);
const UNKNOWN_METHOD = 'FORBIDDEN';

async function answerTo(
  handler: Handler,
  message: IncomingMessage,
  { response, signal }: { response: ServerResponse; signal: AbortSignal },
): Promise<Response> {
  const method = FORBIDDEN.has(message.method ?? '') ? UNKNOWN_METHOD : (message.method ?? 'GET');
  const headers = headersOf(message.rawHeaders);
  const init = { method, headers, signal };
  const body = method === 'GET' || method === 'HEAD' ? undefined : requestBody(message, response);
  const withBody: RequestInit & { duplex: 'half' } = { ...init, body: body ?? null, duplex: 'half' };
  return handler(new Request(urlOf(message), withBody));
}

/**
 * The host is left out: nothing here may depend on what a client calls us. RFC 9112 3.2.2 allows a whole URL as target.
 */
const urlOf = ({ url = '/' }: IncomingMessage): string =>
  `http://function/${url.replace(/^[a-z][a-z0-9+.-]{0,15}:\/\/[^/?#]*/i, '').replace(/^\/+/, '')}`;

function headersOf(raw: readonly string[]): Headers {
  const headers = new Headers();
  for (let at = 0; at + 1 < raw.length; at += 2) headers.append(raw[at] ?? '', raw[at + 1] ?? '');
  return headers;
}

/**
 * Media and events go on until one side leaves, which closes the other. Everything else is short, and gets its length.
 */
const isEndless = (answer: Response): boolean =>
  /^(video\/|text\/event-stream)/.test(answer.headers.get('content-type') ?? '');

async function send(answer: Response, message: IncomingMessage, response: ServerResponse): Promise<void> {
  const isHead = message.method === 'HEAD';
  if (isHead || response.destroyed) await answer.body?.cancel();
  if (response.destroyed) return;
  writeHead(answer, response);
  if (answer.body !== null && !isHead && isEndless(answer)) return sendMedia(answer.body, response);
  const body = isHead || answer.body === null ? undefined : Buffer.from(await answer.arrayBuffer());
  if (willDrop(message)) response.end(body);
  else cutShort(message, response, body);
}

function writeHead(answer: Response, response: ServerResponse): void {
  response.statusCode = answer.status;
  for (const [name, value] of answer.headers) if (name !== 'set-cookie') response.setHeader(name, value);
  const cookies = answer.headers.getSetCookie();
  if (cookies.length > 0) response.setHeader('Set-Cookie', cookies);
}

/** Returns whether the rest of the request is short: Node reads and drops it, and the connection goes on. */
function willDrop(message: IncomingMessage): boolean {
  return message.complete || Number(message.headers['content-length'] ?? Infinity) <= DROPPED_BYTES;
}

/**
 * Answers while the client still sends, which it learns only if its bytes are taken for a moment; then the connection
 * ends.
 */
function cutShort(message: IncomingMessage, response: ServerResponse, body: Buffer | undefined): void {
  response.setHeader('Connection', 'close');
  response.setHeader('Content-Length', body?.length ?? 0);
  response.flushHeaders();
  if (body !== undefined) response.write(body);
  const end = (): void => {
    clearTimeout(timer);
    response.end();
  };
  const timer = setTimeout(() => {
    end();
    message.socket.destroy();
  }, LINGER_MS);
  message.once('end', end);
  message.once('close', end);
  message.resume();
}

export function sendProblem({ status, headers, body }: RawProblem, response: ServerResponse): void {
  response.writeHead(status, { ...headers, 'Content-Length': Buffer.byteLength(body) }).end(body);
}
