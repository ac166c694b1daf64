import {
  Agent,
  request as httpRequest,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http';

/** Headers that belong to one connection: RFC 9110 7.6.1. */
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

/** Returns the headers of a message that are passed on, without `dropped`. */
const endToEnd = (headers: IncomingHttpHeaders, dropped: readonly string[] = []): IncomingHttpHeaders =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => !HOP_BY_HOP.has(name) && !dropped.includes(name)));

export interface Forwarding {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly port: number;
  /** Headers that replace the request's own. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The time after which a missing answer becomes 504. */
  readonly timeoutMs: number;
}

/**
 * Passes a request on to a port of this machine, body and answer as streams. Answers 503 when nothing listens, 504 when
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

/** A client that gets its answer while it still sends has this long to read it; then it is cut off. */
const LINGER_MS = 2_000;

/** Ends the answer once the client has sent everything: if it is cut off before, it does not read the answer. */
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

/** Sends a short answer, as a Google front end does. */
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
