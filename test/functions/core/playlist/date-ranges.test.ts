import fc from 'fast-check';
import type { DateRange } from '../../../../functions/contract/objects/metadata';
import { decodeMetadataText, encodeMetadataText } from '../../../../functions/contract/timed-metadata/text';
import {
  beginsIn,
  formatDateRange,
  parseDateRange,
  rangesOfRecording,
  shownRanges,
} from '../../../../functions/core/playlist/date-ranges';
import { formatMediaPlaylist, parseMediaPlaylist } from '../../../../functions/core/playlist/media-playlist';
import { checkPlaylist } from '../../../../scripts/tools/check-hls/rules';

const START = Date.UTC(2026, 10, 27, 12);
const rangeOf = (id: string, startMs: number, data = 'goal'): DateRange => ({ id, startMs, data });
const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 200 });
const range = fc.record(
  {
    id: fc.stringMatching(/^[A-Za-z0-9_.-]{1,64}$/),
    startMs: fc.integer({ min: START, max: START + 86_400_000 }),
    durationMs: fc.integer({ min: 0, max: 86_400_000 }),
    data: text.map(encodeMetadataText),
  },
  { requiredKeys: ['id', 'startMs', 'data'] },
);

describe('a date range', () => {
  it('is one line, its text percent-encoded only where it has to be', () => {
    const data = encodeMetadataText('{"goal": 1} 100% \u202e\ud83d\ude00\n#EXT-X-ENDLIST');
    expect(formatDateRange({ id: 'goal-1', startMs: START, durationMs: 1500, data })).toBe(
      '#EXT-X-DATERANGE:ID="goal-1",CLASS="srs-live.metadata",START-DATE="2026-11-27T12:00:00.000Z",DURATION=1.500,' +
        'X-SRS-LIVE-DATA="{%22goal%22: 1} 100%25 %E2%80%AE%F0%9F%98%80%0A#EXT-X-ENDLIST"',
    );
  });

  it('is read as it was written, whatever its text is', () => {
    fc.assert(
      fc.property(range, (written) => {
        const line = formatDateRange(written);
        expect(line).toMatch(/^[\x20-\x7e]+$/);
        expect(parseDateRange(line.slice('#EXT-X-DATERANGE:'.length))).toEqual(written);
      }),
    );
    fc.assert(fc.property(text, (data) => decodeMetadataText(encodeMetadataText(data)) === data));
  });

  it('of another class is passed over, and a broken one is named', () => {
    expect(parseDateRange('ID="ad",START-DATE="2026-11-27T12:00:00Z",SCTE35-OUT=0xFC')).toBeUndefined();
    expect(parseDateRange('ID="a",CLASS="srs-live.metadata",X-SRS-LIVE-DATA="x"')).toContain('START-DATE');
    expect(decodeMetadataText('%E2')).toBeUndefined();
  });

  it('makes a playlist that an independent checker accepts, and that is read back the same', () => {
    const segments = [{ uri: '0.ts', durationMs: 2000, programDateTimeMs: START, discontinuity: false }];
    fc.assert(
      fc.property(fc.uniqueArray(range, { selector: ({ id }) => id, maxLength: 20 }), (ranges) => {
        const dateRanges = shownRanges(ranges);
        const header = { targetDurationSeconds: 2, mediaSequence: 3, discontinuitySequence: 0, ended: false };
        const written = formatMediaPlaylist({ ...header, segments, dateRanges });
        expect(checkPlaylist(written)).toEqual([]);
        expect(parseMediaPlaylist(written).dateRanges ?? []).toEqual(dateRanges);
      }),
    );
  });
});

describe('date ranges of a window', () => {
  it('are in the order of their beginnings, each id once as it was first said', () => {
    const ranges = [rangeOf('b', START + 2), rangeOf('a', START + 1), rangeOf('b', START + 9, 'other')];
    expect(shownRanges(ranges)).toEqual([rangeOf('a', START + 1), rangeOf('b', START + 2)]);
  });

  it('leave with the segment in which they begin, and do not come back', () => {
    const ranges = [rangeOf('a', START), rangeOf('b', START + 2000)];
    const segments = [0, 2000, 4000].map((ms) => ({ programDateTimeMs: START + ms, durationMs: 1999 }));
    const ids = (from: number) => shownRanges(ranges, beginsIn(segments.slice(from))).map(({ id }) => id);
    expect([ids(0), ids(1), ids(2)]).toEqual([['a', 'b'], ['b'], []]);
  });

  it('are a hundred and 32 KiB at most, of which the oldest leave first', () => {
    const many = Array.from({ length: 300 }, (_, index) => rangeOf(`m${index}`, START + index));
    expect(shownRanges(many).map(({ id }) => id)).toEqual(many.slice(200).map(({ id }) => id));
    const large = many.map((each) => ({ ...each, data: 'x'.repeat(3072) }));
    expect(shownRanges(large).map(({ id }) => id)).toEqual(large.slice(-10).map(({ id }) => id));
  });

  it('of a recording are a megabyte at most, and that it is cut is told', () => {
    const large = Array.from({ length: 400 }, (_, index) => rangeOf(`m${index}`, START + index, 'x'.repeat(3072)));
    const { ranges, isCut } = rangesOfRecording(large);
    expect([isCut, ranges[0]?.id, ranges.length]).toEqual([true, 'm0', 329]);
    expect(rangesOfRecording(large.slice(0, 3)).isCut).toBe(false);
  });
});
