import { KeyedQueue } from '../../../functions/app/keyed-queue';
import { manualClock } from '../../support/manual-clock';

const OPTIONS = { maxWaiting: 2, maxWaitMs: 4000 };
let clock: ReturnType<typeof manualClock>;
let queue: KeyedQueue;
let begun: string[];

beforeEach(() => {
  clock = manualClock();
  queue = new KeyedQueue({ ...OPTIONS, clock });
  begun = [];
});

/** Work that goes on until it is ended. */
function work(name: string) {
  let end = (): void => undefined;
  let fail = (_error: Error): void => undefined;
  const done = new Promise<string>((resolve, reject) => {
    end = () => resolve(name);
    fail = reject;
  });
  const run = () => {
    begun.push(name);
    return done;
  };
  return { run, end, fail };
}

describe('a queue by key', () => {
  it('does the work of one key in order, one at a time, and that of others beside it', async () => {
    const one = work('one');
    const two = work('two');
    const other = work('other');
    const first = queue.run('a', one.run);
    const second = queue.run('a', two.run);
    const beside = queue.run('b', other.run);
    other.end();
    expect(await beside).toBe('other');
    expect(begun).toEqual(['one', 'other']);
    one.end();
    two.end();
    expect(await Promise.all([first, second])).toEqual(['one', 'two']);
    expect(begun).toEqual(['one', 'other', 'two']);
  });

  it('goes on after work that failed', async () => {
    const one = work('one');
    const two = work('two');
    const first = queue.run('a', one.run);
    const second = queue.run('a', two.run);
    one.fail(new Error('failed'));
    two.end();
    await expect(first).rejects.toThrow('failed');
    expect(await second).toBe('two');
  });

  it('refuses those for whom there is no room, and takes new ones once there is', async () => {
    const one = work('one');
    const waiting = [one, work('two'), work('three')].map(({ run, end }) => {
      if (run !== one.run) end();
      return queue.run('a', run);
    });
    await expect(queue.run('a', work('four').run)).rejects.toMatchObject({
      code: 'rate_limited',
      retryAfterSeconds: 1,
    });
    one.end();
    await Promise.all(waiting);
    const five = work('five');
    five.end();
    expect(await queue.run('a', five.run)).toBe('five');
    expect(begun).toEqual(['one', 'two', 'three', 'five']);
  });

  it('leaves out callers that have left, and those whose turn comes too late', async () => {
    const one = work('one');
    const two = work('two');
    const three = work('three');
    const leaving = new AbortController();
    const settled = Promise.allSettled([
      queue.run('a', one.run),
      queue.run('a', two.run, leaving.signal),
      queue.run('a', three.run),
    ]);
    await clock.advance(0);
    leaving.abort();
    await clock.advance(4001);
    one.end();
    const codes = (await settled).map((each) => (each.status === 'rejected' ? each.reason.code : each.value));
    expect(codes).toEqual(['one', 'rate_limited', 'unavailable']);
    expect(begun).toEqual(['one']);
  });
});
