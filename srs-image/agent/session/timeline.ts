import { TICKS_A_MS } from '../inspect/packets';
import { heldMsOf, type Probe, type TrackProbe } from '../inspect/probe';
import type { SrsMedia } from '../runtime/ports';
import type { SegmentFile } from './ports';
import type { SessionSegment, SessionState, TrackClocks } from './session-state';
import { describe } from './sighting';
import { rangesFor } from './timed-metadata';

/** A file that no playlist lists has the time it was open for, within what SRS can cut. */
const MAX_MS = 30_000;
const openFor = ({ openedAt, closedAt }: SegmentFile): number => Math.min(MAX_MS, Math.max(1, closedAt - openedAt));

/** SRS counts to the next keyframe, which is a frame later than what the segment holds. */
const NEXT_FRAME_MS = 500;
/** A track that goes on later than this, in all tracks, or further in one, or earlier than this, does not go on. */
const GAP_MS = 1000;
const FAR_MS = 10_000;
const BACK_MS = 500;
/** Program date time may be this far from the wall clock, or a segment, whichever is longer. */
const DRIFT_MS = 2000;

/** Facts about a file that it does not say itself. */
export interface SeenFile {
  /** The hook's duration, for a file SRS's playlist does not list. */
  fallbackMs?: number | undefined;
  /** Absent: its packets could not be read. */
  probe?: Probe | undefined;
  srs?: SrsMedia | undefined;
}

/**
 * `file` as the next segment of a session. It does not follow on if a clock in it jumped, another decoder is needed,
 * SRS's counter jumped, or another client resumed. What it lasts and where it is in time come from its packets and the
 * wall clock: what SRS says is taken only where it agrees with them.
 */
export function nextSegment(
  state: SessionState,
  file: SegmentFile,
  { fallbackMs, probe, srs }: SeenFile = {},
): SessionSegment {
  const { last } = state;
  const durationMs = durationOf(file, probe, file.durationMs ?? fallbackMs ?? openFor(file));
  const described = probe && describe(probe, srs, last);
  const clocks = probe && clocksOf(probe, durationMs);
  const discontinuity =
    last !== undefined &&
    (state.breakNext ||
      (file.seqNo !== last.seqNo + 1 && file.name !== last.file) ||
      clockBreaks(last.clocks, clocks) ||
      (described !== undefined && last.format !== undefined && described.format !== last.format));
  const ranges = rangesFor(state.waiting, { durationMs, closedAt: file.closedAt });
  return {
    index: state.nextIndex,
    file: file.name,
    seqNo: file.seqNo,
    openedAt: file.openedAt,
    durationMs,
    bytes: file.bytes,
    ...datesOf(last, file, { durationMs, isBreak: discontinuity }),
    discontinuity,
    ...(ranges.length > 0 && { ranges }),
    ...(clocks && { clocks }),
    ...(probe?.video && { pictures: { count: probe.video.frames, keyframes: probe.keys.length } }),
    ...described,
  };
}

/**
 * Returns the duration that SRS claims, if the packets hold about as much; else theirs, or, if they cannot tell, the
 * time for which the file was open.
 */
function durationOf(file: SegmentFile, probe: Probe | undefined, claimedMs: number): number {
  if (probe === undefined) return claimedMs;
  const heldMs = heldMsOf(probe);
  if (heldMs === 0) return Math.max(1, Math.min(claimedMs, openFor(file)));
  const isBelievable = claimedMs >= heldMs / 2 && claimedMs <= heldMs + Math.max(NEXT_FRAME_MS, heldMs / 2);
  return Math.round(isBelievable ? claimedMs : heldMs);
}

/** As the tracks are once the jumps inside are taken out. */
function clocksOf({ video, audio }: Probe, durationMs: number): TrackClocks {
  const span = ({ startMs, endMs, heldMs, jumps }: TrackProbe) => ({
    startMs,
    endMs: Math.round(
      (heldMs === 0 ? startMs + durationMs : endMs) - jumps.reduce((sum, { ticks }) => sum + ticks, 0) / TICKS_A_MS,
    ),
  });
  return { ...(video && { video: span(video) }), ...(audio && { audio: span(audio) }) };
}

/** Returns the distance of each track from its expected place; a track that is not in both segments is left out. */
export function clockGaps(last: TrackClocks | undefined, next: TrackClocks | undefined): number[] {
  return (['video', 'audio'] as const).flatMap((track) => {
    const before = last?.[track];
    const after = next?.[track];
    return before === undefined || after === undefined ? [] : [after.startMs - before.endMs];
  });
}

/** Across segments the clock's end is a break, too: not every player counts on through it. */
export function clockBreaks(last: TrackClocks | undefined, next: TrackClocks | undefined): boolean {
  const gaps = clockGaps(last, next);
  return gaps.length > 0 && (gaps.every((gap) => gap > GAP_MS) || gaps.some((gap) => gap > FAR_MS || gap < -BACK_MS));
}

/**
 * A clock that jumped in the middle of a picture group: SRS cuts there by the sound, and no decoder can begin with what
 * follows. That segment goes on with the clock from before, all tracks by as much; the next one, which begins with a
 * keyframe, has the new clock.
 */
export function withClockFromBefore(last: SessionSegment | undefined, probe: Probe): Probe {
  const { video, audio, format } = probe;
  const gaps = clockGaps(last?.clocks, probe.video && clocksOf(probe, 0));
  const [gap] = gaps;
  if (gap === undefined || format.startsWithKey === true || !clockBreaks(last?.clocks, clocksOf(probe, 0)))
    return probe;
  if (gaps.some((other) => Math.abs(other - gap) > BACK_MS)) return probe;
  const moved = (track: TrackProbe): TrackProbe => ({
    ...track,
    startMs: track.startMs - gap,
    jumps: [{ at: 0, ticks: gap * TICKS_A_MS }, ...track.jumps],
  });
  return { ...probe, ...(video && { video: moved(video) }), ...(audio && { audio: moved(audio) }) };
}

/** SRS lets go of a publisher that is silent for less than this. */
const MAX_SILENCE_MS = 60_000;

/**
 * Files are opened in order, and no publisher is silent for a minute: otherwise this machine's clock was set while
 * media continued.
 */
function clockSetBy(last: SessionSegment, file: SegmentFile, isBreak: boolean): number {
  const passedMs = file.openedAt - last.openedAt;
  const before = last.clockSetByMs ?? 0;
  return passedMs < -GAP_MS || (passedMs > MAX_SILENCE_MS && !isBreak) ? before + passedMs - last.durationMs : before;
}

/**
 * Returns the milliseconds from a segment's end to `nowMs`, by the clock that its session began with: program date time
 * goes on with that one, also when this machine's clock is set.
 */
export const lateBy = ({ programDateTimeMs, durationMs, clockSetByMs = 0 }: SessionSegment, nowMs: number): number =>
  Math.max(0, nowMs - clockSetByMs - programDateTimeMs - durationMs);

/**
 * Program date time: the wall clock at the first frame, then sums of durations. It stays within a segment of the wall
 * clock, whatever the publisher's clock does, and never goes back. A segment that arrives late after a stall of the
 * network keeps its sum.
 */
function datesOf(
  last: SessionSegment | undefined,
  file: SegmentFile,
  { durationMs, isBreak }: { durationMs: number; isBreak: boolean },
): Pick<SessionSegment, 'programDateTimeMs' | 'clockSetByMs'> {
  if (last === undefined) return { programDateTimeMs: Math.round(file.closedAt - durationMs) };
  const clockSetByMs = clockSetBy(last, file, isBreak);
  const opened = file.openedAt - clockSetByMs;
  const started = Math.round(file.closedAt - durationMs) - clockSetByMs;
  const follows = last.programDateTimeMs + last.durationMs;
  const tolerance = Math.max(DRIFT_MS, durationMs);
  const isAhead = follows > Math.max(started, opened) + tolerance;
  const isBehind = isBreak ? follows < started : follows < Math.min(started, opened) - tolerance;
  const ahead = () => Math.max(last.programDateTimeMs + 1, started, opened);
  return {
    programDateTimeMs: isAhead ? ahead() : isBehind ? started : follows,
    ...(clockSetByMs === 0 ? {} : { clockSetByMs }),
  };
}

/**
 * True if the session has this file already. Names hold a time stamp, so they do not come back; SRS removes them before
 * the window ends.
 */
export const isTaken = (state: SessionState, name: string): boolean =>
  state.last?.file === name || state.kept.some(({ file }) => file === name);

/**
 * Lists what a look into the folder finds for a session: files its client wrote and no hook told of. SRS 5 keeps the
 * window of earlier publishes, so only files opened after the client was admitted and after the last one taken or left
 * out count.
 */
export const missedFiles = (state: SessionState, files: readonly SegmentFile[]): SegmentFile[] =>
  files.filter(
    ({ name, openedAt }) =>
      openedAt >= state.client.since &&
      openedAt > Math.max(state.last?.openedAt ?? -1, state.leftOutAt ?? -1) &&
      !isTaken(state, name),
  );
