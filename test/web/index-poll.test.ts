import { type IndexAnswer, pollIndex } from '../../web/watch/index-poll';
import { seconds, whyNoIndex } from '../../web/watch/words';

async function poll(answers: IndexAnswer[], options: { finished?: string; abortAfter?: number } = {}) {
  const misses: number[] = [];
  const waits: number[] = [];
  const leaving = new AbortController();
  let asked = 0;
  const text = await pollIndex({
    read: async () => {
      asked += 1;
      if (asked === options.abortAfter) leaving.abort();
      return answers[asked - 1] ?? { status: 404 };
    },
    sleep: async (ms) => void waits.push(ms),
    onMiss: (status) => misses.push(status),
    wanted: (found) => found !== options.finished,
    signal: leaving.signal,
  });
  return { text, misses, waits };
}

describe('waiting for the index', () => {
  it('asks until it is there and tells what stood in its place', async () => {
    const { text, misses } = await poll([{ status: 403 }, { status: 404 }, { status: 0 }, { text: 'index' }]);
    expect([text, misses]).toEqual(['index', [403, 404, 0]]);
  });

  it('passes over the index of a broadcast that is over', async () => {
    expect(await poll([{ text: 'old' }, { text: 'old' }, { text: 'new' }], { finished: 'old' })).toMatchObject({
      text: 'new',
      misses: [],
    });
  });

  it('asks less often after a minute', async () => {
    const { waits } = await poll([], { abortAfter: 62 });
    expect([waits.slice(0, 59).every((ms) => ms === 1000), waits.slice(59)]).toEqual([true, [3000, 3000]]);
  });

  it('ends with the page', async () => {
    expect((await poll([], { abortAfter: 3 })).text).toBeUndefined();
  });
});

describe('words for a viewer', () => {
  it.each([
    [0, 'interrupted', 'does not answer'],
    [403, 'waiting', 'not on air yet'],
    [404, 'waiting', 'not on air yet'],
    [429, 'interrupted', 'Too many requests'],
    [503, 'interrupted', '503'],
  ])('status %d is %s: %s', (status, state, words) => {
    expect(whyNoIndex(status)).toEqual({ state, words: expect.stringContaining(words) });
  });

  it.each([
    [undefined, '–'],
    [Number.NaN, '–'],
    [4.25, '4.3 s'],
  ])('%p seconds read %s', (value, text) => {
    expect(seconds(value)).toBe(text);
  });
});
