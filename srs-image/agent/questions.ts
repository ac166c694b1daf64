/** Why a question was not asked. */
export type NotAsked = 'too_many' | 'gone';

/** Under way at a time for one party, and waiting behind them. An encoder that comes back makes one. */
const AT_ONCE = 8;
const WAITING = 24;

interface Line {
  underWay: number;
  waiting: Set<() => void>;
}

/**
 * Questions to the cloud, by party (a stream as seen from one address): each party has a few at a time and a short line behind them,
 * and no party waits for another. Who leaves is taken out of the line; beyond the line the answer is `too_many` at once.
 */
export class Questions {
  private readonly lines = new Map<string, Line>();

  async ask<T>(party: string, gone: AbortSignal, question: () => Promise<T>): Promise<T | NotAsked> {
    const line = this.lines.get(party) ?? { underWay: 0, waiting: new Set() };
    this.lines.set(party, line);
    const refusal = await this.enter(line, gone);
    if (refusal !== undefined) return refusal;
    try {
      return await question();
    } finally {
      this.leave(party, line);
    }
  }

  private async enter(line: Line, gone: AbortSignal): Promise<NotAsked | undefined> {
    if (gone.aborted) return 'gone';
    if (line.underWay < AT_ONCE) {
      line.underWay += 1;
      return undefined;
    }
    if (line.waiting.size >= WAITING) return 'too_many';
    return new Promise((resolve) => {
      const left = () => {
        line.waiting.delete(next);
        resolve('gone');
      };
      // Whoever is let in takes over the place of the one who leaves.
      const next = () => {
        gone.removeEventListener('abort', left);
        resolve(undefined);
      };
      gone.addEventListener('abort', left, { once: true });
      line.waiting.add(next);
    });
  }

  private leave(party: string, line: Line): void {
    const [next] = line.waiting;
    if (next !== undefined) {
      line.waiting.delete(next);
      next();
      return;
    }
    line.underWay -= 1;
    if (line.underWay === 0) this.lines.delete(party);
  }
}
