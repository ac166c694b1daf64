import type { MediaPlaylist, MediaSegment } from '../playlist/media-playlist';

/**
 * A session playlist as hot backup looks at it. `updatedAt`: when it was written, by the store's clock; `writtenAt`:
 * the same by its node's clock. Both in milliseconds.
 */
export interface SessionView {
  playlist: MediaPlaylist;
  ended: boolean;
  updatedAt: number;
  writtenAt?: number | undefined;
}

/** A session that adds nothing while the other one adds so many segments is silent. */
const SILENT_TARGETS = 2;
/** Without a segment of the primary, a backup waits until it has so much: a publisher needs a moment to begin. */
const PATIENT_TARGETS = 3;
/** Writes take some time, so that two right clocks seem to differ a little. Only more than this is a wrong clock. */
const CLOCK_TOLERANCE_MS = 5000;

const lengthOf = ({ segments }: MediaPlaylist): number => segments.reduce((sum, { durationMs }) => sum + durationMs, 0);

/**
 * Returns whether delivery changes from the session on air to its backup: the session on air has ended, or has added
 * nothing for two target durations in which the backup did. Both times are the store's, so a node's clock decides
 * nothing. `active` is absent when the session on air has no playlist.
 */
export function changesOver(active: SessionView | undefined, backup: SessionView): boolean {
  const targetMs = backup.playlist.targetDurationSeconds * 1000;
  if (active === undefined) return backup.ended || lengthOf(backup.playlist) >= PATIENT_TARGETS * targetMs;
  if (active.ended) return true;
  const patienceMs = SILENT_TARGETS * Math.max(targetMs, active.playlist.targetDurationSeconds * 1000);
  return backup.updatedAt - active.updatedAt >= patienceMs;
}

/** Milliseconds to be added to times of the backup's node so that they are those of the active's. */
export function clockDifference(active: SessionView | undefined, backup: SessionView): number {
  if (active?.writtenAt === undefined || backup.writtenAt === undefined) return 0;
  const difference = backup.updatedAt - backup.writtenAt - (active.updatedAt - active.writtenAt);
  return Math.abs(difference) < CLOCK_TOLERANCE_MS ? 0 : difference;
}

/**
 * The index of the segment with which the backup goes on after `end`: it begins nearest to it. Encoders that cut at the
 * same keyframes lose and repeat nothing; others at most half a segment. `segments.length` if there is none yet.
 */
export function firstAfter(end: number, segments: readonly MediaSegment[], differenceMs: number): number {
  const index = segments.findIndex(
    ({ programDateTimeMs = Number.POSITIVE_INFINITY, durationMs }) =>
      programDateTimeMs + differenceMs >= end - durationMs / 2,
  );
  return index < 0 ? segments.length : index;
}

/** The wall clock at the end of the playlist, by the clock of its last session's node; absent without a segment. */
export function endOf({ segments }: MediaPlaylist): number | undefined {
  const last = segments.at(-1);
  return last?.programDateTimeMs === undefined ? undefined : last.programDateTimeMs + last.durationMs;
}
