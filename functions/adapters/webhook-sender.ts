import { lookup, Resolver } from 'node:dns/promises';
import http, { type ClientRequest, type RequestOptions } from 'node:http';
import https from 'node:https';
import { isIP, type LookupFunction, type Socket } from 'node:net';
import { Webhook } from 'standardwebhooks';
import type { AttemptFailure } from '../contract/webhooks';
import { defined } from '../core/defined';
import { mayConnect, type ReceiverPolicy, receiverProblem } from '../core/webhooks/receiver-url';
import type { Clock, WebhookRequest, WebhookSender } from '../ports/stores';
import { failureCode } from './gcp/google/retry';

export interface WebhookSenderOptions {
  policy: ReceiverPolicy;
  clock: Pick<Clock, 'now'>;
  /** Every address of a name. @default by DNS, within 2 s a try */
  resolve?: (name: string) => Promise<readonly string[]>;
  /** From the start until the status is there. @default 10 s */
  timeoutMs?: number;
  /** Certificates to trust beside the usual ones. */
  ca?: string;
}

const TIMEOUT_MS = 10_000;
const USER_AGENT = 'srs-live-webhooks/1';

/**
 * `WebhookSender` over HTTP, against everything a receiver's owner could try. The name is resolved once, every address
 * of it has to be public, the connection goes to exactly those addresses, and what it is connected to is looked at once
 * more before anything is said; so a name that changes its mind between look and call gains nothing. A redirect is an
 * answer, never followed. Of an answer only the status is read, its body is not: there is no limit to get wrong, and
 * nothing of an inner service could leak. Signed as https://www.standardwebhooks.com says.
 */
export function webhookSender(options: WebhookSenderOptions): WebhookSender {
  const { policy, clock, timeoutMs = TIMEOUT_MS } = options;
  return async (request) => {
    const startedAt = clock.now();
    const latency = () => Math.max(0, clock.now() - startedAt);
    if (receiverProblem(request.url, policy) !== undefined) return { failure: 'refused_url', latencyMs: latency() };
    const signal = AbortSignal.timeout(timeoutMs);
    try {
      // The wait has the deadline, not the work: a request may be beyond its signal, as after 101 Switching Protocols.
      const status = await unlessAborted(signal, post(request, { ...options, signal }));
      return { status, latencyMs: latency() };
    } catch (error) {
      return { failure: signal.aborted ? 'timeout' : failureOf(error), latencyMs: latency() };
    }
  };
}

async function post(request: WebhookRequest, options: WebhookSenderOptions & { signal: AbortSignal }): Promise<number> {
  const { policy, signal, ca } = options;
  const url = new URL(request.url);
  const addresses = await unlessAborted(signal, addressesOf(url, options));
  if (!addresses.every((address) => mayConnect(address, policy))) throw new SendError('refused_address');
  const settings: RequestOptions & { ca?: string } = {
    method: 'POST',
    headers: headersOf(request),
    lookup: pinnedTo(addresses),
    agent: false,
    signal,
    ...defined({ ca }),
  };
  const sent = url.protocol === 'https:' ? https.request(url, settings) : http.request(url, settings);
  sent.on('socket', (socket) => refuseOthers(socket, policy));
  return statusOf(sent, request.body);
}

const statusOf = (sent: ClientRequest, body: string): Promise<number> =>
  new Promise((resolve, reject) => {
    sent.on('error', reject);
    // Nothing more comes of a connection that is closed.
    sent.on('close', () => reject(new SendError('connection')));
    // 101 is an answer like any other that is not 2xx; whatever the receiver would speak then, we do not.
    sent.on('upgrade', (response, socket) => {
      resolve(response.statusCode ?? 0);
      socket.destroy();
    });
    sent.on('response', (response) => {
      response.on('error', () => undefined);
      resolve(response.statusCode ?? 0);
      response.destroy();
    });
    sent.end(body);
  });

function headersOf({ id, at, secrets, body }: WebhookRequest): Record<string, string> {
  const timestamp = new Date(Math.floor(at / 1000) * 1000);
  return {
    'content-type': 'application/json',
    'content-length': String(Buffer.byteLength(body)),
    'user-agent': USER_AGENT,
    'webhook-id': id,
    'webhook-timestamp': String(timestamp.getTime() / 1000),
    'webhook-signature': secrets.map((secret) => new Webhook(secret).sign(id, timestamp, body)).join(' '),
  };
}

async function addressesOf(url: URL, { resolve = byDns }: WebhookSenderOptions): Promise<readonly string[]> {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const addresses = isIP(host) === 0 ? await resolve(host) : [host];
  if (addresses.length === 0) throw new SendError('dns');
  return addresses;
}

/** Not `dns.lookup`: it takes one of the process's four threads for as long as a slow name server likes. */
async function byDns(name: string): Promise<readonly string[]> {
  if (name === 'localhost') return (await lookup(name, { all: true })).map(({ address }) => address);
  const resolver = new Resolver({ timeout: 2_000, tries: 2 });
  const found = await Promise.allSettled([resolver.resolve4(name), resolver.resolve6(name)]);
  return found.flatMap((result) => (result.status === 'fulfilled' ? result.value : []));
}

/** Answers the connection's question for addresses with those that were looked at. */
const pinnedTo =
  (addresses: readonly string[]): LookupFunction =>
  (_name, { all }, done) => {
    const found = addresses.map((address) => ({ address, family: isIP(address) }));
    if (all) return done(null, found);
    const [first] = found;
    done(null, first?.address ?? '', first?.family);
  };

/** The last look: at what the connection really leads to, before a byte is sent. */
function refuseOthers(socket: Socket, policy: ReceiverPolicy): void {
  socket.once('connect', () => {
    if (!mayConnect(socket.remoteAddress ?? '', policy)) socket.destroy(new SendError('refused_address'));
  });
}

class SendError extends Error {
  constructor(readonly failure: AttemptFailure) {
    super(failure);
  }
}

async function unlessAborted<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  const aborted = new Promise<never>((_, reject) => {
    if (signal.aborted) reject(new SendError('timeout'));
    signal.addEventListener('abort', () => reject(new SendError('timeout')), { once: true });
  });
  // A rejection after the deadline is ignored.
  work.catch(() => undefined);
  return Promise.race([work, aborted]);
}

function failureOf(error: unknown): AttemptFailure {
  if (error instanceof SendError) return error.failure;
  const code = String(failureCode(error) ?? '');
  if (/^(ENOTFOUND|EAI_|ENODATA|ESERVFAIL)/.test(code)) return 'dns';
  return /^(ERR_TLS|ERR_SSL|EPROTO|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO)/.test(code) ? 'tls' : 'connection';
}
