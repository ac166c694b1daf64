import { FAULTS } from '../../../../scripts/tools/faults/table';
import { complaints, type Outcome } from '../../../../scripts/tools/faults/verdict';

const WELL: Outcome = {
  stallSeconds: 0,
  lostSegments: 0,
  healSeconds: 3,
  discontinuities: 0,
  unanswered: 4,
  broken: [],
};
const promise = { isFelt: false, lastsSeconds: 6, discontinuities: 0 };

describe('the verdict on a fault', () => {
  it('is silent about what was promised', () => {
    expect(complaints(promise, WELL)).toEqual([]);
    expect(complaints({ ...promise, isFelt: true }, { ...WELL, stallSeconds: 8 })).toEqual([]);
    expect(complaints({ ...promise, discontinuities: 1 }, { ...WELL, discontinuities: 1 })).toEqual([]);
  });

  it.each<[string, Partial<Outcome>, string]>([
    ['a playlist that stays old', { healSeconds: undefined }, 'the playlist did not become fresh again'],
    ['a whole segment nobody can play', { lostSegments: 2 }, '2 whole segments are in no playlist'],
    ['a stall where none was to be', { stallSeconds: 8 }, 'viewers stood still for 8 s, more than 6 s'],
    ['a discontinuity too many', { discontinuities: 1 }, '1 discontinuities, at most 0 were to be'],
    ['a broken rule', { broken: ['/a.m3u8: 4.4.1.1: no #EXTM3U'] }, '/a.m3u8: 4.4.1.1: no #EXTM3U'],
  ])('names %s', (_, outcome, sentence) => {
    expect(complaints(promise, { ...WELL, ...outcome })).toEqual([sentence]);
  });
});

describe('the fault table', () => {
  it('has more than 50 rows of different names, each with a sentence, and some of them in the short form', () => {
    expect(new Set(FAULTS.map(({ name }) => name)).size).toBe(FAULTS.length);
    expect(FAULTS.length).toBeGreaterThan(50);
    expect(FAULTS.filter(({ does }) => !/^[A-Z].*\.$/.test(does))).toEqual([]);
    expect(FAULTS.filter(({ isShort }) => isShort === true).length).toBeGreaterThanOrEqual(6);
  });
});
