import type { SegmentFile } from './ports';
import type { Segment, SessionState } from './session-state';

/** A file that no playlist lists has the time it was open for, within what SRS can cut. */
const LONGEST_MS = 30_000;
const openFor = ({ openedAt, closedAt }: SegmentFile): number => Math.min(LONGEST_MS, Math.max(1, closedAt - openedAt));

/**
 * `file` as the next segment of a session. It does not follow on if SRS's counter jumped or began anew, or another client resumed.
 * Program date time is the wall clock at the first segment, then sums of durations; after a break the wall clock again, never
 * going back. `fallbackMs`: the hook's duration, for a file SRS's playlist does not list.
 */
export function nextSegment(state: SessionState, file: SegmentFile, fallbackMs?: number): Segment {
  const { last } = state;
  const durationMs = file.durationMs ?? fallbackMs ?? openFor(file);
  const discontinuity = last !== undefined && (state.breakNext || file.seqNo !== last.seqNo + 1);
  const follows = last === undefined ? 0 : last.programDateTimeMs + last.durationMs;
  const wallClock = Math.max(follows, Math.round(file.closedAt - durationMs));
  return {
    index: state.nextIndex,
    file: file.name,
    seqNo: file.seqNo,
    openedAt: file.openedAt,
    durationMs,
    bytes: file.bytes,
    programDateTimeMs: last === undefined || discontinuity ? wallClock : follows,
    discontinuity,
  };
}

/** True if the session has this file already. Names hold a time stamp, so they do not come back; SRS removes them before the window ends. */
export const isTaken = (state: SessionState, name: string): boolean =>
  state.last?.file === name || state.kept.some(({ file }) => file === name);

/**
 * What a look into the folder finds for a session: files its client wrote and no hook told of. SRS 5 keeps the window of earlier
 * publishes, so only files opened after the client was admitted and after the last one taken count.
 */
export const missedFiles = (state: SessionState, files: readonly SegmentFile[]): SegmentFile[] =>
  files.filter(
    ({ name, openedAt }) =>
      openedAt >= state.client.since && (state.last === undefined || openedAt > state.last.openedAt) && !isTaken(state, name),
  );
