import { systemClock } from '../../../functions/adapters/system';
import { within } from '../../../functions/app/deadline';
import { virtualClock } from '../../support/virtual-clock';

const never = () => new Promise<never>(() => undefined);

describe('a deadline', () => {
  it('ends the wait for work that never settles', async () => {
    const clock = virtualClock(0);
    const waiting = within({ clock, limitMs: 4000, what: 'the stream store' }, never());
    const outcome = waiting.catch((error: unknown) => String(error));
    await clock.run();
    expect(await outcome).toContain('the stream store did not answer within 4000 ms');
    expect(clock.now()).toBe(4000);
  });

  it('is told of an answer that came while the process had no core, however long that was', async () => {
    const answer = new Promise<string>((resolve) => {
      setImmediate(() => {
        const until = performance.now() + 400;
        while (performance.now() < until);
        // As what has arrived is read: after the timers that are due.
        setImmediate(() => setImmediate(() => resolve('here')));
      });
    });
    expect(await within({ clock: systemClock, limitMs: 300, what: 'the store' }, answer)).toBe('here');
  });

  it('leaves nobody asleep once the work is done, well or badly', async () => {
    const clock = virtualClock(0);
    const limit = { clock, limitMs: 60_000, what: 'the store' };
    expect(await within(limit, Promise.resolve(7))).toBe(7);
    await expect(within(limit, Promise.reject(new Error('refused')))).rejects.toThrow('refused');
    expect(await clock.run()).toBe(0);
    expect(clock.now()).toBe(0);
  });

  it('leaves no timer in the process, so that ten thousand quick calls cost no memory', async () => {
    const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
    const before = timers();
    for (let call = 0; call < 10_000; call += 1) {
      await within({ clock: systemClock, limitMs: 60_000, what: 'x' }, Promise.resolve(call));
    }
    expect(timers()).toBe(before);
  });
});
