import type { Clock } from '../../functions/ports/stores';

export interface VirtualClock extends Clock {
  /** Runs until nobody waits any more, or the time is reached. Returns the number of wake-ups. */
  run(untilMs?: number): Promise<number>;
}

/** Lets every promise that can go on do so. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/**
 * A clock that stands until nobody can go on, then jumps to the next one who waits: the same order every time, without
 * waiting.
 */
export function virtualClock(startMs = Date.UTC(2026, 10, 20, 10)): VirtualClock {
  let now = startMs;
  const waiting: { at: number; order: number; wake: () => void }[] = [];
  let order = 0;
  return {
    now: () => now,
    sleep: (ms, signal) =>
      new Promise((wake) => {
        if (signal?.aborted) return wake();
        order += 1;
        const end = () => {
          signal?.removeEventListener('abort', end);
          const at = waiting.indexOf(sleeper);
          if (at >= 0) waiting.splice(at, 1);
          wake();
        };
        const sleeper = { at: now + Math.max(0, ms), order, wake: end };
        waiting.push(sleeper);
        signal?.addEventListener('abort', end);
      }),
    async run(untilMs = Number.POSITIVE_INFINITY) {
      let wakeUps = 0;
      for (;;) {
        await settle();
        waiting.sort((a, b) => a.at - b.at || a.order - b.order);
        const next = waiting[0];
        if (next === undefined || next.at > untilMs) return wakeUps;
        waiting.shift();
        now = next.at;
        wakeUps += 1;
        next.wake();
      }
    },
  };
}
