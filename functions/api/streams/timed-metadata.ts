import type { AddTimedMetadata, TimedMetadataAnswer } from '../../contract/api/timed-metadata';
import type { NodeRefusal } from '../../contract/hooks/media';
import type { StreamId } from '../../contract/ids';
import type { Node, Session } from '../../contract/state';
import { defined } from '../../core/defined';
import { DomainError } from '../../core/errors';
import type { Principal } from '../../core/identity/principal';
import { asSeen } from '../../core/publish/hot-backup';
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
 * playlist: no write is added. The session that stands by gets it as well, so that a change to it loses none; viewers
 * get each id once. Throws `not_live`, `rate_limited`, `metadata_conflict`, and `unavailable` when the node
 * does not answer: sent again with the same id it is added once.
 */
export async function addTimedMetadata(
  { id: streamId, principal, wanted }: MetadataRequest,
  deps: ApiDeps,
): Promise<TimedMetadataAnswer> {
  const { session, agentUrl, standby } = await livePublishers(streamId, principal, deps);
  const { data, durationSeconds, id = deps.randomId(16) } = wanted;
  const durationMs = durationSeconds === undefined ? undefined : durationSeconds * 1000;
  const hand = (to: Publisher) => {
    const metadata = { streamId, sessionId: to.session.id, id, data, ...defined({ durationMs }) };
    return deps.media?.nodes.addMetadata(to.agentUrl, metadata).catch((error: unknown) => {
      deps.log.error('node_silent', { nodeId: to.session.nodeId, error });
    });
  };
  const outcome = await hand({ session, agentUrl });
  if (outcome === undefined) throw new DomainError('unavailable', 'the node does not answer: try again');
  if (outcome.kind === 'refused') throw errorOf(outcome);
  if (standby !== undefined) await hand(standby);
  return { id, streamId, acceptedAt: iso(deps.clock.now()) };
}

interface Publisher {
  session: Session;
  agentUrl: string;
}

async function livePublishers(
  id: StreamId,
  principal: Principal,
  deps: ApiDeps,
): Promise<Publisher & { standby?: Publisher | undefined }> {
  const stored = await findStream(id, principal, deps);
  const publishers = [stored.session, stored.backup].filter((each) => each !== undefined);
  const read = await Promise.all(publishers.map(({ nodeId }) => deps.streamStore.getNode(nodeId)));
  const nodes = read.filter((node) => node !== undefined);
  const stream = asSeen(stored, nodes, deps.clock.now());
  const nodeOf = (session: Session | undefined) => nodes.find((node) => node.id === session?.nodeId);
  const onAir = publisherOn(nodeOf(stream.session), stream.session);
  const isLive = statusOf(stream, nodeOf(stream.session), deps.clock.now()) === 'live';
  if (!isLive || onAir === undefined || deps.media === undefined)
    throw new DomainError('not_live', 'the stream is not live: timed metadata needs a picture to go with');
  return { ...onAir, standby: publisherOn(nodeOf(stream.backup), stream.backup) };
}

const publisherOn = (node: Node | undefined, session: Session | undefined): Publisher | undefined =>
  session && node?.reach && { session, agentUrl: node.reach.agentUrl };

function errorOf({ error, message }: NodeRefusal): DomainError {
  if (error === 'rate_limited' || error === 'metadata_conflict') return new DomainError(error, message);
  if (error === 'session_not_found')
    return new DomainError('not_live', 'the stream is not live: its session has ended');
  return new DomainError('unavailable', 'the node cannot take timed metadata now: try again');
}
