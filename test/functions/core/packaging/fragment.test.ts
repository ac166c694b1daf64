import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { boxAt, boxesIn } from '../../../../functions/core/packaging/boxes';
import { fragmentTimes, shiftedFragment } from '../../../../functions/core/packaging/fragment';

const fixture = (name: string): Uint8Array => new Uint8Array(readFileSync(`test/fixtures/packaging/${name}`));
/** 2026-11-26T12:00:00Z in ticks of 90 kHz: 47 bits. */
const NOW_TICKS = Date.UTC(2026, 10, 26, 12) * 90;

const typesOf = (bytes: Uint8Array): string[] => boxesIn(bytes).map(({ type }) => type);
const bodyOf = (bytes: Uint8Array, type: string): Uint8Array => {
  const box = boxAt(bytes, [type]);
  return bytes.subarray(box?.body, box?.end);
};
/** Returns the offset of the first sample, as `trun` says: from the start of `moof`. */
function firstSampleOf(bytes: Uint8Array): number {
  const moof = boxAt(bytes, ['moof']);
  const trun = boxAt(bytes, ['moof', 'traf', 'trun']);
  return (moof?.start ?? 0) + new DataView(bytes.buffer, bytes.byteOffset).getInt32((trun?.body ?? 0) + 8);
}

describe('a fragment', () => {
  it('says when it begins to decode and how long it plays', () => {
    expect(fragmentTimes(fixture('video-0.m4s'))).toEqual({ decodeTime: 162_000, duration: 180_000, samples: 10 });
    expect(fragmentTimes(fixture('video-1.m4s'))).toEqual({ decodeTime: 342_000, duration: 180_000, samples: 10 });
    expect(fragmentTimes(fixture('audio-0.m4s'))?.decodeTime).toBe(159_910);
  });

  it.each(['video-0.m4s', 'video-1.m4s', 'audio-0.m4s', 'cbcs.m4s'])(
    '%s is moved beyond 32 bits with its samples in place',
    (name) => {
      const bytes = fixture(name);
      const before = fragmentTimes(bytes);
      const moved = shiftedFragment(bytes, NOW_TICKS);
      if (moved === undefined || before === undefined) throw new Error('not moved');
      expect(fragmentTimes(moved)).toEqual({ ...before, decodeTime: before.decodeTime + NOW_TICKS });
      expect(bodyOf(moved, 'mdat')).toEqual(bodyOf(bytes, 'mdat'));
      expect(firstSampleOf(moved)).toBe(boxAt(moved, ['mdat'])?.body);
      expect(typesOf(moved)).toEqual(typesOf(bytes).filter((type) => type !== 'sidx'));
    },
  );

  it('is moved again in place once its decode time has 64 bits', () => {
    const once = shiftedFragment(fixture('video-0.m4s'), NOW_TICKS);
    const twice = once && shiftedFragment(once, 90_000);
    expect(twice?.length).toBe(once?.length);
    expect(twice && fragmentTimes(twice)?.decodeTime).toBe(162_000 + NOW_TICKS + 90_000);
    expect(once && fragmentTimes(once)?.decodeTime).toBe(162_000 + NOW_TICKS);
  });

  it('keeps the offset of its encryption data at that data', () => {
    const bytes = fixture('cbcs.m4s');
    const offsetOf = (of: Uint8Array): number => {
      const saio = boxAt(of, ['moof', 'traf', 'saio']);
      const moof = boxAt(of, ['moof']);
      return (moof?.start ?? 0) + new DataView(of.buffer, of.byteOffset).getUint32((saio?.body ?? 0) + 8);
    };
    const moved = shiftedFragment(bytes, NOW_TICKS) ?? new Uint8Array();
    expect(offsetOf(moved) - (boxAt(moved, ['moof', 'traf', 'senc'])?.body ?? 0)).toBe(
      offsetOf(bytes) - (boxAt(bytes, ['moof', 'traf', 'senc'])?.body ?? 0),
    );
  });

  it('is not moved to a time before 0, nor beyond what a number holds', () => {
    expect(shiftedFragment(fixture('video-0.m4s'), -162_001)).toBeUndefined();
    expect(shiftedFragment(fixture('video-0.m4s'), Number.MAX_SAFE_INTEGER)).toBeUndefined();
  });

  it('with any bytes changed is read to an end', () => {
    const bytes = fixture('video-1.m4s');
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(700), fc.nat(255)), { maxLength: 8 }), fc.integer(), (changes, shift) => {
        const odd = bytes.slice();
        for (const [at, value] of changes) odd[at] = value;
        const moved = shiftedFragment(odd, shift);
        expect(moved === undefined || moved.length <= odd.length + 4).toBe(true);
      }),
    );
  });
});
