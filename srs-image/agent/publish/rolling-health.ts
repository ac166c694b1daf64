import type { SessionHealth } from '../../../functions/contract/hooks/session-health';
import type { HealthProblem } from '../../../functions/contract/media-report';
import { defined } from '../../../functions/core/defined';

/** Bytes of one stream since SRS knows it. `at` in Unix milliseconds. */
export interface ByteReading {
  at: number;
  received: number;
  sent: number;
}

interface Counted {
  at: number;
  count: number;
}

/** A segment that was taken at `at`, in Unix milliseconds. `keyframes` is 0 where they are not known. */
export interface SegmentReading {
  at: number;
  durationMs: number;
  pictures: number;
  keyframes: number;
}

/** All that is remembered of a session, to tell how it is now. */
export interface Readings {
  bytes: readonly ByteReading[];
  segments: readonly SegmentReading[];
  /** The times at which segments were lost. */
  losses: readonly number[];
  /** The delay of the last segment that was uploaded. */
  lagMs?: number | undefined;
}

/** Five of SRS's steps: its readings are a second apart, and the ends of a shorter window would weigh too much. */
const BYTES_WINDOW_MS = 16_000;
const STANDS_MS = 6000;
/** SRS cuts segments of up to 10 s. */
const SEGMENTS_WINDOW_MS = 30_000;
const LOSSES_WINDOW_MS = 60_000;
/** Segments come in steps: less than this tells nothing of their pace. */
const FEWEST_SEGMENTS = 4;
/** A segment that is still open is not late. */
const LONGEST_SEGMENT_MS = 10_000;
/** A flood of tiny segments must not fill the memory. */
const MAX_READINGS = 200;

/** Forgets what is older than its window, or from the future: since then this machine's clock was set back. */
export function recentOf({ bytes, segments, losses, ...rest }: Readings, nowMs: number): Readings {
  const isIn = (windowMs: number, at: number) => at >= nowMs - windowMs && at <= nowMs;
  return {
    ...rest,
    bytes: bytes.filter(({ at }) => isIn(BYTES_WINDOW_MS, at)).slice(-MAX_READINGS),
    segments: segments.filter(({ at }) => isIn(SEGMENTS_WINDOW_MS, at)).slice(-MAX_READINGS),
    losses: losses.filter((at) => isIn(LOSSES_WINDOW_MS, at)).slice(-MAX_READINGS),
  };
}

/** Returns the rolling values. `waitingMs`: the time for which the oldest segment waits for its upload; 0 for none. */
export function healthOf({ bytes, segments, losses, lagMs }: Readings, waitingMs: number): SessionHealth {
  const mediaMs = segments.reduce((sum, { durationMs }) => sum + durationMs, 0);
  const pictures = segments.reduce((sum, each) => sum + each.pictures, 0);
  const keyframes = segments.reduce((sum, each) => sum + each.keyframes, 0);
  const lag = lagMs === undefined && waitingMs === 0 ? undefined : Math.max(lagMs ?? 0, waitingMs);
  return {
    ...ratesOf(bytes),
    ...(pictures > 0 && mediaMs > 0 && { framesPerSecond: Math.min(1000, rounded((pictures * 1000) / mediaMs)) }),
    ...(keyframes > 0 && mediaMs >= 10 && { keyframeSeconds: rounded(mediaMs / 1000 / keyframes) || 0.01 }),
    lostSegments: losses.length,
    ...defined({ uploadLagSeconds: lag && rounded(lag / 1000) }),
  };
}

/**
 * SRS counts the bytes of its connections every 3 s (measured: 6.0.157 and 5.0.216), so a rate is from one such step to
 * another; a counter that stands for two of them has nothing to count.
 */
function rateOf(readings: readonly Counted[]): number | undefined {
  const earliest = readings.at(0);
  const latest = readings.at(-1);
  if (earliest === undefined || latest === undefined) return undefined;
  const steps = readings.filter(({ count }, at) => at > 0 && count !== readings[at - 1]?.count);
  const first = steps.at(0);
  const last = steps.at(-1);
  if (latest.at - (last ?? earliest).at > STANDS_MS) return 0;
  if (first === undefined || last === undefined || last.at <= first.at) return undefined;
  return Math.round(((last.count - first.count) * 8000) / (last.at - first.at));
}

const ratesOf = (bytes: readonly ByteReading[]): Pick<SessionHealth, 'inBitsPerSecond' | 'outBitsPerSecond'> =>
  defined({
    inBitsPerSecond: rateOf(bytes.map(({ at, received: count }) => ({ at, count }))),
    outBitsPerSecond: rateOf(bytes.map(({ at, sent: count }) => ({ at, count }))),
  });

/** Seconds of media that arrive in a second; `undefined` while too little is known. */
export function paceOf(segments: readonly SegmentReading[], nowMs: number): number | undefined {
  const first = segments.at(0);
  const last = segments.at(-1);
  if (first === undefined || last === undefined || segments.length < FEWEST_SEGMENTS) return undefined;
  const mediaMs = segments.slice(1).reduce((sum, { durationMs }) => sum + durationMs, 0);
  const passedMs = Math.max(last.at - first.at, nowMs - first.at - LONGEST_SEGMENT_MS);
  return passedMs <= 0 ? undefined : mediaMs / passedMs;
}

/** Each problem begins beyond the first bound and ends within the second. */
const BOUNDS = { few_frames: [0.6, 0.8], slow_arrival: [0.8, 0.95], upload_behind: [15, 5] } as const;

/**
 * Returns the problems of now. `before` are those of the last look: between its two bounds, and where nothing is known,
 * a problem stays as it was. `usual`: the frames in a second that the publisher began with.
 */
export function problemsOf(
  health: SessionHealth,
  { pace, usual, before }: { pace: number | undefined; usual: number | undefined; before: readonly HealthProblem[] },
): HealthProblem[] {
  const frames = usual === undefined ? undefined : health.framesPerSecond && health.framesPerSecond / usual;
  const lag = health.uploadLagSeconds;
  const is = {
    few_frames: below(frames, BOUNDS.few_frames),
    slow_arrival: below(pace, BOUNDS.slow_arrival),
    upload_behind: below(lag && -lag, [-BOUNDS.upload_behind[0], -BOUNDS.upload_behind[1]]),
  };
  return (['few_frames', 'slow_arrival', 'upload_behind'] as const).filter((each) => is[each] ?? before.includes(each));
}

function below(value: number | undefined, [begin, end]: readonly [number, number]): boolean | undefined {
  if (value === undefined) return undefined;
  return value < begin ? true : value >= end ? false : undefined;
}

const rounded = (value: number): number => Math.round(value * 100) / 100;
