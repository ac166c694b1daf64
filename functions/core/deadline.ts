import { DomainError } from './errors';
import type { Clock } from './ports';

/** Raced against `work`, whose own retries may go on for minutes. */
export interface Deadline {
  clock: Clock;
  limitMs: number;
  /** What is waited for, for the message. */
  what: string;
}

/**
 * What `work` gives, or DomainError `unavailable` after `limitMs`. Work that is late goes on and may still take effect: only for
 * what is idempotent.
 */
export async function within<T>({ clock, limitMs, what }: Deadline, work: Promise<T>): Promise<T> {
  const late = clock.sleep(limitMs).then(() => {
    throw new DomainError('unavailable', `${what} did not answer within ${limitMs} ms`);
  });
  return Promise.race([work, late]);
}
