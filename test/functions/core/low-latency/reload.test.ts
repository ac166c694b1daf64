import { beginning, type LowLatencyState } from '../../../../functions/core/low-latency/playlist';
import { decideReload, readReload } from '../../../../functions/core/low-latency/reload';

const part = { durationMs: 500, isIndependent: false };
const segmentOf = (msn: number) => ({
  msn,
  parts: [part, part, part, part],
  durationMs: 2000,
  programDateTimeMs: 0,
  isDiscontinuous: false,
  map: 'init-a.mp4',
});
/** Segments 5 to 8 are whole, and two parts of 9 are there. */
const STATE: LowLatencyState = {
  ...beginning(5),
  segments: [5, 6, 7, 8].map(segmentOf),
  open: { msn: 9, parts: [part, part], map: 'init-a.mp4' },
};

describe('a blocking reload', () => {
  it.each([
    ['without a number', {}, 'answer'],
    ['for a segment that is whole', { msn: 8 }, 'answer'],
    ['for one that has left the window', { msn: 1 }, 'answer'],
    ['for the open segment as a whole', { msn: 9 }, 'hold'],
    ['for a part that is there', { msn: 9, part: 1 }, 'answer'],
    ['for the next part', { msn: 9, part: 2 }, 'hold'],
    ['for the segment after the open one', { msn: 10 }, 'hold'],
    ['two ahead', { msn: 11, part: 0 }, 'hold'],
    ['three ahead', { msn: 12 }, 'refuse'],
    ['for a part beyond the last of a whole segment, while the next one has parts', { msn: 8, part: 4 }, 'answer'],
  ] as const)('%s is decided', (_, reload, kind) => {
    expect(decideReload(STATE, { skip: false, ...reload }).kind).toBe(kind);
  });

  it('for a part beyond the last of a whole segment is one for the first part of the next', () => {
    const between = { ...STATE, open: { ...STATE.open, parts: [] } };
    expect(decideReload(between, { msn: 8, part: 4, skip: false })).toEqual({ kind: 'hold' });
    expect(decideReload(between, { msn: 8, part: 3, skip: false })).toEqual({ kind: 'answer' });
  });

  it('is never held once the playlist has ended', () => {
    expect(decideReload({ ...STATE, ended: true }, { msn: 10, skip: false })).toEqual({ kind: 'answer' });
  });

  it.each([
    ['_HLS_msn', { _HLS_msn: '05' }],
    ['_HLS_msn', { _HLS_msn: '-1' }],
    ['_HLS_msn', { _HLS_msn: '1e3' }],
    ['_HLS_msn', { _HLS_msn: '12345678901' }],
    ['_HLS_part', { _HLS_msn: '5', _HLS_part: 'x' }],
    ['_HLS_part', { _HLS_part: '1' }],
    ['_HLS_skip', { _HLS_skip: 'no' }],
    ["query 'token'", { token: 'a' }],
  ])('names %s in %j', (field, query) => {
    expect(readReload(query)).toContain(field);
  });

  it('reads what rfc8216bis 6.2.5.2 has', () => {
    expect(readReload({ _HLS_msn: '9', _HLS_part: '0', _HLS_skip: 'YES' })).toEqual({ msn: 9, part: 0, skip: true });
    expect(readReload({})).toEqual({ skip: false });
  });
});
