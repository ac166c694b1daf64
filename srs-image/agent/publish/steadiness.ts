import type { ClockFault } from '../../../functions/contract/media-report';

/** One segment as its clocks were. Times in milliseconds. */
export interface ClockReading {
  /** Wall clock at which SRS opened it. */
  at: number;
  durationMs: number;
  /** A clock in it did not go on. */
  broke: boolean;
  /** Between picture and sound; 0 where only one is there. */
  apartMs: number;
}

/** Segments a second, and seconds of media a second, that no network makes up for. */
const MAX_SEGMENTS_A_SECOND = 2.5;
const MAX_MEDIA = 2.5;
const MAX_BREAKS_A_SECOND = 0.35;
const APART_MS = 10_000;
const WARN_WINDOW_MS = 10_000;
const CUT_WINDOW_MS = 5000;
/** The time limit. */
const TIMEOUT_MS = 30_000;
/** A flood of 40 segments a second is known by fewer. */
const MAX_READINGS = 200;

/** Segments in 10 s beyond which nothing more is uploaded of a publisher: others share the way. */
const MAX_TAKEN = 40;

export const isFlooding = (readings: readonly ClockReading[], at: number): boolean =>
  readings.filter((reading) => reading.at > at - WARN_WINDOW_MS).length >= MAX_TAKEN;

export const remembered = (readings: readonly ClockReading[], next: ClockReading): ClockReading[] =>
  [...readings, next].filter(({ at }) => at > next.at - WARN_WINDOW_MS).slice(-MAX_READINGS);

/** Returns the fault of a publisher's clocks over the last `windowMs`; `undefined` while they are steady. */
function faultWithin(readings: readonly ClockReading[], nowMs: number, windowMs: number): ClockFault | undefined {
  const recent = readings.filter(({ at }) => at > nowMs - windowMs);
  const seconds = windowMs / 1000;
  const newest = recent.at(-1);
  if (newest !== undefined && newest.apartMs > APART_MS) return 'tracks_apart';
  const mediaMs = recent.reduce((sum, { durationMs }) => sum + durationMs, 0);
  if (recent.length > MAX_SEGMENTS_A_SECOND * seconds || mediaMs > MAX_MEDIA * windowMs) return 'clock_floods';
  return recent.filter(({ broke }) => broke).length > MAX_BREAKS_A_SECOND * seconds ? 'clock_jumps' : undefined;
}

/** Says what a publisher is to be told. */
export const faultOf = (readings: readonly ClockReading[], nowMs: number): ClockFault | undefined =>
  faultWithin(readings, nowMs, WARN_WINDOW_MS);

/**
 * Returns whether segments of the last 10 s show that a fault is over, which was last seen at `seenAt`: where no
 * segment came, nothing is known.
 */
export const isOver = ({ seenAt }: { seenAt: number }, readings: readonly ClockReading[], nowMs: number): boolean =>
  nowMs - seenAt >= WARN_WINDOW_MS && readings.some(({ at }) => at > nowMs - WARN_WINDOW_MS);

/** Returns whether the warning was given for long enough, and its cause goes on. `since`: when it was first given. */
export const isOverPatience = (
  readings: readonly ClockReading[],
  { since, nowMs }: { since: number; nowMs: number },
): boolean => nowMs - since >= TIMEOUT_MS && faultWithin(readings, nowMs, CUT_WINDOW_MS) !== undefined;
