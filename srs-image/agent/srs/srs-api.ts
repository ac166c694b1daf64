import { z } from 'zod';
import { abortedAfter } from '../../../functions/adapters/awake-timer';
import type { PlayKind } from '../../../functions/contract/hooks/media';
import { LIVE_APP, StreamId } from '../../../functions/contract/ids';
import { eachReadable } from '../../../functions/contract/readable';
import type { SrsApi, SrsPlayer, SrsStream } from '../runtime/ports';

/** SRS answers out of its media thread within milliseconds; longer means that it hangs. */
const TIMEOUT_MS = 2000;

const track = <T extends z.ZodRawShape>(shape: T) => z.object(shape).nullish().catch(undefined);
/** A figure, not a reason to leave a publisher out. */
const count = z.number().nonnegative().catch(0);
const Stream = z.object({
  app: z.string(),
  name: z.string(),
  publish: z.object({ active: z.boolean(), cid: z.string().default('') }),
  video: track({ codec: z.string(), width: z.number().default(0), height: z.number().default(0) }),
  audio: track({ codec: z.string(), profile: z.string().default('') }),
  recv_bytes: count,
  send_bytes: count,
  kbps: track({ send_30s: z.number().min(0) }),
});
/** A stream with odd values is left out: its publisher has named it, or made its media. */
const Streams = z.object({ code: z.literal(0), service: z.string().min(1), streams: eachReadable(Stream) });

const Client = z.object({ id: z.string().min(1), url: z.string(), type: z.string(), alive: z.number().default(0) });
const Clients = z.object({ code: z.literal(0), service: z.string().min(1), clients: eachReadable(Client) });
/** SRS's names of the ways a node serves. */
const PLAY_KINDS: ReadonlyMap<string, PlayKind> = new Map([
  ['rtmp-play', 'rtmp'],
  ['flv-play', 'flv'],
  ['rtc-play', 'whep'],
]);

/** Nobody, unless it plays one of our streams. */
function toPlayers({ id, url, type, alive }: z.infer<typeof Client>): SrsPlayer[] {
  const kind = PLAY_KINDS.get(type);
  const [, app, name, ...more] = url.split('/');
  const streamId = StreamId.safeParse(name);
  if (kind === undefined || app !== LIVE_APP || more.length > 0 || !streamId.success) return [];
  return [{ clientId: id, streamId: streamId.data, kind, playedMs: alive * 1000 }];
}

/**
 * SRS does not escape control characters of what clients send, and they are no JSON; outside of strings they are
 * spaces.
 */
// biome-ignore lint/suspicious/noControlCharactersInRegex: it is these that are taken out
const parseSrs = (text: string): unknown => JSON.parse(text.replace(/[\u0000-\u001f]/g, ' '));

const toStream = ({ app, name, publish, video, audio, kbps, ...bytes }: z.infer<typeof Stream>): SrsStream => ({
  app,
  name,
  active: publish.active,
  clientId: publish.cid,
  media: { ...(video ? { video } : {}), ...(audio ? { audio } : {}) },
  receivedBytes: bytes.recv_bytes,
  sentBytes: bytes.send_bytes,
  ...(kbps && { sentBps: Math.round(kbps.send_30s * 1000) }),
});

/** SRS 5 and 6 over HTTP. `baseUrl` is `http://127.0.0.1:<port>`. */
export function httpSrsApi(baseUrl: string): SrsApi {
  const call = (method: string, path: string): Promise<unknown> =>
    abortedAfter(TIMEOUT_MS, async (signal) => {
      const answer = await fetch(new URL(path, baseUrl), { method, signal });
      if (!answer.ok) throw new Error(`SRS answered ${method} ${path} with ${answer.status}`);
      return parseSrs(await answer.text());
    });
  return {
    async streams() {
      // Without a count SRS lists ten.
      const { service, streams } = Streams.parse(await call('GET', '/api/v1/streams/?start=0&count=10000'));
      return { serviceId: service, streams: streams.map(toStream) };
    },
    async players() {
      const { service, clients } = Clients.parse(await call('GET', '/api/v1/clients/?start=0&count=20000'));
      return { serviceId: service, players: clients.flatMap(toPlayers) };
    },
    async kick(clientId) {
      // A client that is gone answers 200 with another code: what was wanted is so.
      await call('DELETE', `/api/v1/clients/${encodeURIComponent(clientId)}`);
    },
  };
}
