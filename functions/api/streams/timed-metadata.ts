import type { AddTimedMetadata, TimedMetadataAnswer } from '../../contract/api/timed-metadata';
import type { NodeRefusal } from '../../contract/hooks/media';
import type { StreamId } from '../../contract/ids';
import type { Session } from '../../contract/state';
import { defined } from '../../core/defined';
import { DomainError } from '../../core/errors';
import type { Principal } from '../../core/identity/principal';
import { statusOf } from '../../core/publish/liveness';
import type { ApiDeps } from '../api-deps';
import { iso } from './stream-answer';
import { findStream } from './streams';

interface MetadataRequest {
  id: StreamId;
  principal: Principal;
  wanted: AddTimedMetadata;
}

/**
 * Hands timed metadata to the node of the live session, which puts it into the next segment and so into the next
 * playlist: no write is added. Throws `not_live`, `rate_limited`, `metadata_conflict`, and `unavailable` when the node
 * does not answer: sent again with the same id it is added once.
 */
export async function addTimedMetadata(
  { id: streamId, principal, wanted }: MetadataRequest,
  deps: ApiDeps,
): Promise<TimedMetadataAnswer> {
  const { session, agentUrl } = await liveSession(streamId, principal, deps);
  const { data, durationSeconds, id = deps.randomId(16) } = wanted;
  const durationMs = durationSeconds === undefined ? undefined : durationSeconds * 1000;
  const metadata = { streamId, sessionId: session.id, id, data, ...defined({ durationMs }) };
  const outcome = await deps.media?.nodes.addMetadata(agentUrl, metadata).catch((error: unknown) => {
    deps.log.error('node_silent', { nodeId: session.nodeId, error });
  });
  if (outcome === undefined) throw new DomainError('unavailable', 'the node does not answer: try again');
  if (outcome.kind === 'refused') throw errorOf(outcome);
  return { id, streamId, acceptedAt: iso(deps.clock.now()) };
}

async function liveSession(
  id: StreamId,
  principal: Principal,
  deps: ApiDeps,
): Promise<{ session: Session; agentUrl: string }> {
  const stream = await findStream(id, principal, deps);
  const { session } = stream;
  const node = session && (await deps.streamStore.getNode(session.nodeId));
  const isLive = session !== undefined && statusOf(stream, node, deps.clock.now()) === 'live';
  if (!isLive || node?.reach === undefined || deps.media === undefined)
    throw new DomainError('not_live', 'the stream is not live: timed metadata needs a picture to go with');
  return { session, agentUrl: node.reach.agentUrl };
}

function errorOf({ error, message }: NodeRefusal): DomainError {
  if (error === 'rate_limited' || error === 'metadata_conflict') return new DomainError(error, message);
  if (error === 'session_not_found')
    return new DomainError('not_live', 'the stream is not live: its session has ended');
  return new DomainError('unavailable', 'the node cannot take timed metadata now: try again');
}
