import type { StreamAnswer, StreamWithKey } from '../contract/api-streams';
import { indexName, urlPathOf } from '../contract/object-layout';
import type { Node, Session, Stream } from '../contract/state';
import type { StreamKey } from '../contract/words';
import { statusOf } from '../core/publish/liveness';
import type { ApiDeps } from './api-deps';

/** A stream as the API shows it: never its key or the key's hash. */
export function streamAnswer(stream: Stream, nodes: readonly Node[], deps: ApiDeps): StreamAnswer {
  const node = nodes.find(({ id }) => id === stream.session?.nodeId);
  return {
    id: stream.id,
    title: stream.title,
    status: statusOf(stream, node, deps.clock.now()),
    policy: stream.policy,
    recording: stream.recording,
    dvrWindowSeconds: stream.liveWindowSeconds,
    reconnectWindowSeconds: stream.reconnectWindowSeconds,
    metadata: stream.metadata ?? {},
    createdAt: iso(stream.createdAt),
    ...optionalParts(stream, deps),
    ingest: { rtmp: { server: deps.rtmpServer } },
    playback: { hls: playbackUrl(indexName(stream.policy, stream.id), deps) },
  };
}

function optionalParts(stream: Stream, { clock }: ApiDeps) {
  const { allowedOrigins, publisherAddresses, maxBitrateBps, maxDurationSeconds, owner, suspended, previousKey, session } =
    stream;
  return {
    ...(allowedOrigins && { allowedOrigins }),
    ...(publisherAddresses && { publisherAddresses }),
    ...(maxBitrateBps && { maxBitrateBps }),
    ...(maxDurationSeconds && { maxDurationSeconds }),
    ...(owner && { owner }),
    ...(suspended && { suspended: { ...suspended, at: iso(suspended.at) } }),
    ...(previousKey && clock.now() < previousKey.until && { previousKeyUntil: iso(previousKey.until) }),
    ...(session && { session: sessionFields(session) }),
  };
}

/** The same with its key, which is shown once. */
export function streamWithKey(
  stream: Stream,
  { key, nodes }: { key: StreamKey; nodes: readonly Node[] },
  deps: ApiDeps,
): StreamWithKey {
  const answer = streamAnswer(stream, nodes, deps);
  return { ...answer, key, ingest: { rtmp: { ...answer.ingest.rtmp, streamKey: `${stream.id}?key=${key}` } } };
}

export const sessionFields = ({ id, broadcastId, nodeId, startedAt, endedAt, endReason }: Session) => ({
  id,
  broadcastId,
  nodeId,
  startedAt: iso(startedAt),
  ...(endedAt === undefined ? {} : { endedAt: iso(endedAt) }),
  ...(endReason === undefined ? {} : { endReason }),
});

/** Where a player finds an object of a delivery bucket. */
export const playbackUrl = (objectName: string, { publicOrigin }: Pick<ApiDeps, 'publicOrigin'>): string =>
  `${publicOrigin.replace(/\/$/, '')}${urlPathOf(objectName)}`;

export const iso = (ms: number): string => new Date(ms).toISOString();
