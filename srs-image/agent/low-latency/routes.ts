import { SOURCE_RENDITION, type StreamId } from '../../../functions/contract/ids';
import { livePlaylistName, urlPathOf } from '../../../functions/contract/objects/layout';
import { readReload } from '../../../functions/core/low-latency/reload';
import { formatMultivariant } from '../../../functions/core/playlist/multivariant';
import { type AgentReply, type AgentRequest, refused } from '../http/listener';
import type { LowLatency, RunningStream } from './low-latency';
import type { PlaylistAnswer } from './low-latency-stream';

export interface LowLatencyRoutesDeps {
  lowLatency: Pick<LowLatency, 'of'>;
  /** Headers that let pages read an answer. */
  cors: (origin: string | undefined) => Record<string, string>;
}

const PLAYLIST = 'application/vnd.apple.mpegurl';
/** The answer to a request that was held never changes; a plain one is good for a second (`s-maxage` is the CDN's). */
const HELD_SECONDS = 6;
const PLAIN_SECONDS = 1;
/** Long enough for everybody at the live edge to share it, and short enough for a take-down. */
const MEDIA_SECONDS = 10;

const cached = (type: string, seconds: number): Record<string, string> => ({
  'content-type': type,
  'cache-control': `public, max-age=${seconds}`,
});
const uncached = (status: number, error: string, message: string): AgentReply => ({
  ...refused(status, error, message),
  headers: { 'cache-control': 'no-store' },
});
const NOT_THERE = uncached(404, 'not_found', 'there is no such playlist or segment, or no longer');
const FULL = uncached(503, 'unavailable', 'too many requests are held: try again');

/** Answers `index.m3u8` and `<epoch>/...` of a stream whose session is cut here. */
export async function serveLowLatency(
  streamId: StreamId,
  rest: string,
  request: AgentRequest,
  deps: LowLatencyRoutesDeps,
): Promise<AgentReply> {
  const running = deps.lowLatency.of(streamId);
  const reply = running === undefined ? NOT_THERE : await answer(streamId, running, rest, request);
  return { ...reply, headers: { ...reply.headers, ...deps.cors(request.header('origin')) } };
}

async function answer(
  streamId: StreamId,
  running: RunningStream,
  rest: string,
  { query, gone }: AgentRequest,
): Promise<AgentReply> {
  const { epoch, stream } = running;
  if (rest === 'index.m3u8') return index(streamId, running);
  if (!rest.startsWith(`${epoch}/`)) return NOT_THERE;
  const file = rest.slice(epoch.length + 1);
  if (file === 'live.m3u8') {
    const reload = readReload(Object.fromEntries(query));
    if (typeof reload === 'string') return uncached(400, 'bad_request', reload);
    return playlist(await stream.playlist(reload, gone));
  }
  const [, msn, part] = /^(0|[1-9]\d{0,8})(?:\.(0|[1-9]\d{0,3}))?\.m4s$/.exec(file) ?? [];
  if (msn === undefined) return media(stream.init(file) ?? 'none');
  return media(await stream.file(Number(msn), part === undefined ? undefined : Number(part), gone));
}

function media(bytes: Uint8Array | 'none' | 'full'): AgentReply {
  if (bytes === 'full') return FULL;
  return bytes === 'none' ? NOT_THERE : { status: 200, body: bytes, headers: cached('video/mp4', MEDIA_SECONDS) };
}

function playlist(outcome: PlaylistAnswer): AgentReply {
  if (outcome.kind === 'refused') return uncached(400, 'bad_request', outcome.reason);
  if (outcome.kind === 'none') return NOT_THERE;
  if (outcome.kind === 'full') return FULL;
  if (outcome.kind === 'late') return uncached(503, 'unavailable', 'the publisher sends nothing now: try again');
  return { status: 200, body: outcome.text, headers: cached(PLAYLIST, outcome.wasHeld ? HELD_SECONDS : PLAIN_SECONDS) };
}

/** Two variants of one quality: players go over to the second, out of the bucket, when this node does not answer. */
function index(streamId: StreamId, { epoch, broadcastId, stream }: RunningStream): AgentReply {
  if (!stream.hasBegun) return NOT_THERE;
  const { attributes } = stream;
  const bucket = urlPathOf(livePlaylistName({ policy: 'open', streamId, broadcastId, rendition: SOURCE_RENDITION }));
  const body = formatMultivariant([`${epoch}/live.m3u8`, bucket].map((uri) => ({ uri, attributes })));
  return { status: 200, body, headers: cached(PLAYLIST, PLAIN_SECONDS) };
}
