/** Takeovers of one stream that may wait: the cloud admits three a minute. */
const WAITING = 8;

/** One after the other for a stream; streams do not wait for each other. */
export class Turns {
  private readonly last = new Map<string, { settled: Promise<unknown>; count: number }>();

  /** `work` in its turn; `undefined` when too many wait already. */
  async take<T>(stream: string, work: () => Promise<T>): Promise<T | undefined> {
    const before = this.last.get(stream);
    if (before !== undefined && before.count >= WAITING) return undefined;
    const turn = (before?.settled ?? Promise.resolve()).then(work);
    const mine = { settled: turn.catch(() => undefined), count: (before?.count ?? 0) + 1 };
    this.last.set(stream, mine);
    try {
      return await turn;
    } finally {
      const newest = this.last.get(stream);
      if (newest === mine) this.last.delete(stream);
      else if (newest !== undefined) newest.count -= 1;
    }
  }
}
