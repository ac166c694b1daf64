import fc from 'fast-check';
import { LADDERS, rungsFor } from '../../../../functions/core/packaging/ladder';

const named = (rungs: readonly { name: string; bitsPerSecond: number }[]) =>
  rungs.map(({ name, bitsPerSecond }) => `${name} ${bitsPerSecond / 1000}`);

describe('the rungs of a ladder', () => {
  it.each([
    ['sd', 1280, 720, 3_000_000, ['480p 1000', '240p 350']],
    ['hd', 1920, 1080, 6_000_000, ['720p 2500', '480p 1000', '360p 600']],
    ['hd', 1280, 720, 3_500_000, ['720p 2500', '480p 1000', '360p 600']],
    ['hd', 1280, 720, 1_500_000, ['480p 1000', '360p 600']],
    ['sd', 1280, 720, 1_200_000, ['240p 350']],
    ['sd', 426, 240, 400_000, ['240p 200']],
    ['sd', 320, 180, 600_000, ['180p 300']],
    ['sd', 320, 180, 150_000, []],
    ['none', 1920, 1080, 6_000_000, []],
  ] as const)('%s of %i x %i at %i bit/s are %j', (ladder, width, height, bitsPerSecond, rungs) => {
    expect(named(rungsFor(ladder, { width, height, bitsPerSecond }))).toEqual(rungs);
  });

  it('keep the shape of a portrait picture, in even numbers', () => {
    expect(rungsFor('sd', { width: 720, height: 1280, bitsPerSecond: 3_000_000 })).toMatchObject([
      { width: 270, height: 480 },
      { width: 136, height: 240 },
    ]);
  });

  it('are never larger than the source, never above 0.8 of it, and have a name each', () => {
    const source = fc.record({ width: fc.nat(8192), height: fc.nat(8192), bitsPerSecond: fc.nat(100_000_000) });
    fc.assert(
      fc.property(fc.constantFrom('none' as const, 'sd' as const, 'hd' as const), source, (ladder, picture) => {
        const rungs = rungsFor(ladder, picture);
        expect(rungs.length).toBeLessThanOrEqual(LADDERS[ladder].length);
        expect(new Set(rungs.map(({ name }) => name)).size).toBe(rungs.length);
        for (const { width, height, bitsPerSecond } of rungs) {
          expect(height).toBeLessThanOrEqual(picture.height + 1);
          expect(bitsPerSecond).toBeLessThanOrEqual(0.8 * picture.bitsPerSecond);
          expect([width % 2, height % 2]).toEqual([0, 0]);
        }
      }),
    );
  });
});
