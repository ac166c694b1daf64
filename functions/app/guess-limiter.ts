import type { Clock } from '../ports/stores';
import { pauseAfter } from './backoff';

interface Failures {
  count: number;
  lastAt: number;
}

/** A wrong answer that is told at once: somebody mistyped. */
const FREE_FAILURES = 3;
const FIRST_DELAY_MS = 25;
/** An agent asks again after 1.5 s. */
const MAX_DELAY_MS = 1000;
const FORGET_MS = 600_000;
/** The first time somebody is to be told, then at every doubling. */
const ALERT_AT = 50;
export interface GuessLimiterOptions {
  clock: Clock;
  /** Addresses and locks that are remembered; the one not seen for longest goes first. */
  capacity?: number;
  /** Answers held back at the same time. An instance takes some 40 requests at a time. @default 8 */
  maxHeld?: number;
}

/**
 * Slows those who guess secrets. Only wrong answers are ever held back, and longer with every further one of the same
 * address or for the same lock; the right secret is looked at whatever came before it, and never delayed. Bounded in
 * memory, and in the number of answers it holds back, because each keeps a place of its instance from everybody else.
 */
export class GuessLimiter {
  private readonly failures = new Map<string, Failures>();
  private readonly capacity: number;
  private readonly maxHeld: number;
  private held = 0;

  constructor(private readonly options: GuessLimiterOptions) {
    this.capacity = options.capacity ?? 10_000;
    this.maxHeld = options.maxHeld ?? 8;
  }

  /** Returns whether somebody guesses at this: its last wrong answers were more than typing errors. */
  isGuessed(key: string): boolean {
    return this.countOf(key) > FREE_FAILURES;
  }

  /**
   * Counts a failure under each key. `holdMs`: how long the answer is to be held back, as the worst of them deserves;
   * `alert`: how many there were, when somebody is to be told.
   */
  note(keys: readonly string[]): { holdMs: number; alert?: { key: string; failures: number } } {
    const counts = keys.map((key) => ({ key, failures: this.count(key) }));
    const alert = counts.find(({ failures }) => isAlert(failures));
    const worst = Math.max(...counts.map(({ failures }) => failures));
    return { holdMs: delayMs(worst), ...(alert && { alert }) };
  }

  /** Counts a failure under each key, and waits as long as the worst of them deserves. */
  async failed(keys: readonly string[]): Promise<{ alert?: { key: string; failures: number } }> {
    const { holdMs, ...told } = this.note(keys);
    await this.hold(holdMs);
    return told;
  }

  /** The right secret came: this one did not guess. */
  succeeded(key: string): void {
    this.failures.delete(key);
  }

  private countOf(key: string): number {
    const found = this.failures.get(key);
    return found === undefined || this.options.clock.now() - found.lastAt > FORGET_MS ? 0 : found.count;
  }

  private count(key: string): number {
    const count = this.countOf(key) + 1;
    this.failures.delete(key);
    this.failures.set(key, { count, lastAt: this.options.clock.now() });
    const [oldest] = this.failures.keys();
    if (this.failures.size > this.capacity && oldest !== undefined) this.failures.delete(oldest);
    return count;
  }

  /** Waits, unless as many answers as can be are held back already. */
  async hold(ms: number): Promise<void> {
    if (ms === 0 || this.held >= this.maxHeld) return;
    this.held += 1;
    try {
      await this.options.clock.sleep(ms);
    } finally {
      this.held -= 1;
    }
  }
}

const delayMs = (failures: number): number =>
  failures <= FREE_FAILURES
    ? 0
    : pauseAfter({ firstMs: FIRST_DELAY_MS, lastMs: MAX_DELAY_MS }, failures - FREE_FAILURES);

/** 50, 100, 200, … */
const isAlert = (failures: number): boolean => failures >= ALERT_AT && Number.isInteger(Math.log2(failures / ALERT_AT));
