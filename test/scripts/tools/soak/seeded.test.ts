import { pick, seeded } from '../../../../scripts/tools/soak/seeded';
import { usageOf } from '../../../../scripts/tools/soak/usage';

const first = (count: number, seed: number): number[] => {
  const random = seeded(seed);
  return Array.from({ length: count }, random);
};

describe('the numbers of a soak', () => {
  it('are the same for the same seed, and others for another', () => {
    expect(first(50, 7)).toEqual(first(50, 7));
    expect(first(50, 8)).not.toEqual(first(50, 7));
  });

  it('lie between 0 and 1, in each tenth about as often', () => {
    const tenths = first(5000, 1).map((number) => Math.floor(number * 10));
    const counts = Array.from({ length: 10 }, (_, tenth) => tenths.filter((one) => one === tenth).length);
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(5000);
    for (const count of counts) expect(Math.abs(count - 500)).toBeLessThan(120);
  });

  it('pick one of several, or nothing of nothing', () => {
    expect(pick(['a', 'b'], () => 0.6)).toBe('b');
    expect(pick([], () => 0.6)).toBeUndefined();
  });
});

describe('the use of processes', () => {
  it('leaves out a process that does not exist', () => {
    expect(Object.keys(usageOf({ gone: 2 ** 30 }))).toEqual([]);
  });
});
