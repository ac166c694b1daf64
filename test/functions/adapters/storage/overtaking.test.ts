import { overtaking } from '../../../../functions/adapters/gcp/storage/overtaking';

/** A clock whose pauses end when they are told to. */
function steppedClock() {
  const pauses: (() => void)[] = [];
  return {
    clock: { sleep: () => new Promise<void>((resolve) => pauses.push(resolve)) },
    async step() {
      pauses.shift()?.();
      await new Promise(setImmediate);
    },
    pauses,
  };
}

const never = () => new Promise<string>(() => undefined);

describe('a request that may be overtaken', () => {
  it('is sent once where it is answered', async () => {
    let sent = 0;
    const { clock } = steppedClock();
    const request = async () => `answer ${++sent}`;
    await expect(overtaking(request, { patienceMs: 1, most: 3, clock })).resolves.toBe('answer 1');
    expect(sent).toBe(1);
  });

  it('answers `undefined` as any other answer', async () => {
    const { clock } = steppedClock();
    let sent = 0;
    const request = async () => {
      sent += 1;
    };
    await expect(overtaking(request, { patienceMs: 1, most: 3, clock })).resolves.toBeUndefined();
    expect(sent).toBe(1);
  });

  it('is answered by the one sent after it when it hangs', async () => {
    const { clock, step } = steppedClock();
    let sent = 0;
    const request = () => (++sent < 3 ? never() : Promise.resolve(`answer ${sent}`));
    const answer = overtaking(request, { patienceMs: 1, most: 3, clock });
    await step();
    await step();
    await expect(answer).resolves.toBe('answer 3');
  });

  it('still answers when it was slow and not lost', async () => {
    const { clock, step } = steppedClock();
    let answerFirst: (text: string) => void = () => undefined;
    let sent = 0;
    const slow = new Promise<string>((resolve) => {
      answerFirst = resolve;
    });
    const answer = overtaking(() => (++sent === 1 ? slow : never()), { patienceMs: 1, most: 2, clock });
    await step();
    answerFirst('slow');
    await expect(answer).resolves.toBe('slow');
    expect(sent).toBe(2);
  });

  it('throws what the first to settle throws, and lets a later failure pass', async () => {
    const { clock, step } = steppedClock();
    const failing: ((error: Error) => void)[] = [];
    const request = () => new Promise<string>((_, reject) => failing.push(reject));
    const answer = overtaking(request, { patienceMs: 1, most: 2, clock });
    await step();
    failing[1]?.(new Error('second'));
    await expect(answer).rejects.toThrow('second');
    failing[0]?.(new Error('first'));
  });

  it('is sent no more often than it may', async () => {
    const { clock, step, pauses } = steppedClock();
    let sent = 0;
    const request = () => {
      sent += 1;
      return never();
    };
    void overtaking(request, { patienceMs: 1, most: 3, clock });
    for (let times = 0; times < 5; times++) await step();
    expect({ sent, waiting: pauses.length }).toEqual({ sent: 3, waiting: 0 });
  });
});
