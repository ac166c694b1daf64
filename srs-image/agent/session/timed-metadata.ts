import type { DateRange } from '../../../functions/contract/objects/metadata';
import { defined } from '../../../functions/core/defined';
import type { SessionSegment, SessionState, WaitingMetadata } from './session-state';

/** Custom metadata of an object has 8 KiB at most (https://cloud.google.com/storage/quotas#objects). */
const MAX_BYTES_A_SEGMENT = 6 << 10;

/**
 * Timed metadata that begins in a segment which lasts `durationMs` and was closed at `closedAt`: what fits, in order.
 * It came while that segment was made, so its distance from the segment's end is that from `closedAt`.
 */
export function rangesFor(
  waiting: readonly WaitingMetadata[],
  { durationMs, closedAt }: { durationMs: number; closedAt: number },
): NonNullable<SessionSegment['ranges']> {
  let bytes = 0;
  const tooMuch = waiting.findIndex((metadata) => {
    bytes += JSON.stringify(metadata).length + 40;
    return bytes > MAX_BYTES_A_SEGMENT;
  });
  return waiting.slice(0, tooMuch < 0 ? waiting.length : tooMuch).map(({ at, ...metadata }) => ({
    ...metadata,
    offsetMs: Math.round(Math.min(durationMs, Math.max(0, durationMs - (closedAt - at)))),
  }));
}

/** The date ranges that begin in a segment, by its program date time. */
export const dateRangesOf = ({ ranges = [], programDateTimeMs, durationMs }: SessionSegment): DateRange[] =>
  ranges.map(({ id, offsetMs, durationMs: lasts, data }) => ({
    id,
    startMs: programDateTimeMs + Math.min(offsetMs, durationMs),
    ...defined({ durationMs: lasts }),
    data,
  }));

/** Finds timed metadata of the session by its id, as far as the session remembers. */
export const metadataWithId = (
  { waiting, kept }: SessionState,
  wanted: string,
): Pick<WaitingMetadata, 'data' | 'durationMs'> | undefined =>
  [...waiting, ...kept.flatMap(({ ranges = [] }) => ranges)].find(({ id }) => id === wanted);
