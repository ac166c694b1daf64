import type { PlaybackWay, WaysToPlay, WayToPlay } from '../../contract/api/playback';
import type { MediaReport } from '../../contract/media-report';
import type { Node, Stream } from '../../contract/state';
import { defined } from '../defined';
import { edgeFor, hasRoom, markOf } from '../edges/edge-state';
import { statusOf } from '../publish/liveness';

/** Typical delay behind the encoder, in seconds, as measured on one machine. */
const LATENCY_SECONDS: Readonly<Record<PlaybackWay, number>> = { webrtc: 0.3, flv: 1, low_latency_hls: 2, hls: 7 };

/** Ways with a connection of each viewer, which edges take over. */
const BY_EDGES: readonly PlaybackWay[] = ['webrtc', 'flv'];

type Closed = Omit<Extract<WayToPlay, { open: false }>, 'way' | 'open'>;

const NOT_LIVE: Closed = { code: 'not_live', reason: 'nobody publishes the stream now' };
const NEVER: Closed = { code: 'never_published', reason: 'the stream was never published' };
const SUSPENDED: Closed = { code: 'suspended', reason: 'the stream is suspended' };
const GRANT: Closed = { code: 'grant_needed', reason: 'the stream is gated: ask for a grant, which has the URLs' };
const NOT_OFFERED: Closed = { code: 'not_offered', reason: 'the stream has no low-latency HLS: its latency is normal' };
const NO_VIDEO: Closed = { code: 'no_video', reason: 'the publisher sends no picture' };
const B_FRAMES: Closed = {
  code: 'b_frames',
  reason: 'the video has B-frames, and WebRTC would leave out most of its pictures',
};
const NO_ROOM: Closed = { code: 'no_room', reason: 'all places for viewers are taken: watch by HLS' };
const codec = (name: string): Closed => ({ code: 'codec', reason: `the video is ${name}: this way has H.264 only` });

export interface PlaybackFacts {
  nodes: readonly Node[];
  nowMs: number;
  /** The mark of the edge that plays already. */
  playing?: string | undefined;
  /** The URL of each way; with an `edge`, that one serves it. */
  urls: (edge?: string) => Readonly<Record<PlaybackWay, string>>;
}

/** Lists the ways to watch at `nowMs`, and for WebRTC and HTTP-FLV the edge that plays, or that has the most room. */
export function playbackOf(stream: Stream, { nodes, nowMs, playing, urls }: PlaybackFacts): WaysToPlay {
  const { session } = stream;
  const node = nodes.find(({ id }) => id === session?.nodeId);
  const copied = session && node && { streamId: stream.id, sessionId: session.id };
  const edge = copied && node && edgeFor(copied, node, { nodes, nowMs, playing });
  // Without edges a node alone says who gets in: its places by HTTP-FLV are no limit for WebRTC.
  const mayHaveEdges = stream.edges !== undefined && stream.edges !== 'none';
  const isFull = mayHaveEdges && edge === undefined && node !== undefined && !hasRoom({ ...node, draining: false });
  const media = node?.sessions.find(({ sessionId }) => sessionId === session?.id)?.media;
  const status = statusOf(stream, node, nowMs);
  const ways = (['webrtc', 'flv', 'low_latency_hls', 'hls'] as const).map((way): WayToPlay => {
    const closed =
      closedFor(stream) ?? (way === 'hls' ? recorded(status) : direct(way, { stream, status, media, isFull }));
    if (closed !== undefined) return { way, open: false, ...closed };
    const mark = edge !== undefined && BY_EDGES.includes(way) ? markOf(edge.id) : undefined;
    return { way, open: true, url: urls(mark)[way], latencySeconds: LATENCY_SECONDS[way], ...defined({ edge: mark }) };
  });
  return { id: stream.id, policy: stream.policy, ways };
}

function closedFor({ suspended, policy }: Stream): Closed | undefined {
  if (suspended !== undefined) return SUSPENDED;
  return policy === 'gated' ? GRANT : undefined;
}

/** HLS plays on after the end. */
const recorded = (status: ReturnType<typeof statusOf>): Closed | undefined => (status === 'idle' ? NEVER : undefined);

interface Direct {
  stream: Stream;
  status: ReturnType<typeof statusOf>;
  media: MediaReport | undefined;
  /** No node has room for one more viewer of it. */
  isFull: boolean;
}

/** Media out of the node, which comes with the publisher and goes with it. */
function direct(way: Exclude<PlaybackWay, 'hls'>, { stream, status, media, isFull }: Direct): Closed | undefined {
  if (way === 'low_latency_hls' && stream.latency !== 'low') return NOT_OFFERED;
  if (status === 'idle') return NEVER;
  if (status !== 'live') return NOT_LIVE;
  if (isFull && BY_EDGES.includes(way)) return NO_ROOM;
  if (way === 'flv' || media === undefined) return undefined;
  if (media.video === undefined) return way === 'low_latency_hls' ? NO_VIDEO : undefined;
  if (media.video.codec !== 'H264') return codec(media.video.codec);
  return way === 'webrtc' && media.video.bFrames === true ? B_FRAMES : undefined;
}
