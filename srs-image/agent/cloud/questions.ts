import type { Clock } from '../../../functions/ports/stores';

/** The reason why a question was not asked. */
export type NotAsked = 'too_many' | 'gone';

/** Under way at a time over all parties: more would only make each of them slower, and heartbeats too. */
const IN_ALL = 12;
/** Under way at a time for one party, and waiting behind them. An encoder that comes back makes one. */
const AT_ONCE = 4;
const WAITING = 24;
/** The longest wait: after it encoders have given up and reconnect. */
const WAIT_LIMIT_MS = 8000;

interface WaitingLine {
  underWay: number;
  waiting: Set<() => void>;
}

/**
 * Questions to the cloud, by party (a stream as seen from one address). Parties take turns, so that none waits for what
 * another asks, however much that is; each has a short line. Who leaves is taken out of it; beyond the line the answer
 * is `too_many` at once.
 */
export class Questions {
  private readonly lines = new Map<string, WaitingLine>();
  private underWay = 0;

  constructor(private readonly clock: Pick<Clock, 'sleep'>) {}

  async ask<T>(party: string, gone: AbortSignal, question: () => Promise<T>): Promise<T | NotAsked> {
    const line = this.lines.get(party) ?? { underWay: 0, waiting: new Set() };
    this.lines.set(party, line);
    const refusal = await this.enter(line, gone);
    try {
      return refusal ?? (await question());
    } finally {
      if (refusal === undefined) this.leave(line);
      if (line.underWay === 0 && line.waiting.size === 0) this.lines.delete(party);
    }
  }

  private async enter(line: WaitingLine, gone: AbortSignal): Promise<NotAsked | undefined> {
    if (gone.aborted) return 'gone';
    if (this.underWay < IN_ALL && line.underWay < AT_ONCE) {
      this.begin(line);
      return undefined;
    }
    return line.waiting.size >= WAITING ? 'too_many' : this.wait(line, gone);
  }

  private async wait(line: WaitingLine, gone: AbortSignal): Promise<NotAsked | undefined> {
    const waited = new AbortController();
    const end = () => waited.abort();
    gone.addEventListener('abort', end, { once: true });
    let isIn = false;
    const next = () => {
      isIn = true;
      end();
    };
    line.waiting.add(next);
    await this.clock.sleep(WAIT_LIMIT_MS, waited.signal);
    gone.removeEventListener('abort', end);
    line.waiting.delete(next);
    if (isIn) return undefined;
    return gone.aborted ? 'gone' : 'too_many';
  }

  private begin(line: WaitingLine): void {
    line.underWay += 1;
    this.underWay += 1;
  }

  private leave(line: WaitingLine): void {
    line.underWay -= 1;
    this.underWay -= 1;
    for (const [party, each] of this.lines) {
      const [next] = each.waiting;
      if (next === undefined || each.underWay >= AT_ONCE) continue;
      each.waiting.delete(next);
      this.begin(each);
      // Behind all others: the next turn is theirs.
      this.lines.delete(party);
      this.lines.set(party, each);
      next();
      return;
    }
  }
}
