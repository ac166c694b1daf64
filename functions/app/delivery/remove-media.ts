import type { BroadcastId, SessionId } from '../../contract/ids';
import { broadcastPrefix, heldPrefix, indexName, sessionPrefix } from '../../contract/objects/layout';
import { IndexMetadata } from '../../contract/objects/metadata';
import type { Session, Stream } from '../../contract/state';
import { removeAll } from './remove-objects';
import type { DeliveryDeps } from './source';

type RemovalDeps = Pick<DeliveryDeps, 'ingest' | 'delivery'>;
type DeliveredOnly = Pick<DeliveryDeps, 'delivery'>;
type StreamRef = Pick<Stream, 'id' | 'policy'>;

/**
 * All media of a broadcast that is over, gone: what would write playlists first, then playlists, then the segments they
 * named, so that at no moment a playlist names one that is not there. Idempotent: one that failed half-way is repeated.
 */
export async function removeBroadcastMedia(
  deps: RemovalDeps,
  stream: StreamRef,
  broadcast: { id: BroadcastId; sessions: readonly Pick<Session, 'id' | 'streamId'>[] },
): Promise<void> {
  await removeSources(deps, broadcast.sessions);
  await removePlaylists(deps, stream, broadcast.id);
  for (const { id } of broadcast.sessions) await removeSegments(deps, stream, id);
}

/** Removes session playlists, because a late event would create live playlists from them again. */
export async function removeSources(
  { ingest }: RemovalDeps,
  sessions: readonly Pick<Session, 'id' | 'streamId'>[],
): Promise<void> {
  for (const { streamId, id } of sessions) await removeAll(ingest, `${streamId}/${id}/`);
}

/** The index only while it shows this broadcast: a newer one may begin meanwhile. */
export async function removePlaylists(
  { delivery }: DeliveredOnly,
  { id, policy }: StreamRef,
  broadcastId: BroadcastId,
): Promise<void> {
  const store = delivery(policy);
  const index = await store.stat(indexName(policy, id));
  if (index !== undefined && IndexMetadata.safeParse(index.metadata).data?.broadcast === broadcastId)
    await store.remove(index.name, index.generation);
  await removeAll(store, broadcastPrefix(policy, id, broadcastId));
}

/** Those that are held, too. */
export async function removeSegments(
  { delivery }: DeliveredOnly,
  { id, policy }: StreamRef,
  sessionId: SessionId,
): Promise<void> {
  await removeAll(delivery(policy), sessionPrefix(policy, id, sessionId));
  await removeAll(delivery('gated'), `${heldPrefix(policy, id)}${sessionId}/`);
}
