import { abortedAfter } from '../../../functions/adapters/awake-timer';

describe('a wait that is aborted', () => {
  it('answers what came in time, and leaves no signal that is aborted later', async () => {
    let given: AbortSignal | undefined;
    const answer = await abortedAfter(150, async (signal) => {
      given = signal;
      return 'answer';
    });
    await new Promise((resolve) => setTimeout(resolve, 400));
    expect([answer, given?.aborted]).toEqual(['answer', false]);
  });

  it('ends with a TimeoutError that says how long it was', async () => {
    const late = abortedAfter(
      50,
      (signal) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
    );
    await expect(late).rejects.toMatchObject({ name: 'TimeoutError', message: 'timeout: no answer within 50 ms' });
  });

  it('takes what came while the process stood still for longer than the limit', async () => {
    const answer = abortedAfter(300, async (signal) => {
      const came = new Promise((resolve) => setTimeout(() => setImmediate(resolve, 'answer'), 200));
      const aborted = new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
      return Promise.race([came, aborted]);
    });
    await new Promise((resolve) => setTimeout(resolve, 20));
    const until = performance.now() + 900;
    while (performance.now() < until);
    expect(await answer).toBe('answer');
  });
});
