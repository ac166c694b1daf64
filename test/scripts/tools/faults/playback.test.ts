import { stallSeconds } from '../../../../scripts/tools/faults/playback';

const arrivals = (...all: readonly (readonly [second: number, seconds: number])[]) =>
  all.map(([second, seconds]) => ({ atMs: second * 1000, seconds }));

describe("a player's stall", () => {
  it('is nothing while each segment comes before the one in front of it is over', () => {
    expect(stallSeconds(arrivals([0, 2], [0, 2], [2, 2], [4, 2]), 6000)).toBe(0);
  });

  it('is what lies between the end of what it had and the next segment', () => {
    expect(stallSeconds(arrivals([0, 2], [5, 2], [7.5, 2]), 9000)).toBe(3.5);
  });

  it('lasts to the end of the watch when nothing comes any more', () => {
    expect(stallSeconds(arrivals([0, 2]), 10_000)).toBe(8);
  });

  it('is nothing when several come at once after a wait that the buffer covered', () => {
    expect(stallSeconds(arrivals([0, 2], [0, 2], [0, 2], [6, 2], [6, 2]), 10_000)).toBe(0);
  });

  it('is nothing for who never had a segment: that is no stall but no beginning', () => {
    expect(stallSeconds([], 10_000)).toBe(0);
  });
});
