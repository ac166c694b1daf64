import type { SessionHealth } from '../../../functions/contract/hooks/session-health';
import type { HealthProblem } from '../../../functions/contract/media-report';
import { defined } from '../../../functions/core/defined';

/** Bytes of one stream since SRS knows it. `at` in Unix milliseconds. */
export interface ByteReading {
  at: number;
  received: number;
  sent: number;
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

const BYTES_WINDOW_MS = 10_000;
/** SRS cuts segments of up to 10 s. */
const SEGMENTS_WINDOW_MS = 30_000;
const LOSSES_WINDOW_MS = 60_000;
/** Segments come in steps: less than this tells nothing of their pace. */
const FEWEST_SEGMENTS = 4;
/** A segment that is still open is not late. */
const LONGEST_SEGMENT_MS = 10_000;
/** A flood of tiny segments must not fill the memory. */
const MAX_READINGS = 200;

/** Forgets what is older than its window. */
export const recentOf = ({ bytes, segments, losses, ...rest }: Readings, nowMs: number): Readings => ({
  ...rest,
  bytes: bytes.filter(({ at }) => at >= nowMs - BYTES_WINDOW_MS).slice(-MAX_READINGS),
  segments: segments.filter(({ at }) => at >= nowMs - SEGMENTS_WINDOW_MS).slice(-MAX_READINGS),
  losses: losses.filter((at) => at >= nowMs - LOSSES_WINDOW_MS).slice(-MAX_READINGS),
});

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

function ratesOf(bytes: readonly ByteReading[]): Pick<SessionHealth, 'inBitsPerSecond' | 'outBitsPerSecond'> {
  const [first, last] = [bytes.at(0), bytes.at(-1)];
  if (first === undefined || last === undefined || last.at <= first.at) return {};
  const rate = (count: number) => Math.round((Math.max(0, count) * 8000) / (last.at - first.at));
  return {
    inBitsPerSecond: rate(last.received - first.received),
    outBitsPerSecond: rate(last.sent - first.sent),
  };
}

/** Seconds of media that arrive in a second; `undefined` while too little is known. */
export function paceOf(segments: readonly SegmentReading[], nowMs: number): number | undefined {
  const [first, last] = [segments.at(0), segments.at(-1)];
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
