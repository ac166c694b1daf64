import type { DateRange } from '../../contract/objects/metadata';
import { METADATA_ATTRIBUTE, METADATA_CLASS } from '../../contract/timed-metadata/text';
import { defined } from '../defined';

/** Bounds of what one live playlist carries: every viewer reads it every two seconds. */
const MAX_RANGES = 100;
const MAX_BYTES = 32 << 10;

/** The tag's line (rfc8216bis 4.4.5.1). */
export const formatDateRange = ({ id, startMs, durationMs, data }: DateRange): string =>
  [
    `#EXT-X-DATERANGE:ID="${id}"`,
    `CLASS="${METADATA_CLASS}"`,
    `START-DATE="${new Date(startMs).toISOString()}"`,
    ...(durationMs === undefined ? [] : [`DURATION=${(durationMs / 1000).toFixed(3)}`]),
    `${METADATA_ATTRIBUTE}="${data}"`,
  ].join(',');

const ATTRIBUTE = /([A-Z0-9-]+)=(?:"([^"\r\n]*)"|([^",\r\n]*))(?:,|$)/gy;

/**
 * Reads the tag's value; `undefined` for a range of another class, which this product did not write. A string says what
 * is wrong.
 */
export function parseDateRange(value: string): DateRange | string | undefined {
  const list = new Map([...value.matchAll(ATTRIBUTE)].map(([, name, quoted, plain]) => [name, quoted ?? plain ?? '']));
  if (list.get('CLASS') !== METADATA_CLASS) return undefined;
  const id = list.get('ID');
  const data = list.get(METADATA_ATTRIBUTE);
  const startMs = Date.parse(list.get('START-DATE') ?? '');
  const seconds = list.get('DURATION');
  if (!id || data === undefined || Number.isNaN(startMs)) return `use ID, START-DATE and ${METADATA_ATTRIBUTE}`;
  if (seconds !== undefined && !/^\d{1,9}(\.\d{1,9})?$/.test(seconds)) return 'DURATION: use seconds';
  const durationMs = seconds === undefined ? undefined : Math.round(Number(seconds) * 1000);
  return { id, startMs, ...defined({ durationMs }), data };
}

/** The ranges in the order of their beginnings, each id once: the first one that says it counts. */
function inOrder(ranges: readonly DateRange[]): DateRange[] {
  const byId = new Map<string, DateRange>();
  for (const range of ranges) if (!byId.has(range.id)) byId.set(range.id, range);
  return [...byId.values()].sort((a, b) => a.startMs - b.startMs);
}

/**
 * The ranges that a playlist carries: of those that begin in what it shows, each id once, what `ranges` says of it
 * first. Of more than a playlist may carry the oldest leave first.
 */
export function shownRanges(
  ranges: readonly DateRange[],
  isShown: (range: DateRange) => boolean = () => true,
): DateRange[] {
  const kept: DateRange[] = [];
  let bytes = 0;
  for (const range of inOrder(ranges).filter(isShown).reverse()) {
    bytes += formatDateRange(range).length + 1;
    if (kept.length >= MAX_RANGES || bytes > MAX_BYTES) break;
    kept.unshift(range);
  }
  return kept;
}

/** A segment by its dates, in milliseconds. */
interface DatedSegment {
  programDateTimeMs?: number;
  durationMs: number;
}

/**
 * Returns whether a range begins in one of these segments. A segment is asked, not the first date: the clock of the
 * node that a publisher comes to next may be behind.
 */
export const beginsIn =
  (segments: readonly DatedSegment[]) =>
  ({ startMs }: DateRange): boolean =>
    segments.some(
      ({ programDateTimeMs: from, durationMs }) =>
        from !== undefined && from <= startMs && startMs <= from + durationMs,
    );

/** Bounds of what a recording carries; players read it once. */
const MAX_RECORDED_BYTES = 1 << 20;

/** The ranges of a recording in order, each id once; `isCut`: there were more than it may carry. */
export function rangesOfRecording(ranges: readonly DateRange[]): { ranges: DateRange[]; isCut: boolean } {
  const all = inOrder(ranges);
  let bytes = 0;
  const cut = all.findIndex((range) => {
    bytes += formatDateRange(range).length + 1;
    return bytes > MAX_RECORDED_BYTES;
  });
  return { ranges: cut < 0 ? all : all.slice(0, cut), isCut: cut >= 0 };
}
