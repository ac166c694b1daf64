import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { Domain } from 'node:domain';
import { IncomingMessage } from 'node:http';
import { pipeline, Readable } from 'node:stream';
import type { Request as ExpressRequest, HttpFunction } from '@google-cloud/functions-framework';
import type { Handler } from './http-handler';

const REQUEST_START = 'http.server.request.start';

/**
 * `handler` as functions-framework wants it: the only code that knows Express. From here on every server of this process leaves
 * bodies unparsed: a function is alone in its process.
 */
export function forExpress(handler: Handler): HttpFunction {
  leaveBodiesAlone();
  subscribe(REQUEST_START, keepBodyRaw);
  return async (req, res) => {
    leaveDomain();
    // The one method Node takes and the Fetch standard forbids.
    if (req.method === 'TRACE') return res.status(405).end();
    const answer = await handler(toWebRequest(req));
    res.status(answer.status);
    for (const [name, value] of answer.headers) if (name !== 'set-cookie') res.setHeader(name, value);
    if (answer.headers.getSetCookie().length > 0) res.setHeader('Set-Cookie', answer.headers.getSetCookie());
    if (answer.body !== null && isEndless(answer)) pipeline(Readable.from(answer.body), res, () => undefined);
    else res.end(Buffer.from(await answer.arrayBuffer()));
  };
}

/**
 * functions-framework runs each request in a domain, which Node carries through every promise that follows. A handler answers its
 * own errors, and what it rejects with is caught as before; only what a callback of a library throws is no longer an answer, but the
 * end of the process, as it is everywhere else.
 */
function leaveDomain(): void {
  const domain: unknown = Reflect.get(process, 'domain');
  if (domain instanceof Domain) domain.exit();
}

/** Media goes on until one side leaves, which closes the other. Everything else is short, and gets its length. */
const isEndless = (answer: Response): boolean => answer.headers.get('content-type')?.startsWith('video/') ?? false;

/** Takes that back, for a process that hosts other servers too. */
export function leaveBodiesAlone(): void {
  unsubscribe(REQUEST_START, keepBodyRaw);
}

/**
 * functions-framework parses bodies before the function is asked, by their type: bad JSON gets Express's HTML page, a small gzip
 * may grow to 1 GiB, and a body without a type is lost. So it is shown plain bytes; the handler sees the true headers (`rawHeaders`).
 */
function keepBodyRaw(message: unknown): void {
  if (typeof message !== 'object' || message === null || !('request' in message)) return;
  if (!(message.request instanceof IncomingMessage)) return;
  message.request.headers['content-type'] = 'application/octet-stream';
  delete message.request.headers['content-encoding'];
}

/** The host is left out: nothing here may depend on what a client calls us. */
function toWebRequest(req: ExpressRequest): Request {
  const url = new URL(`http://function/${req.originalUrl.replace(/^\/+/, '')}`);
  const body = req.method === 'GET' || req.method === 'HEAD' ? undefined : req.rawBody;
  const init = { method: req.method, headers: trueHeaders(req.rawHeaders) };
  return new Request(url, body === undefined ? init : { ...init, body: new Uint8Array(body) });
}

function trueHeaders(raw: readonly string[]): Headers {
  const headers = new Headers();
  for (let at = 0; at + 1 < raw.length; at += 2) headers.append(raw[at] ?? '', raw[at + 1] ?? '');
  return headers;
}
