import { DomainError } from '../core/errors';
import type { Clock } from '../ports/stores';

export interface KeyedQueueOptions {
  clock: Pick<Clock, 'now'>;
  /** Callers of one key that may wait. */
  maxWaiting: number;
  /** A caller whose turn comes later than this is refused. */
  maxWaitMs: number;
}

/** The callers of one key: those that wait, and the one whose turn it is. */
interface Line {
  length: number;
  /** Settles after the last of them; never rejects. */
  end: Promise<unknown>;
}

/** Work by key, one of a key at a time, in the order in which it came. Keys do not wait for each other. */
export class KeyedQueue {
  private readonly lines = new Map<string, Line>();

  constructor(private readonly options: KeyedQueueOptions) {}

  /**
   * Does `work` once those before it are through. Throws `rate_limited` where too many wait, or where the caller has
   * left (`gone`) before its turn, and `unavailable` where the turn comes too late; nothing is done then.
   */
  async run<T>(key: string, work: () => Promise<T>, gone?: AbortSignal): Promise<T> {
    const { clock, maxWaiting } = this.options;
    const line = this.lines.get(key) ?? { length: 0, end: Promise.resolve() };
    if (line.length > maxWaiting)
      throw new DomainError('rate_limited', `${maxWaiting} wait already: try again in 1 s`, { retryAfterSeconds: 1 });
    const cameAt = clock.now();
    const turn = line.end.then(() => {
      this.assertWorthwhile(cameAt, gone);
      return work();
    });
    line.length += 1;
    line.end = turn.catch(() => undefined);
    this.lines.set(key, line);
    try {
      return await turn;
    } finally {
      line.length -= 1;
      if (line.length === 0) this.lines.delete(key);
    }
  }

  private assertWorthwhile(cameAt: number, gone: AbortSignal | undefined): void {
    const { clock, maxWaitMs } = this.options;
    if (gone?.aborted) throw new DomainError('rate_limited', 'the caller left before its turn');
    if (clock.now() - cameAt <= maxWaitMs) return;
    throw new DomainError('unavailable', `those before took more than ${maxWaitMs} ms: try again`);
  }
}
