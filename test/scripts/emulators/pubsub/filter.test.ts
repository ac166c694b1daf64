import { parseFilter } from '../../../../scripts/emulators/pubsub/filter';

describe('a filter', () => {
  it.each([
    ['attributes.a = "1"', true],
    ['attributes.a="1"', true],
    ['attributes."a" = "1"', true],
    ['attributes:a', true],
    ['attributes:c', false],
    ['-attributes:c', true],
    ['NOT NOT attributes:a', true],
    ['attributes.c != "1"', true],
    ['attributes.b = "say \\"x\\""', true],
    ['hasPrefix(attributes.b, "say")', true],
    ['hasPrefix(attributes.c, "")', false],
    ['attributes.a = "1" AND attributes.b = "2"', false],
    ['(attributes.a = "1" AND attributes:b) OR attributes:c', true],
    ['attributes.a = "1" AND (attributes:b OR attributes:c)', true],
  ])('%s', (text, passes) => {
    expect(parseFilter(text)({ a: '1', b: 'say "x"' })).toBe(passes);
  });

  it.each([
    ['attributes.a = ', 'ends too early'],
    ['attributes.a = 1', "'1' is not understood"],
    ['attributes.a ~ "1"', 'is not understood'],
    ['attributes.a = "1" attributes:b', "'attributes' is not expected"],
    ['attributes:a AND attributes:b OR attributes:c', "'OR' is not expected"],
    ['(attributes:a', 'ends too early'],
    ['data = "x"', "'data' is not expected"],
    [`attributes.a = "${'x'.repeat(256)}"`, 'more than 256 bytes'],
  ])('refuses %s', (text, why) => {
    expect(() => parseFilter(text)).toThrow(why);
  });
});
