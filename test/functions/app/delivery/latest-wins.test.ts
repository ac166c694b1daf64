import { latestWins } from '../../../../functions/app/delivery/latest-wins';

/** Work that ends when told to. */
function held() {
  const open: ((value: number) => void)[] = [];
  const fail: ((error: Error) => void)[] = [];
  const run = jest.fn(
    () =>
      new Promise<number>((resolve, reject) => {
        open.push(resolve);
        fail.push(reject);
      }),
  );
  return { run, open, fail };
}
const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('latestWins', () => {
  it('runs the first call at once', () => {
    const { run } = held();
    void latestWins<number>()('a', run);
    expect(run).toHaveBeenCalledTimes(1);
  });

  it('runs once more for all the calls that came while it ran', async () => {
    const { run, open } = held();
    const once = latestWins<number>();
    const first = once('a', run);
    const later = [once('a', run), once('a', run), once('a', run)];
    await turn();
    expect(run).toHaveBeenCalledTimes(1);
    open[0]?.(1);
    expect(await first).toBe(1);
    await turn();
    open[1]?.(2);
    expect(await Promise.all(later)).toEqual([2, 2, 2]);
    expect(run).toHaveBeenCalledTimes(2);
  });

  it('keeps keys apart', () => {
    const { run } = held();
    const once = latestWins<number>();
    void once('a', run);
    void once('b', run);
    expect(run).toHaveBeenCalledTimes(2);
  });

  it('runs the queued call although the one before failed, and fails only whom it covered', async () => {
    const { run, open, fail } = held();
    const once = latestWins<number>();
    const first = once('a', run);
    const second = once('a', run);
    fail[0]?.(new Error('no'));
    await expect(first).rejects.toThrow('no');
    await turn();
    open[1]?.(2);
    expect(await second).toBe(2);
  });

  it('never runs two of one key at a time, and covers every call by a run that began after it', async () => {
    const once = latestWins<number>();
    let active = 0;
    let begun = 0;
    const run = async () => {
      active += 1;
      expect(active).toBe(1);
      begun += 1;
      const own = begun;
      await turn();
      active -= 1;
      return own;
    };
    const calls = Array.from({ length: 50 }, async (_, index) => {
      for (let wait = 0; wait < index % 7; wait++) await turn();
      const before = begun;
      expect(await once('a', run)).toBeGreaterThan(before);
    });
    await Promise.all(calls);
    expect(begun).toBeLessThan(20);
  });
});
