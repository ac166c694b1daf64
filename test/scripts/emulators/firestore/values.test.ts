import fc from 'fast-check';
import { compareNames } from '../../../../scripts/emulators/firestore/names';
import { parseFieldPath, valueAt, withValueAt } from '../../../../scripts/emulators/firestore/query/field-path';
import { compareUtf8 } from '../../../../scripts/emulators/firestore/query/text-order';
import { transformed } from '../../../../scripts/emulators/firestore/values/transforms';
import { compareValues } from '../../../../scripts/emulators/firestore/values/values';
import type { Value } from '../../../../scripts/emulators/firestore/wire/messages';

const integer = (value: bigint | number): Value => ({ integerValue: String(value) });
const double = (doubleValue: number): Value => ({ doubleValue });

describe('the order of values', () => {
  it('is that of the bytes for texts', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }), (a, b) => {
        expect(Math.sign(compareUtf8(a, b))).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)));
      }),
    );
  });

  it('is exact for integers beyond what a double holds', () => {
    const large = 2n ** 53n;
    expect(compareValues(integer(large), integer(large + 1n))).toBe(-1);
    expect(compareValues(integer(large), integer(large))).toBe(0);
  });

  it('mixes integers and doubles, and puts NaN before all', () => {
    const sorted = [
      double(Number.NaN),
      double(Number.NEGATIVE_INFINITY),
      integer(-1),
      double(0.5),
      integer(1),
      double(1.5),
    ];
    expect([...sorted].reverse().sort(compareValues)).toEqual(sorted);
    expect([compareValues(integer(1), double(1)), compareValues(double(0), double(-0))]).toEqual([0, 0]);
  });

  it('goes by segments for names, numeric ids first', () => {
    const sorted = ['a/__id-7__', 'a/__id10__', 'a/1', 'a/1/b/0', 'a/10', 'ab/0'];
    expect([...sorted].reverse().sort(compareNames)).toEqual(sorted);
  });
});

describe('field paths', () => {
  it.each([
    ['a', ['a']],
    ['a.b_2.c', ['a', 'b_2', 'c']],
    ['`odd name`.b', ['odd name', 'b']],
    ['`a.b`', ['a.b']],
    ['`tick \\` and \\\\`', ['tick ` and \\']],
  ])('reads %s', (text, path) => {
    expect(parseFieldPath(text)).toEqual(path);
  });

  it.each(['', '.', 'a.', '.a', 'a..b', 'a b', '`a', '1a'])("refuses '%s'", (text) => {
    expect(() => parseFieldPath(text)).toThrow(`Invalid property path "${text}"`);
  });

  it('puts a value where there was none, or none where there was one, and shares the rest', () => {
    const rest: Value = { mapValue: { fields: {} } };
    const before = { rest, n: integer(1) };
    const after = withValueAt(before, ['n', 'deep'], integer(2));
    expect(valueAt(after, ['n', 'deep'])).toEqual(integer(2));
    expect(after.rest).toBe(rest);
    expect(withValueAt(before, ['n'], undefined)).toEqual({ rest });
    expect(withValueAt(before, ['x', 'y'], undefined)).toBe(before);
  });
});

describe('transforms', () => {
  it('stop at the bounds of an integer', () => {
    const largest = integer(2n ** 63n - 1n);
    expect(transformed(largest, { fieldPath: 'x', increment: integer(1) }, 0).value).toEqual(largest);
  });

  it('keep the greater or the smaller', () => {
    expect(transformed(integer(3), { fieldPath: 'x', maximum: double(3.5) }, 0).value).toEqual(double(3.5));
    expect(transformed(integer(3), { fieldPath: 'x', minimum: double(3.5) }, 0).value).toEqual(integer(3));
    expect(transformed(undefined, { fieldPath: 'x', minimum: integer(9) }, 0).value).toEqual(integer(9));
  });
});
