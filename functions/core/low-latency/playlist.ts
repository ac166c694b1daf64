import type { DateRange } from '../../contract/objects/metadata';
import { formatDateRange, shownRanges } from '../playlist/date-ranges';
import type { Cut } from './cutter';

/** A part in the playlist. Its URI is `<msn>.<index>.m4s`, its segment's `<msn>.m4s`. */
export interface ListedPart {
  durationMs: number;
  isIndependent: boolean;
}

/** A segment of the window; `isOpen`: more parts may follow. `map`: its init segment. */
export interface ListedSegment {
  msn: number;
  parts: readonly ListedPart[];
  durationMs: number;
  programDateTimeMs: number;
  isDiscontinuous: boolean;
  map: string;
}

/** Parts of a low-latency playlist. `open`: the segment that is being cut, without duration and date yet. */
export interface LowLatencyState {
  segments: readonly ListedSegment[];
  open: { msn: number; parts: readonly ListedPart[]; map: string };
  discontinuitySequence: number;
  targetDurationSeconds: number;
  partTargetMs: number;
  ended: boolean;
  /** Timed metadata, in order. */
  dateRanges: readonly DateRange[];
}

/**
 * Segments a playlist keeps, and how many of the newest keep their parts (rfc8216bis 4.4.4.9: three target durations).
 */
const WINDOW_SEGMENTS = 7;
const SEGMENTS_WITH_PARTS = 3;
/** A part is aimed at half a second and may be so much longer: frames of a browser do not come evenly. */
const PART_TARGET_MS = 540;
const HOLD_BACK_PARTS = 3;
const HOLD_BACK_TARGETS = 3;

/** The state before anything was cut. `firstMsn` is the number the first segment gets. */
export const beginning = (firstMsn: number): LowLatencyState => ({
  segments: [],
  open: { msn: firstMsn, parts: [], map: '' },
  discontinuitySequence: 0,
  targetDurationSeconds: 2,
  partTargetMs: PART_TARGET_MS,
  ended: false,
  dateRanges: [],
});

function withSegment(state: LowLatencyState, cut: Extract<Cut, { kind: 'segment' }>): LowLatencyState {
  const { msn, parts, map } = state.open;
  const { kind: _, targetDurationSeconds, ...described } = cut;
  const all = [...state.segments, { msn, parts, map, ...described }];
  const gone = all.slice(0, Math.max(0, all.length - WINDOW_SEGMENTS));
  return {
    ...state,
    segments: all.slice(gone.length),
    open: { msn: msn + 1, parts: [], map },
    discontinuitySequence: state.discontinuitySequence + gone.filter(({ isDiscontinuous }) => isDiscontinuous).length,
    targetDurationSeconds,
  };
}

/** The state after one more cut. Pure. */
export function applyCut(state: LowLatencyState, cut: Cut): LowLatencyState {
  if (cut.kind === 'segment') return withSegment(state, cut);
  if (cut.kind === 'init') return { ...state, open: { ...state.open, map: cut.name } };
  const { durationMs, isIndependent } = cut.part;
  return { ...state, open: { ...state.open, parts: [...state.open.parts, { durationMs, isIndependent }] } };
}

/** The program date time of the end of what is listed, parts too; `undefined` while no segment is whole. */
export function newestMs({ segments, open }: LowLatencyState): number | undefined {
  const last = segments.at(-1);
  if (last === undefined) return undefined;
  const partsMs = open.parts.reduce((sum, { durationMs }) => sum + durationMs, 0);
  return Math.round(last.programDateTimeMs + last.durationMs + partsMs);
}

/** The state with `more` timed metadata, as far as it begins in what is listed. */
export function withRanges(state: LowLatencyState, more: readonly DateRange[]): LowLatencyState {
  const ranges = [...state.dateRanges, ...more];
  const from = state.segments[0]?.programDateTimeMs;
  if (ranges.length === 0 || from === undefined) return state;
  return { ...state, dateRanges: shownRanges(ranges, ({ startMs }) => startMs >= from) };
}

const seconds = (ms: number): string => (ms / 1000).toFixed(3);
const partLine = (msn: number, { durationMs, isIndependent }: ListedPart, index: number): string =>
  `#EXT-X-PART:DURATION=${seconds(durationMs)},URI="${msn}.${index}.m4s"${isIndependent ? ',INDEPENDENT=YES' : ''}`;

function segmentLines(segment: ListedSegment, before: ListedSegment | undefined, withParts: boolean): string[] {
  const { msn, parts, durationMs, programDateTimeMs, isDiscontinuous, map } = segment;
  return [
    ...(isDiscontinuous ? ['#EXT-X-DISCONTINUITY'] : []),
    ...(map === before?.map ? [] : [`#EXT-X-MAP:URI="${map}"`]),
    `#EXT-X-PROGRAM-DATE-TIME:${new Date(programDateTimeMs).toISOString()}`,
    ...(withParts ? parts.map((part, index) => partLine(msn, part, index)) : []),
    `#EXTINF:${seconds(durationMs)},`,
    `${msn}.m4s`,
  ];
}

function openLines({ open, segments, ended }: LowLatencyState): string[] {
  if (ended) return ['#EXT-X-ENDLIST'];
  const map = open.map !== '' && open.map !== segments.at(-1)?.map ? [`#EXT-X-MAP:URI="${open.map}"`] : [];
  const parts = open.parts.map((part, index) => partLine(open.msn, part, index));
  return [
    ...(parts.length > 0 ? map : []),
    ...parts,
    `#EXT-X-PRELOAD-HINT:TYPE=PART,URI="${open.msn}.${open.parts.length}.m4s"`,
  ];
}

/**
 * The playlist's text (rfc8216bis 4.4, version 6; 9 with skipped segments). The same state gives the same bytes for
 * every viewer. `skip`: leave out what a player has (delta update, 6.2.5.1); ignored while the window is too short for
 * it. `undefined` before the first segment is whole: nothing dates the open one.
 */
export function formatLowLatency(state: LowLatencyState, { skip = false } = {}): string | undefined {
  const { segments, targetDurationSeconds, partTargetMs, discontinuitySequence, dateRanges } = state;
  const [first] = segments;
  if (first === undefined) return undefined;
  const canSkip = segments.length * targetDurationSeconds > 6 * targetDurationSeconds;
  const skipped = skip && canSkip ? segments.length - 6 : 0;
  const shown = segments.slice(skipped);
  const control = [
    'CAN-BLOCK-RELOAD=YES',
    ...(canSkip ? [`CAN-SKIP-UNTIL=${6 * targetDurationSeconds}`] : []),
    `PART-HOLD-BACK=${seconds(HOLD_BACK_PARTS * partTargetMs)}`,
    `HOLD-BACK=${seconds(HOLD_BACK_TARGETS * targetDurationSeconds * 1000)}`,
  ];
  return [
    '#EXTM3U',
    `#EXT-X-VERSION:${skipped > 0 ? 9 : 6}`,
    `#EXT-X-TARGETDURATION:${targetDurationSeconds}`,
    `#EXT-X-SERVER-CONTROL:${control.join(',')}`,
    `#EXT-X-PART-INF:PART-TARGET=${seconds(partTargetMs)}`,
    `#EXT-X-MEDIA-SEQUENCE:${first.msn}`,
    `#EXT-X-DISCONTINUITY-SEQUENCE:${discontinuitySequence}`,
    ...dateRanges.map(formatDateRange),
    ...(skipped > 0 ? [`#EXT-X-SKIP:SKIPPED-SEGMENTS=${skipped}`] : []),
    ...shown.flatMap((segment, index) =>
      segmentLines(segment, segments[skipped + index - 1], skipped + index >= segments.length - SEGMENTS_WITH_PARTS),
    ),
    ...openLines(state),
    '',
  ].join('\n');
}
