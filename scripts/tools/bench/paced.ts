import { setTimeout as sleep } from 'node:timers/promises';

export interface Pace {
  perSecond: number;
  seconds: number;
}

/**
 * Begins `request` at a fixed rate, whether or not earlier ones have ended, and returns how long each took from the
 * time it was due: a stall delays every request after it, as it does for callers. Rejects when any request does.
 */
export async function paced(
  { perSecond, seconds }: Pace,
  request: (index: number) => Promise<void>,
): Promise<number[]> {
  const began = performance.now();
  const taken = Array.from({ length: perSecond * seconds }, async (_, index) => {
    const dueMs = (index * 1000) / perSecond;
    await sleep(Math.max(0, began + dueMs - performance.now()));
    await request(index);
    return performance.now() - began - dueMs;
  });
  return Promise.all(taken);
}
