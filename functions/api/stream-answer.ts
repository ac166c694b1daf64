import { indexName, urlPathOf } from '../contract/object-layout';
import type { Node, Session, Stream } from '../contract/state';
import { statusOf } from '../core/publish/liveness';
import type { ApiDeps } from './api-deps';

/** A stream as the API shows it: never its key or the key's hash. Times are ISO 8601. */
export function streamAnswer(stream: Stream, nodes: readonly Node[], deps: ApiDeps) {
  const node = nodes.find(({ id }) => id === stream.session?.nodeId);
  return {
    id: stream.id,
    title: stream.title,
    status: statusOf(stream, node, deps.clock.now()),
    policy: stream.policy,
    recording: stream.recording,
    reconnectWindowSeconds: stream.reconnectWindowSeconds,
    liveWindowSeconds: stream.liveWindowSeconds,
    createdAt: iso(stream.createdAt),
    ...(stream.session === undefined ? {} : { session: sessionAnswer(stream.session) }),
    ingest: { rtmp: { server: deps.rtmpServer } },
    playback: { hls: `${deps.publicOrigin.replace(/\/$/, '')}${urlPathOf(indexName(stream.policy, stream.id))}` },
  };
}

const sessionAnswer = ({ id, broadcastId, nodeId, startedAt, endedAt, endReason }: Session) => ({
  id,
  broadcastId,
  nodeId,
  startedAt: iso(startedAt),
  ...(endedAt === undefined ? {} : { endedAt: iso(endedAt), endReason }),
});

const iso = (ms: number): string => new Date(ms).toISOString();
