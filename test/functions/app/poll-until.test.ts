import { pauseAfter } from '../../../functions/app/backoff';
import { pollUntil } from '../../../functions/app/poll-until';
import { virtualClock } from '../../support/virtual-clock';

describe('pollUntil', () => {
  it('looks at once, then in its interval until it is done', async () => {
    const clock = virtualClock();
    const looks: number[] = [];
    const began = clock.now();
    const done = pollUntil({ clock, everyMs: 50, limitMs: 1000 }, async () => looks.push(clock.now() - began) === 3);
    await clock.run(began + 1000);
    expect(await done).toBe(true);
    expect(looks).toEqual([0, 50, 100]);
  });

  it('is false when the time is up, after a last look', async () => {
    const clock = virtualClock();
    const looks: number[] = [];
    const began = clock.now();
    const done = pollUntil({ clock, everyMs: 50, limitMs: 100 }, () => looks.push(clock.now() - began) > 99);
    await clock.run(began + 1000);
    expect(await done).toBe(false);
    expect(looks).toEqual([0, 50, 100]);
  });

  it('rejects with what a look rejects with', async () => {
    const away = pollUntil({ clock: virtualClock(), everyMs: 50, limitMs: 100 }, () =>
      Promise.reject(new Error('away')),
    );
    await expect(away).rejects.toThrow('away');
  });
});

describe('pauseAfter', () => {
  it('doubles from the first pause to the last, however many failures there are', () => {
    const pauses = [1, 2, 3, 4, 5, 2000].map((failures) => pauseAfter({ firstMs: 250, lastMs: 1500 }, failures));
    expect(pauses).toEqual([250, 500, 1000, 1500, 1500, 1500]);
  });
});
