import type { BroadcastId } from '../../contract/ids';
import type { Broadcast, Stream } from '../../contract/state';

/**
 * The time for which the live playlist of a finished broadcast that is not recorded can still be played. It ends well
 * before a lifecycle rule deletes the first of the segments it names: those are a live window (an hour at most) older
 * than the end, and the rule waits a day.
 */
const UNRECORDED_MEDIA_MS = 12 * 3_600_000;

/**
 * Makes the change of a stream whose broadcast closes at `at`: an entry of the list, or a look at the recordings when
 * it is one.
 */
export const expiring = (
  stream: Stream,
  { id, recording = stream.recording }: Broadcast,
  at: number,
): Pick<Stream, 'expiring' | 'recordingsExpireAt'> =>
  recording
    ? { recordingsExpireAt: at }
    : { expiring: [...(stream.expiring ?? []), { broadcastId: id, at: at + UNRECORDED_MEDIA_MS }] };

const DAY_MS = 86_400_000;

/** A change of the environment's retention takes effect within this. */
const LOOKED_AT_MS = DAY_MS;

/**
 * Recordings of a stream, by whether they have expired at `nowMs`: `days` after they were finished, the stream's own
 * before the environment's.
 */
export function recordingsAt(
  stream: Stream,
  broadcasts: readonly Broadcast[],
  { nowMs, days: ofEnvironment }: { nowMs: number; days: number | undefined },
): { expired: Broadcast[]; lookAgainAt: number | undefined } {
  const days = stream.recordingDays ?? ofEnvironment;
  const ends = broadcasts.flatMap((broadcast) => {
    const { state, closedAt, recording = stream.recording } = broadcast;
    if (state !== 'closed' || closedAt === undefined || !recording) return [];
    return [{ broadcast, at: days === undefined ? Number.POSITIVE_INFINITY : closedAt + days * DAY_MS }];
  });
  const kept = ends.filter(({ at }) => at > nowMs).map(({ at }) => at);
  return {
    expired: ends.filter(({ at }) => at <= nowMs).map(({ broadcast }) => broadcast),
    lookAgainAt: kept.length === 0 ? undefined : Math.min(...kept, nowMs + LOOKED_AT_MS),
  };
}

export const expiredOf = ({ expiring: list = [] }: Stream, nowMs: number): BroadcastId[] =>
  list.filter(({ at }) => at <= nowMs).map(({ broadcastId }) => broadcastId);

export const withoutExpired = (stream: Stream, broadcastId: BroadcastId): Stream => ({
  ...stream,
  expiring: (stream.expiring ?? []).filter((each) => each.broadcastId !== broadcastId),
});
