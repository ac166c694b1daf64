import { request } from 'node:http';
import type { Log } from '../../../functions/ports/stores';
import { isAccepted } from './reply';

/** The sender of hooks. `serviceId` is new at every start. */
export interface SrsIdentity {
  readonly serverId: string;
  readonly serviceId: string;
}

/** One connection after its request. `param` with its leading `?`, or empty. */
export interface Visitor {
  readonly clientId: string;
  readonly ip: string;
  readonly app: string;
  readonly stream: string;
  readonly param: string;
  readonly tcUrl: string;
  readonly pageUrl: string;
  /** SRS's id of the stream, `vid-...`, which is not the product's. */
  readonly streamId: string;
}

/** A segment that was closed. Paths are absolute; URLs are relative to `hlsRoot`. */
export interface HlsSegment {
  readonly file: string;
  readonly url: string;
  readonly m3u8: string;
  readonly m3u8_url: string;
  readonly seq_no: number;
  readonly durationMs: number;
}

export type HookBody = Readonly<Record<string, string | number>> & { readonly action: string };

const VHOST = '__defaultVhost__';
const round = (seconds: number): number => Math.round(seconds * 100) / 100;

const common = ({ serverId, serviceId }: SrsIdentity, action: string, { clientId, ip, app }: Visitor) => ({
  server_id: serverId,
  service_id: serviceId,
  action,
  client_id: clientId,
  ip,
  vhost: VHOST,
  app,
});
const address = ({ app, stream, streamId }: Visitor) => ({ stream_url: `/${app}/${stream}`, stream_id: streamId });

/** Makes SRS's hook bodies: the fields of 6.0.157, in its order. */
export function hookBodies(identity: SrsIdentity) {
  const streamed = (action: string, visitor: Visitor, more: Omit<HookBody, 'action'> = {}): HookBody => ({
    ...common(identity, action, visitor),
    ...pick(visitor, ['tcUrl', 'stream', 'param']),
    ...more,
    ...address(visitor),
  });
  return {
    connect: (visitor: Visitor): HookBody => ({
      ...common(identity, 'on_connect', visitor),
      ...pick(visitor, ['stream', 'param', 'tcUrl', 'pageUrl']),
    }),
    close: (visitor: Visitor, bytes: { sent: number; received: number }): HookBody => ({
      ...common(identity, 'on_close', visitor),
      send_bytes: bytes.sent,
      recv_bytes: bytes.received,
    }),
    publish: (visitor: Visitor) => streamed('on_publish', visitor),
    unpublish: (visitor: Visitor) => streamed('on_unpublish', visitor),
    stop: (visitor: Visitor) => streamed('on_stop', visitor),
    play: (visitor: Visitor): HookBody => ({
      ...common(identity, 'on_play', visitor),
      ...pick(visitor, ['stream', 'tcUrl', 'param', 'pageUrl']),
      ...address(visitor),
    }),
    hls: (visitor: Visitor, { durationMs, file, ...segment }: HlsSegment) =>
      streamed('on_hls', visitor, { duration: round(durationMs / 1000), cwd: process.cwd(), file, ...segment }),
  };
}

/** Returns these fields, in this order. */
const pick = (visitor: Visitor, keys: readonly (keyof Visitor)[]): Record<string, string> =>
  Object.fromEntries(keys.map((key) => [key, visitor[key]]));

/** SRS_HTTP_CLIENT_TIMEOUT of SRS 5 and 6. */
const TIMEOUT_MS = 30_000;

/** Posts a hook; true if the answer lets the client go on. One connection a call and no retry, as SRS does it. */
export type PostHook = (body: HookBody) => Promise<boolean>;

/** Makes the sender of hooks. `actions`: those that `srs.conf` names; the others are accepted without a request. */
export function hookPoster(hooksUrl: string, actions: readonly string[], log: Log): PostHook {
  return async (body) => {
    if (!actions.includes(body.action)) return true;
    try {
      const { status, text } = await post(`${hooksUrl}/srs/${body.action}`, JSON.stringify(body));
      if (isAccepted(status, text)) return true;
      log.info('hook_refused', { action: body.action, client_id: body.client_id, status });
    } catch (error) {
      log.warn('hook_failed', { action: body.action, client_id: body.client_id, reason: String(error) });
    }
    return false;
  };
}

function post(url: string, body: string): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const headers = { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) };
    const call = request(
      url,
      { method: 'POST', agent: false, headers, signal: AbortSignal.timeout(TIMEOUT_MS) },
      (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.on('end', () => resolve({ status: answer.statusCode ?? 0, text: Buffer.concat(chunks).toString() }));
        answer.on('error', reject);
      },
    );
    call.on('error', reject);
    call.end(body);
  });
}
