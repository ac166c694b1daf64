import { GuessLimiter } from '../../../functions/app/guess-limiter';

/** Sleeping moves the clock, unless it is held. */
function trackedClock() {
  let now = 0;
  const sleeps: number[] = [];
  let hold: Promise<void> | undefined;
  return {
    sleeps,
    holdSleepers: (until: Promise<void>) => {
      hold = until;
    },
    advance: (ms: number) => {
      now += ms;
    },
    now: () => now,
    sleep: async (ms: number) => {
      sleeps.push(ms);
      await hold;
    },
  };
}

describe('the guess limiter', () => {
  it('waits for nothing after a few failures, then twice as long each time, up to a second', async () => {
    const clock = trackedClock();
    const guessLimiter = new GuessLimiter({ clock });
    for (let failure = 0; failure < 12; failure += 1) await guessLimiter.failed(['a']);
    expect(clock.sleeps).toEqual([25, 50, 100, 200, 400, 800, 1000, 1000, 1000]);
  });

  it('waits by the worst of the keys, and keeps them apart', async () => {
    const clock = trackedClock();
    const guessLimiter = new GuessLimiter({ clock });
    for (let failure = 0; failure < 5; failure += 1) await guessLimiter.failed([`stream ${failure}`, 'address']);
    expect(clock.sleeps).toEqual([25, 50]);
    await guessLimiter.failed(['another address']);
    expect(clock.sleeps).toHaveLength(2);
  });

  it('alerts at 50 failures and at every doubling', async () => {
    const guessLimiter = new GuessLimiter({ clock: trackedClock() });
    const alerts: number[] = [];
    for (let failure = 1; failure <= 10_000; failure += 1) {
      const { alert } = await guessLimiter.failed(['a']);
      if (alert !== undefined) alerts.push(alert.failures);
    }
    expect(alerts).toEqual([50, 100, 200, 400, 800, 1600, 3200, 6400]);
  });

  it('forgets after ten minutes of quiet, and at the right secret', async () => {
    const clock = trackedClock();
    const guessLimiter = new GuessLimiter({ clock });
    for (let failure = 0; failure < 4; failure += 1) await guessLimiter.failed(['a']);
    clock.advance(600_001);
    await guessLimiter.failed(['a']);
    expect(clock.sleeps).toEqual([25]);
    for (let failure = 0; failure < 2; failure += 1) await guessLimiter.failed(['a']);
    guessLimiter.succeeded('a');
    await guessLimiter.failed(['a']);
    expect(clock.sleeps).toEqual([25]);
  });

  it('remembers so many and no more: the one not seen for longest goes', async () => {
    const clock = trackedClock();
    const guessLimiter = new GuessLimiter({ clock, capacity: 100 });
    for (let failure = 0; failure < 4; failure += 1) await guessLimiter.failed(['victim']);
    for (let other = 0; other < 100; other += 1) await guessLimiter.failed([`other ${other}`]);
    await guessLimiter.failed(['victim']);
    expect(clock.sleeps).toEqual([25]);
  });

  it('holds back so many answers at once and no more', async () => {
    const clock = trackedClock();
    const guessLimiter = new GuessLimiter({ clock, maxHeld: 2 });
    for (let failure = 0; failure < 20; failure += 1) await guessLimiter.failed(['guesser']);
    const before = clock.sleeps.length;
    let release = (): void => undefined;
    clock.holdSleepers(new Promise((resolve) => (release = resolve)));
    const held = [guessLimiter.failed(['guesser']), guessLimiter.failed(['guesser'])];
    await guessLimiter.failed(['guesser']);
    expect(clock.sleeps).toHaveLength(before + 2);
    release();
    await Promise.all(held);
  });

  it('tells guessing from typing errors, and forgets it', () => {
    const clock = trackedClock();
    const guessLimiter = new GuessLimiter({ clock });
    for (let failure = 0; failure < 3; failure += 1) guessLimiter.note(['stream']);
    expect(guessLimiter.isGuessed('stream')).toBe(false);
    expect(guessLimiter.note(['stream'])).toEqual({ holdMs: 25 });
    expect(guessLimiter.isGuessed('stream')).toBe(true);
    clock.advance(600_001);
    expect(guessLimiter.isGuessed('stream')).toBe(false);
  });
});
