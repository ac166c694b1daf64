import type { Rate } from '../../contract/limits';
import type { Clock } from '../../ports/stores';

const MINUTE_MS = 60_000;

interface FilledBucket {
  tokens: number;
  at: number;
}

/** The state of a limit, as a caller is told. `waitSeconds`: until the next one is let through; 0 for one that was. */
export interface Allowance {
  limit: number;
  remaining: number;
  /** Until the bucket is full again. */
  resetSeconds: number;
  waitSeconds: number;
}

/**
 * A bucket of tokens each (https://en.wikipedia.org/wiki/Token_bucket), in this process: `burst` at once, `perMinute`
 * in the long run. Bounded in memory: the bucket that was not used for longest is forgotten, which is full by then or
 * belongs to one of very many.
 */
export class TokenBuckets {
  private readonly buckets = new Map<string, FilledBucket>();

  constructor(
    private readonly rate: Rate,
    private readonly clock: Pick<Clock, 'now'>,
    private readonly capacity = 10_000,
  ) {}

  /** Returns whether there is a token for `key`; takes none. */
  look(key: string): Allowance {
    const { perMinute, burst } = this.rate;
    const tokens = this.tokensOf(key);
    const secondsFor = (wanted: number): number =>
      perMinute === 0 ? MINUTE_MS / 1000 : Math.ceil(((wanted - tokens) * MINUTE_MS) / perMinute / 1000);
    const limit = burst;
    const remaining = Math.floor(tokens);
    return {
      limit,
      remaining,
      resetSeconds: tokens >= burst ? 0 : secondsFor(burst),
      waitSeconds: remaining > 0 ? 0 : Math.max(1, secondsFor(1)),
    };
  }

  /** Takes one; there has to be one. */
  take(key: string): void {
    const tokens = this.tokensOf(key) - 1;
    this.buckets.delete(key);
    this.buckets.set(key, { tokens, at: this.clock.now() });
    const [oldest] = this.buckets.keys();
    if (this.buckets.size > this.capacity && oldest !== undefined) this.buckets.delete(oldest);
  }

  private tokensOf(key: string): number {
    const { perMinute, burst } = this.rate;
    const found = this.buckets.get(key);
    if (found === undefined) return burst;
    const elapsedMs = Math.max(0, this.clock.now() - found.at);
    return Math.min(burst, found.tokens + (elapsedMs * perMinute) / MINUTE_MS);
  }
}
