import { removePlaylists, removeSegments } from '../app/delivery/remove-media';
import type { DeliveryDeps } from '../app/delivery/source';
import type { Stream } from '../contract/state';
import { expiredOf, withoutExpired } from '../core/publish/expiry';
import type { StreamStore } from '../ports/stores';

export type ExpiryDeps = Pick<DeliveryDeps, 'delivery' | 'clock' | 'log'> & { streamStore: StreamStore };

/**
 * Removes the media of a stream's broadcasts that were not recorded and have expired; how many. Idempotent, also when
 * two run at once: each is struck off the list only when its media is gone. Session playlists are left to the rule of
 * their bucket, where this function may not write; nothing is made of them any more, their broadcast is closed.
 */
export async function expireMedia(stream: Stream, deps: ExpiryDeps): Promise<number> {
  const expired = expiredOf(stream, deps.clock.now());
  const sessions = await deps.streamStore.listSessions(stream.id);
  for (const broadcastId of expired) {
    const theirs = sessions.filter((session) => session.broadcastId === broadcastId);
    await removePlaylists(deps, stream, broadcastId);
    for (const { id } of theirs) await removeSegments(deps, stream, id);
    await deps.streamStore.changeStream<void>(stream.id, (current) =>
      current === undefined
        ? { result: undefined }
        : { change: { stream: withoutExpired(current, broadcastId) }, result: undefined },
    );
    deps.log.info('live_media_expired', { streamId: stream.id, broadcastId, sessions: theirs.length });
  }
  return expired.length;
}
