import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { Server as HttpServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import type { HttpFunction } from '@google-cloud/functions-framework';
import type { Handler } from './http-handler';
import { nodeListener, sendProblem } from './node-listener';
import { rawAnswer, rawProblem } from './raw-problem';

const CONNECTION = 'net.server.socket';
/** A request is sent within this time, header and body: the largest is a megabyte. Node's own limit is five minutes. */
const REQUEST_TIMEOUT_MS = 30_000;
const HEADERS_TIMEOUT_MS = 15_000;

let current: RequestListener | undefined;
let stopFirst: (() => Promise<void>) | undefined;
const taken = new WeakSet<HttpServer>();

/**
 * Has `handler` answer whatever reaches the server that functions-framework starts, in the place of the framework's own
 * Express application. That one reads up to 1 GiB before a function is asked, parses bodies by their type, answers
 * malformed paths, `/favicon.ico` and `/robots.txt` itself, in HTML, and runs each request in a domain. The server is
 * taken over at its first connection, before a byte of it is parsed. What is no request (RFC 9112) is answered as a
 * problem too.
 */
export function aheadOfFramework(handler: Handler, stop?: () => Promise<void>): HttpFunction {
  leaveServersAlone();
  stopFirst = stop;
  current = nodeListener(handler);
  subscribe(CONNECTION, takeOver);
  return () => {
    throw new Error('functions-framework answered a request itself: its server was not taken over');
  };
}

/** Takes that back, for a process that hosts other servers too. */
export function leaveServersAlone(): void {
  unsubscribe(CONNECTION, takeOver);
  current = undefined;
}

function takeOver(message: unknown): void {
  if (typeof message !== 'object' || message === null || !('socket' in message)) return;
  if (!(message.socket instanceof Socket) || !('server' in message.socket)) return;
  const { server } = message.socket;
  if (!(server instanceof HttpServer) || taken.has(server) || current === undefined) return;
  taken.add(server);
  for (const event of ['request', 'checkContinue', 'checkExpectation', 'clientError', 'connect'])
    server.removeAllListeners(event);
  server.requestTimeout = REQUEST_TIMEOUT_MS;
  server.headersTimeout = HEADERS_TIMEOUT_MS;
  answerAll(server, current);
  if (stopFirst !== undefined) stopBeforeExit(stopFirst);
}

/** The framework's own listeners end the process at once; nothing is to be stopped before the first connection. */
function stopBeforeExit(stop: () => Promise<void>): void {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.removeAllListeners(signal);
    process.once(signal, () => void stop().finally(() => process.exit()));
  }
}

function answerAll(server: HttpServer, listener: RequestListener): void {
  const answering = new WeakMap<object, ServerResponse>();
  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    answering.set(request.socket, response);
    listener(request, response);
  };
  server.on('request', answer);
  server.on('checkContinue', answer);
  server.on('checkExpectation', (_request, response) =>
    sendProblem(rawProblem('expectation_failed', "Expect: use '100-continue', or nothing"), response),
  );
  server.on('connect', (_request, socket) =>
    socket.end(rawAnswer(rawProblem('method_not_allowed', 'CONNECT: this is no proxy'))),
  );
  server.on('clientError', (error, socket) => {
    const isBusy = answering.get(socket)?.headersSent === true && answering.get(socket)?.writableFinished === false;
    if (!socket.writable || isBusy || codeOf(error) === 'ECONNRESET') socket.destroy();
    else socket.end(rawAnswer(problemOf(codeOf(error))));
  });
}

const codeOf = (error: Error): unknown => ('code' in error ? error.code : undefined);

/** https://nodejs.org/api/http.html#event-clienterror */
function problemOf(code: unknown) {
  if (code === 'HPE_HEADER_OVERFLOW') return rawProblem('headers_too_large', 'header: at most 16 KiB are allowed');
  if (code === 'HPE_CHUNK_EXTENSIONS_OVERFLOW') return rawProblem('body_too_large', 'chunk extensions: too many bytes');
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return rawProblem('request_timeout', 'the request was not sent within 30 s');
  return rawProblem('bad_request', 'this is no HTTP/1.1 request');
}
