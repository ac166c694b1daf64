import { type InvalidationDeps, invalidateMedia } from '../app/delivery/invalidations';
import { removePlaylists, removeSegments } from '../app/delivery/remove-media';
import type { Broadcast, Stream } from '../contract/state';
import { recordingExpired } from '../core/events/events';
import { withPending } from '../core/events/outbox';
import { recordingsAt } from '../core/publish/expiry';
import type { ExpiryDeps } from './expire-media';

export interface RetentionDeps extends ExpiryDeps, Pick<InvalidationDeps, 'invalidations' | 'cdn'> {
  /** Days a recording is kept whose stream says nothing. @default for good */
  recordingDays?: number;
}

/**
 * Removes a stream's recordings that were kept for their days, from the CDN too, with an event for each; how many. A
 * broadcast that is not finished is never old enough. Idempotent: a recording is forgotten only when its media is gone.
 * While media is being moved nothing is done.
 */
export async function expireRecordings(stream: Stream, deps: RetentionDeps): Promise<number> {
  const { streamStore, clock, recordingDays: days } = deps;
  const nowMs = clock.now();
  if (stream.recordingsExpireAt === undefined || stream.recordingsExpireAt > nowMs || stream.mediaWork !== undefined)
    return 0;
  const { expired, lookAgainAt } = recordingsAt(stream, await streamStore.listBroadcasts(stream.id), { nowMs, days });
  for (const broadcast of expired) await expire(stream, broadcast, deps);
  await streamStore.changeStream<void>(stream.id, (current) =>
    current === undefined || current.recordingsExpireAt !== stream.recordingsExpireAt
      ? { result: undefined }
      : { change: { stream: lookingAt(current, lookAgainAt) }, result: undefined },
  );
  return expired.length;
}

async function expire(stream: Stream, broadcast: Broadcast, deps: RetentionDeps): Promise<void> {
  const { streamStore, clock, log } = deps;
  const sessions = (await streamStore.listSessions(stream.id)).filter(
    ({ broadcastId }) => broadcastId === broadcast.id,
  );
  await removePlaylists(deps, stream, broadcast.id);
  for (const { id } of sessions) await removeSegments(deps, stream, id);
  await invalidateMedia(stream, { broadcastId: broadcast.id, sessions }, deps);
  const removed = { sessions: sessions.map(({ id }) => id), broadcasts: [broadcast.id] };
  const event = recordingExpired(broadcast, clock.now());
  await streamStore.changeStream<void>(stream.id, (current) =>
    current === undefined
      ? { result: undefined }
      : { change: { stream: withPending(current, [event]), removed }, result: undefined },
  );
  log.info('recording_expired', { streamId: stream.id, broadcastId: broadcast.id, sessions: sessions.length });
}

function lookingAt({ recordingsExpireAt: _, ...stream }: Stream, at: number | undefined): Stream {
  return at === undefined ? stream : { ...stream, recordingsExpireAt: at };
}
