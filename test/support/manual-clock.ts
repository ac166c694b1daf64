import type { Clock } from '../../functions/core/ports';

/** Stands until `advance`; whoever sleeps wakes once the time has come. */
export function manualClock(startMs = Date.UTC(2026, 10, 20, 10)): Clock & { advance(ms: number): Promise<void> } {
  let now = startMs;
  let sleepers: { at: number; wake: () => void }[] = [];
  return {
    now: () => now,
    sleep: (ms) => new Promise((wake) => void sleepers.push({ at: now + ms, wake })),
    async advance(ms) {
      now += ms;
      const due = sleepers.filter(({ at }) => at <= now);
      sleepers = sleepers.filter(({ at }) => at > now);
      for (const { wake } of due) wake();
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
}
