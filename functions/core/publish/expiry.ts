import type { BroadcastId } from '../../contract/ids';
import type { Broadcast, Stream } from '../../contract/state';

/**
 * How long the live playlist of a broadcast that is over and not recorded can still be played. Well before a lifecycle rule takes the
 * first of the segments it names: those are a live window (an hour at most) older than the end, and the rule waits a day.
 */
const UNRECORDED_MEDIA_MS = 12 * 3_600_000;

/** What a broadcast that closes at `at` adds to its stream's list; nothing when it is recorded. */
export const expiring = (
  stream: Stream,
  { id, recording = stream.recording }: Broadcast,
  at: number,
): Pick<Stream, 'expiring'> =>
  recording ? {} : { expiring: [...(stream.expiring ?? []), { broadcastId: id, at: at + UNRECORDED_MEDIA_MS }] };

export const expiredOf = ({ expiring: list = [] }: Stream, nowMs: number): BroadcastId[] =>
  list.filter(({ at }) => at <= nowMs).map(({ broadcastId }) => broadcastId);

export const withoutExpired = (stream: Stream, broadcastId: BroadcastId): Stream => ({
  ...stream,
  expiring: (stream.expiring ?? []).filter((each) => each.broadcastId !== broadcastId),
});
