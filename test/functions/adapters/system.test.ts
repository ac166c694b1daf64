import { randomId } from '../../../functions/adapters/system';

describe('randomId', () => {
  it.each([1, 8, 16, 100])('gives %d of a-z, 0-9', (length) => {
    expect(randomId(length)).toMatch(new RegExp(`^[a-z0-9]{${length}}$`));
  });

  it('does not give the same twice, and uses every letter', () => {
    const ids = Array.from({ length: 1000 }, () => randomId(16));
    expect(new Set(ids).size).toBe(1000);
    expect(new Set(ids.join('')).size).toBe(36);
  });
});
