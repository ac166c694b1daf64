import type { Keyframe } from './probe';
import { splitAt } from './straighten';

/** Bytes of a segment that can be decoded alone; `durationMs` absent: as long as its packets say. */
export interface SegmentPart {
  readonly bytes: Uint8Array;
  readonly durationMs?: number;
}

/** RFC 8216, 4.3.3.1: a duration is rounded before it is compared with the target duration. */
const ROUNDED_DOWN_MS = 499;
/** SRS_HLS_SEGMENT_MIN_DURATION: SRS makes no shorter segments either. */
const SHORTEST_MS = 100;

/**
 * Cuts a segment at its keyframes into as few parts as possible of which none is longer than a target duration of
 * `seconds` allows, as far as there are keyframes. One that is short enough is one part.
 */
export function cutWithin(
  ts: Uint8Array,
  { keys, durationMs, seconds }: { keys: readonly Keyframe[]; durationMs: number; seconds: number },
): SegmentPart[] {
  const longestMs = seconds * 1000 + ROUNDED_DOWN_MS;
  const cuts: Keyframe[] = [];
  for (let from = 0; durationMs - from > longestMs; from = cuts.at(-1)?.ms ?? durationMs) {
    // A clock that went back a little makes a keyframe later in time that is earlier in bytes.
    const later = keys.filter(({ at, ms }) => {
      return at > (cuts.at(-1)?.at ?? -1) && ms - from >= SHORTEST_MS && durationMs - ms >= SHORTEST_MS;
    });
    const cut = later.findLast(({ ms }) => ms - from <= longestMs) ?? later[0];
    if (cut === undefined) break;
    cuts.push(cut);
  }
  const borders = [0, ...cuts.map(({ ms }) => ms), durationMs];
  return splitAt(
    ts,
    cuts.map(({ at }) => at),
  ).map((bytes, index) => ({ bytes, durationMs: (borders[index + 1] ?? durationMs) - (borders[index] ?? 0) }));
}
