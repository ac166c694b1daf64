import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { z } from 'zod';
import { SrsHook } from '../../../functions/contract/hooks/srs';
import { PUBLIC_PREFIXES, path, ROUTES } from '../../../functions/contract/routes';
import { DomainError, type ErrorCode } from '../../../functions/core/errors';
import { withoutKeys } from '../../../functions/core/keys';
import type { Log } from '../../../functions/ports/stores';
import type { HookAnswer } from '../srs/answers';
import { sendMedia } from './media-reply';

/** SRS's longest body is some 10 KB: ten strings of 2048 at most. */
const BODY_LIMIT_BYTES = 64 * 1024;

export interface AgentReply {
  status: number;
  /** A stream goes on until it ends or the client leaves; bytes are sent as they are, other objects as JSON. */
  body: string | object | Readable | Uint8Array;
  headers?: Readonly<Record<string, string>>;
}
/** `body` is `undefined` when it is longer than any hook. */
export interface AgentRequest {
  method: string;
  path: string;
  query: URLSearchParams;
  header: (name: string) => string | undefined;
  body: () => Promise<string | undefined>;
  /** The client's address, as the load balancer or another node saw it. */
  address: string;
  /** The caller has left before it was answered. */
  gone: AbortSignal;
}
export type AgentHandler = (request: AgentRequest) => Promise<AgentReply>;

const problem = (status: number, error: string, message: string): AgentReply => ({
  status,
  body: { error, message },
});
/** Makes the refusal that a caller of the public listener gets; `NodeRefusal` in the contract. */
export const refused = problem;
export const NOT_FOUND = problem(404, 'route_not_found', 'there is nothing here');

async function readBody(request: IncomingMessage): Promise<string | undefined> {
  if (Number(request.headers['content-length'] ?? 0) > BODY_LIMIT_BYTES) return undefined;
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    const part = Buffer.from(chunk);
    bytes += part.length;
    // Node reads and drops the rest.
    if (bytes > BODY_LIMIT_BYTES) return undefined;
    chunks.push(part);
  }
  return Buffer.concat(chunks).toString('utf8');
}

export const Json = z.string().transform((text, context): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    context.addIssue({ code: 'custom', message: 'use JSON' });
    return z.NEVER;
  }
});
const Body = Json.pipe(SrsHook);

/** The issues by field; never a value, since one of them may hold a key. */
export const describe = (error: z.ZodError): string =>
  error.issues.map(({ path, message }) => `${path.length === 0 ? 'body' : path.join('.')}: ${message}`).join('; ');

const PREFIX = path(ROUTES.agentHooks.action, { action: '' });

/**
 * SRS's face of the agent: one path an action. A body that is not a hook of that action answers 400 and changes
 * nothing.
 */
export function hookHandler(answer: (hook: SrsHook, gone: AbortSignal) => Promise<HookAnswer>): AgentHandler {
  return async ({ method, path, body, gone }) => {
    if (!path.startsWith(PREFIX)) return NOT_FOUND;
    if (method !== 'POST') return problem(405, 'method_not_allowed', `method ${method}: use POST`);
    const text = await body();
    if (text === undefined) return problem(413, 'body_too_large', `body: use at most ${BODY_LIMIT_BYTES} bytes`);
    const hook = Body.safeParse(text);
    if (!hook.success) return problem(400, 'bad_request', describe(hook.error));
    const action = path.slice(PREFIX.length);
    if (hook.data.action !== action) {
      return problem(
        400,
        'bad_request',
        `action '${hook.data.action}': use the one of the path, '${action.slice(0, 40)}'`,
      );
    }
    return { status: 200, body: await answer(hook.data, gone) };
  };
}

/** GET routes by path; everything else is not there. */
export function getHandler(routes: Readonly<Record<string, () => AgentReply | Promise<AgentReply>>>): AgentHandler {
  return async ({ method, path }) => (method === 'GET' ? ((await routes[path]?.()) ?? NOT_FOUND) : NOT_FOUND);
}

const STATUS: Partial<Record<ErrorCode, number>> = { unauthenticated: 401, forbidden: 403, unavailable: 503 };

/** Answers with the first handler that has something; with nothing when none has. */
export function firstOf(...handlers: readonly AgentHandler[]): AgentHandler {
  return async (request) => {
    for (const handler of handlers) {
      const reply = await handler(request);
      if (reply !== NOT_FOUND) return reply;
    }
    return NOT_FOUND;
  };
}

/** The handler's reply; what it threw as one. A refusal and a failure are logged here, once. */
export async function replyTo(handler: AgentHandler, request: AgentRequest, log: Log): Promise<AgentReply> {
  const path = withoutKeys(request.path).slice(0, 100);
  try {
    const reply = await handler(request);
    // Anybody may ask for media: strangers would write the log, a line a request.
    const isPublic = request.path.startsWith(PUBLIC_PREFIXES.live);
    if (!isPublic && reply.status >= 400 && reply.status < 500)
      log.warn('request_refused', { path, reply: reply.body });
    return reply;
  } catch (error) {
    if (error instanceof DomainError) {
      log.warn('request_refused', { path, message: error.message });
      return problem(STATUS[error.code] ?? 400, error.code, error.message);
    }
    log.error('request_failed', { path, error });
    return problem(500, 'internal', 'the agent could not do that: its log says why');
  }
}

function toRequest(request: IncomingMessage, response: ServerResponse): AgentRequest {
  const [path = '/', ...query] = (request.url ?? '/').split('?');
  return {
    method: request.method ?? '',
    path,
    query: new URLSearchParams(query.join('?')),
    header: (name) => request.headers[name]?.toString(),
    body: () => readBody(request),
    address: addressOf(request),
    gone: goneSignal(response),
  };
}

/** The load balancer puts the client's address and its own behind whatever the client claims. */
function addressOf({ headers, socket }: IncomingMessage): string {
  const hops = (headers['x-forwarded-for']?.toString() ?? '').split(',').map((hop) => hop.trim().slice(0, 64));
  return (hops.length > 1 ? hops.at(-2) : hops.at(-1)) || (socket.remoteAddress ?? 'unknown');
}

function goneSignal(response: ServerResponse): AbortSignal {
  const gone = new AbortController();
  response.once('close', () => {
    if (!response.writableFinished) gone.abort();
  });
  return gone.signal;
}

function send(response: ServerResponse, { status, body, headers = {} }: AgentReply): void {
  const type = typeof body === 'string' ? 'text/plain; charset=utf-8' : 'application/json';
  if (status === 204) return void response.writeHead(204, headers).end();
  response.writeHead(status, { 'content-type': type, ...headers });
  if (body instanceof Readable) void sendMedia(body, response);
  else response.end(typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body));
}

/** A listener of the agent. */
export class Listener {
  private readonly server: Server;

  constructor(handler: AgentHandler, log: Log) {
    this.server = createServer((request, response) => {
      replyTo(handler, toRequest(request, response), log).then(
        (reply) => send(response, reply),
        (error: unknown) => log.error('answer_failed', { error }),
      );
    });
  }

  /** Resolves with the port; rejects with one sentence when it cannot be bound. */
  async listen(host: string, port: number): Promise<number> {
    await new Promise<void>((resolve, reject) => {
      this.server.once('error', (error) => reject(new Error(`cannot listen on ${host}:${port}: ${error.message}`)));
      this.server.listen(port, host, resolve);
    });
    const address: AddressInfo | string | null = this.server.address();
    return address !== null && typeof address === 'object' ? address.port : port;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise<void>((resolve) => this.server.close(() => resolve()));
  }
}
