import type { Clock } from '../../../ports/stores';
import { systemClock } from '../../system';

export interface Overtaking {
  /** A request without an answer for so long has another one sent beside it, in milliseconds. */
  patienceMs: number;
  /** Requests under way at most. */
  most: number;
  /** @default the system's */
  clock?: Pick<Clock, 'sleep' | 'sleepAwake'>;
}

/**
 * The answer of the first request that settles, of several sent one after the other while none of them is answered. So
 * a request that hangs delays its result by `patienceMs` instead of by its own time limit, and a store that is slow but
 * answers is not given up. For requests that may safely be carried out twice, also late. What is overtaken goes on
 * until its own time limit, and is told by the signal not to try again. Throws what the first to settle throws.
 */
export async function overtaking<T>(
  request: (settled: AbortSignal) => Promise<T>,
  { patienceMs, most, clock = systemClock }: Overtaking,
): Promise<T> {
  const settled = new AbortController();
  const sleep = clock.sleepAwake ?? clock.sleep;
  const send = () => {
    const sent = request(settled.signal);
    // One that is overtaken may fail when nobody waits for it any more.
    sent.catch(() => undefined);
    return sent;
  };
  const underWay = [send()];
  try {
    while (underWay.length < most) {
      const late = sleep(patienceMs, settled.signal).then((): undefined => undefined);
      const first = await Promise.race([...underWay.map(boxed), late]);
      if (first !== undefined) return first.answer;
      underWay.push(send());
    }
    return await Promise.race(underWay);
  } finally {
    // With a reason, so that no exception with its stack is made for each.
    settled.abort(null);
  }
}

/** An answer that cannot be mistaken for none. */
const boxed = async <T>(answer: Promise<T>): Promise<{ answer: T }> => ({ answer: await answer });
