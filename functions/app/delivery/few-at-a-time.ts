import { DomainError } from '../../core/errors';
import type { Clock } from '../../ports/stores';

export interface Few {
  clock: Pick<Clock, 'now'>;
  /** Runs of a key at a time once its oldest is older than `patienceMs`: that one hangs. */
  limit: number;
  patienceMs: number;
}

/**
 * Work by key, few of a key at a time where it hangs, so that the places of this process stay with the others. What is
 * too much is DomainError `unavailable` at once, and is not run. A burst for a key whose work goes on is let through.
 */
export function fewAtATime({ clock, limit, patienceMs }: Few): <T>(key: string, run: () => Promise<T>) => Promise<T> {
  /** The start times of each key's runs, oldest first. */
  const running = new Map<string, Set<{ since: number }>>();
  const isTooMuch = (of: ReadonlySet<{ since: number }>): boolean => {
    const [oldest] = of;
    return oldest !== undefined && of.size >= limit && clock.now() - oldest.since > patienceMs;
  };
  return async (key, run) => {
    const ofKey = running.get(key) ?? new Set();
    if (isTooMuch(ofKey))
      throw new DomainError('unavailable', `'${key}': ${ofKey.size} are under way and do not end; send it again later`);
    const own = { since: clock.now() };
    running.set(key, ofKey.add(own));
    try {
      return await run();
    } finally {
      ofKey.delete(own);
      if (ofKey.size === 0 && running.get(key) === ofKey) running.delete(key);
    }
  };
}
