import {
  Agent,
  request as httpRequest,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http';

/** RFC 9110 7.6.1: these belong to one connection. */
const HOP_BY_HOP = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

const connections = new Agent({ keepAlive: true, maxFreeSockets: 32, timeout: 60_000 });

/** The headers of a message that travel on, but for `dropped`. */
const endToEnd = (headers: IncomingHttpHeaders, dropped: readonly string[] = []): IncomingHttpHeaders =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => !HOP_BY_HOP.has(name) && !dropped.includes(name)));

export interface Forwarding {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly port: number;
  /** Replace the request's own. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Without an answer after that long: 504. */
  readonly timeoutMs: number;
}

/**
 * Sends a request on to a port of this machine, body and answer as streams. Answers 503 when nothing listens, 504 when
 * late.
 */
export function forward({ request, response, port, headers = {}, timeoutMs }: Forwarding): void {
  const onward = httpRequest({
    agent: connections,
    host: '127.0.0.1',
    port,
    method: request.method,
    path: request.url,
    headers: { ...endToEnd(request.headers), ...headers },
    timeout: timeoutMs,
  });
  onward.once('timeout', () => onward.destroy(new Error('timeout')));
  onward.once('error', (error) => fail(response, error.message === 'timeout' ? 504 : 503));
  onward.once('response', (answer) => {
    response.writeHead(answer.statusCode ?? 502, endToEnd(answer.headers));
    answer.pipe(response, { end: false });
    answer.once('error', () => response.destroy());
    answer.once('end', () => endAfter(request, response));
    onward.removeAllListeners('error').on('error', () => answer.complete || response.destroy());
  });
  response.once('close', () => onward.destroy());
  request.pipe(onward);
}

/** A client that is answered while it still sends has this long to hear it; then it is cut off. */
const LINGER_MS = 2_000;

/** Ends the answer once the client has sent what it had: cut off before, it would hear nothing of the answer. */
function endAfter(request: IncomingMessage, response: ServerResponse): void {
  if (request.complete) return void response.end();
  const end = (): void => {
    clearTimeout(timer);
    response.end();
  };
  const timer = setTimeout(() => {
    end();
    request.destroy();
  }, LINGER_MS);
  request.unpipe().once('end', end).once('close', end).resume();
}

function fail(response: ServerResponse, status: number): void {
  if (response.headersSent) response.destroy();
  else plain(response, status, status === 504 ? 'upstream request timeout' : 'no instance available');
}

/** A short answer of a Google front end. */
export function plain(
  response: ServerResponse,
  status: number,
  body: string,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, {
    'content-type': 'text/plain; charset=utf-8',
    'cache-control': 'private, max-age=0',
    ...headers,
  });
  response.end(`${body}\n`);
}
