import type { Clock } from '../ports/stores';

export interface Polling {
  clock: Pick<Clock, 'now' | 'sleep'>;
  /** Pause between two looks. */
  everyMs: number;
  /** Time after which no further look begins. */
  limitMs: number;
}

/**
 * Looks until `isDone`, at once and then every `everyMs`. True once it is; false when the time is up. Rejects as
 * `isDone` does.
 */
export async function pollUntil(
  { clock, everyMs, limitMs }: Polling,
  isDone: () => boolean | Promise<boolean>,
): Promise<boolean> {
  const endsAt = clock.now() + limitMs;
  for (;;) {
    if (await isDone()) return true;
    if (clock.now() >= endsAt) return false;
    await clock.sleep(everyMs);
  }
}
