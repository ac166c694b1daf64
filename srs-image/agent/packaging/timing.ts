import { MEDIA_TIMESCALE } from '../../../functions/core/packaging/commands';
import type { FragmentTimes } from '../../../functions/core/packaging/fragment';

const TICKS_A_MS = MEDIA_TIMESCALE / 1000;
/** A hole of this much is a discontinuity: players do not bridge it. */
const MAX_HOLE_MS = 1000;
/** Fragments may overlap by a frame or two, because the last frame's length is a guess. */
const MAX_OVERLAP_MS = 100;
/** So much behind the wall clock is corrected by a discontinuity. */
const MAX_BEHIND_MS = 3000;

/**
 * Place of a segment in time. `shift`: ticks between the encoder's clock and the Unix epoch, equal for all its
 * renditions.
 */
export interface MediaTime {
  shift: number;
  programDateTimeMs: number;
  durationMs: number;
  discontinuity: boolean;
}

/** A segment as it was taken in, before its fragments were made. */
export type TakenSegment = Pick<MediaTime, 'programDateTimeMs' | 'discontinuity'>;

/**
 * The place of a segment, from the fragment of its main track: media time counts from the Unix epoch, dates are read
 * off the media, so they cannot drift from it. A new encoding, or a clock that does not go on, is a discontinuity and
 * gets a new shift, never before the end of the segment before. Pure: after a restart the same segment gets the same
 * place.
 */
export function mediaTimeOf(
  { decodeTime, duration }: FragmentTimes,
  taken: TakenSegment,
  before: (MediaTime & { isSameEncoding: boolean }) | undefined,
): MediaTime {
  const end = before === undefined ? 0 : before.programDateTimeMs + before.durationMs;
  const continued = before === undefined ? undefined : Math.round((decodeTime + before.shift) / TICKS_A_MS);
  const goesOn =
    before !== undefined &&
    continued !== undefined &&
    !taken.discontinuity &&
    before.isSameEncoding &&
    continued - end <= MAX_HOLE_MS &&
    end - continued <= MAX_OVERLAP_MS &&
    taken.programDateTimeMs - continued <= MAX_BEHIND_MS;
  const programDateTimeMs = Math.max(goesOn ? continued : taken.programDateTimeMs, end);
  const shift = goesOn ? before.shift : programDateTimeMs * TICKS_A_MS - decodeTime;
  const endMs = Math.round((decodeTime + duration + shift) / TICKS_A_MS);
  return {
    shift,
    programDateTimeMs,
    durationMs: Math.max(1, endMs - programDateTimeMs),
    discontinuity: before !== undefined && !goesOn,
  };
}
