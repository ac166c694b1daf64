import { page } from '../../../../scripts/emulators/srs/api';

describe('a list of the API', () => {
  const all = Array.from({ length: 30 }, (_, index) => index);

  it.each([
    ['', 0, 10],
    ['count=2', 0, 10],
    ['count=20', 0, 20],
    ['start=25', 25, 5],
    ['start=0&count=10000', 0, 30],
    ['start=-1&count=x', 0, 10],
  ])('answers %j from %d on with %d', (query, first, length) => {
    const shown = page(all, new URLSearchParams(query));
    expect([shown[0], shown.length]).toEqual([first, length]);
  });
});
