import { DomainError } from '../core/errors';
import type { Clock } from '../ports/stores';

/** Raced against `work`, whose own retries may go on for minutes. */
export interface Deadline {
  clock: Pick<Clock, 'sleep' | 'sleepAwake'>;
  limitMs: number;
  /** The awaited thing, for the message. */
  what: string;
}

/**
 * The result of `work`, or DomainError `unavailable` after `limitMs`, whether or not the work ever settles. Work that
 * is late goes on and may still take effect: only for what is idempotent. Leaves no timer behind.
 */
export async function within<T>({ clock, limitMs, what }: Deadline, work: Promise<T>): Promise<T> {
  const settled = new AbortController();
  const sleep = clock.sleepAwake ?? clock.sleep;
  const late = sleep(limitMs, settled.signal).then(() => {
    throw new DomainError('unavailable', `${what} did not answer within ${limitMs} ms`);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    late.catch(() => undefined);
    // With a reason, so that no exception with its stack is made for each.
    settled.abort(null);
  }
}
