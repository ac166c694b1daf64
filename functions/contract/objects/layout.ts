import { type BroadcastId, type Policy, Rendition, SessionId, StreamId } from '../ids';

/**
 * Names of objects: the contract between agent, functions, CDN and player. In the delivery buckets the object name is
 * the URL path without its leading slash.
 */

/** The ids of one session. */
export type SessionRef = { streamId: StreamId; sessionId: SessionId };

/** Ingest bucket: the agent's playlist of one session and rendition. */
export const sessionPlaylistName = (ref: SessionRef & { rendition: Rendition }): string =>
  `${ref.streamId}/${ref.sessionId}/${ref.rendition}.m3u8`;

/** Parses the name of a session playlist; `undefined` for a name that is not one. */
export function parseSessionPlaylistName(name: string): (SessionRef & { rendition: Rendition }) | undefined {
  const [streamId, sessionId, file, ...rest] = name.split('/');
  if (rest.length > 0 || !file?.endsWith('.m3u8')) return undefined;
  const stream = StreamId.safeParse(streamId);
  const session = SessionId.safeParse(sessionId);
  const rendition = Rendition.safeParse(file.slice(0, -'.m3u8'.length));
  if (!stream.success || !session.success || !rendition.success) return undefined;
  return { streamId: stream.data, sessionId: session.data, rendition: rendition.data };
}

/** Multivariant playlist of the newest broadcast: the URL people share. */
export const indexName = (policy: Policy, streamId: StreamId): string => `${policy}/p/${streamId}/index.m3u8`;

/** The folder of steering manifests; no stream has such an id. */
export const STEERING_PREFIX = 'open/p/steering/';
/** The steering manifest of the open streams that begin on this CDN. */
export const steeringName = (first: string): string => `${STEERING_PREFIX}${first}.json`;

/**
 * The number of earlier take-downs of the stream's media. Restored media lies under the newest, so that old URLs stay
 * dead.
 */
type Epoch = { epoch?: number | undefined };
const placeOf = (id: string, epoch = 0): string => (epoch === 0 ? id : `${id}.${epoch}`);

/** The ids of one broadcast, and the policy of its bucket. */
export type BroadcastRef = { policy: Policy; streamId: StreamId; broadcastId: BroadcastId };

/** Live playlist of one broadcast and rendition. */
export const livePlaylistName = (ref: BroadcastRef & { rendition: Rendition }): string =>
  `${ref.policy}/p/${ref.streamId}/${ref.broadcastId}/${ref.rendition}.m3u8`;

/** MPD of one broadcast that goes on. */
export const mpdName = (ref: BroadcastRef): string => `${ref.policy}/p/${ref.streamId}/${ref.broadcastId}/manifest.mpd`;

/** VOD playlist of a broadcast: multivariant without a rendition, media with one. */
export function recordingName(ref: BroadcastRef & Epoch & { rendition?: Rendition }): string {
  const folder = `${ref.policy}/p/${ref.streamId}/${placeOf(ref.broadcastId, ref.epoch)}`;
  return ref.rendition === undefined ? `${folder}/recording.m3u8` : `${folder}/recording-${ref.rendition}.m3u8`;
}

/** MPD of a recording. */
export const recordingMpdName = (ref: BroadcastRef & Epoch): string => recordingName(ref).replace(/\.m3u8$/, '.mpd');

/** Everything below this prefix belongs to one stream's playlists (`p`) or segments (`s`). */
export const streamPrefix = (policy: Policy, kind: 'p' | 's', streamId: StreamId): string =>
  `${policy}/${kind}/${streamId}/`;

type SegmentPrefixRef = SessionRef & Epoch & { policy: Policy };

/** All segments of one session; with a rendition, of that rendition. Ends with a slash. */
export function segmentPrefix(ref: SegmentPrefixRef & { rendition?: Rendition }): string {
  const session = `${ref.policy}/s/${ref.streamId}/${placeOf(ref.sessionId, ref.epoch)}/`;
  return ref.rendition === undefined ? session : `${session}${ref.rendition}/`;
}

/** `container`: absent for a transport stream. */
export type SegmentRef = SegmentPrefixRef & { rendition: Rendition; number: number; container?: 'm4s' };

/** A segment: written once, never changed. `number` counts from 0 in its session and rendition. */
export const segmentName = (ref: SegmentRef): string => `${segmentPrefix(ref)}${ref.number}.${ref.container ?? 'ts'}`;

/**
 * An init segment, which fragments of a rendition need before them. Its file name is a hash of its bytes: written once,
 * never changed.
 */
export type InitRef = SegmentPrefixRef & { rendition: Rendition; file: string };
export const initName = (ref: InitRef): string => `${segmentPrefix(ref)}${ref.file}`;

const SEGMENT =
  /^(open|gated)\/s\/([^/]+)\/([^/.]+)(?:\.([1-9][0-9]{0,5}))?\/([^/]+)\/(?:(0|[1-9][0-9]{0,8})\.(ts|m4s)|(init-[0-9a-f]{16}\.mp4))$/;

/** Parses the name of a segment; `undefined` for a name that is not one. */
export function parseSegmentName(name: string): SegmentRef | undefined {
  const { number, container, place } = parseMediaName(name) ?? {};
  if (place === undefined || number === undefined) return undefined;
  return { ...place, number, ...(container === 'm4s' ? { container } : {}) };
}

/** Parses the name of an init segment; `undefined` for a name that is not one. */
export function parseInitName(name: string): InitRef | undefined {
  const { file, place } = parseMediaName(name) ?? {};
  return place === undefined || file === undefined ? undefined : { ...place, file };
}

function parseMediaName(name: string) {
  const [, policy, streamId, sessionId, epoch, rendition, number, container, file] = SEGMENT.exec(name) ?? [];
  const stream = StreamId.safeParse(streamId);
  const session = SessionId.safeParse(sessionId);
  const quality = Rendition.safeParse(rendition);
  if (!stream.success || !session.success || !quality.success) return undefined;
  const place: SegmentPrefixRef & { rendition: Rendition } = {
    policy: policy === 'gated' ? 'gated' : 'open',
    streamId: stream.data,
    sessionId: session.data,
    rendition: quality.data,
    ...(epoch === undefined ? {} : { epoch: Number(epoch) }),
  };
  return { place, container, file, ...(number === undefined ? {} : { number: Number(number) }) };
}

/** The ordinal a session id begins with. */
export const ordinalOf = (sessionId: SessionId): number => Number(sessionId.slice(0, sessionId.indexOf('-')));

/** The path a player asks the CDN for. */
export const urlPathOf = (objectName: string): string => `/${objectName}`;

/** Everything of one session or broadcast, of every epoch: ids have one length, so nothing else begins so. */
export const sessionPrefix = (policy: Policy, streamId: StreamId, id: SessionId): string =>
  `${streamPrefix(policy, 's', streamId)}${id}`;
export const broadcastPrefix = (policy: Policy, streamId: StreamId, id: BroadcastId): string =>
  `${streamPrefix(policy, 'p', streamId)}${id}`;

/** In the gated bucket, of which the load balancer serves `/gated/` alone: segments that nobody may watch meanwhile. */
export const heldPrefix = (policy: Policy, streamId: StreamId): string => `held/${streamPrefix(policy, 's', streamId)}`;
/** A segment or an init segment. */
export type MediaRef = SegmentRef | InitRef;
export const mediaName = (ref: MediaRef): string => ('file' in ref ? initName(ref) : segmentName(ref));
export const parseMediaRef = (name: string): MediaRef | undefined => parseSegmentName(name) ?? parseInitName(name);

/** The name under which taken-down media is kept, for any epoch. */
export const heldName = ({ epoch: _, ...ref }: MediaRef): string => `held/${mediaName(ref)}`;
export const parseHeldName = (name: string): MediaRef | undefined =>
  name.startsWith('held/') ? parseMediaRef(name.slice('held/'.length)) : undefined;

/** In the gated bucket too: says that no live playlist of this broadcast is made any more. */
export const takenDownMark = ({ policy, streamId, broadcastId }: BroadcastRef): string =>
  `${marksPrefix(policy, streamId)}${broadcastId}`;
export const marksPrefix = (policy: Policy, streamId: StreamId): string => `held/marks/${policy}/${streamId}/`;
