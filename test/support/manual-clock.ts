import type { Clock } from '../../functions/ports/stores';

/** A clock that stands until `advance`, which wakes the sleepers whose time has come. */
export function manualClock(startMs = Date.UTC(2026, 10, 20, 10)): Clock & { advance(ms: number): Promise<void> } {
  let now = startMs;
  let sleepers: { at: number; wake: () => void }[] = [];
  return {
    now: () => now,
    sleep: (ms, signal) =>
      new Promise((wake) => {
        if (signal?.aborted) return wake();
        const end = () => {
          signal?.removeEventListener('abort', end);
          sleepers = sleepers.filter((each) => each !== sleeper);
          wake();
        };
        const sleeper = { at: now + ms, wake: end };
        sleepers.push(sleeper);
        signal?.addEventListener('abort', end);
      }),
    async advance(ms) {
      now += ms;
      const due = sleepers.filter(({ at }) => at <= now);
      sleepers = sleepers.filter(({ at }) => at > now);
      for (const { wake } of due) wake();
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
}
