/** https://cloud.google.com/storage/quotas#objects: writes to one object name, one per second. */
const INTERVAL_MS = 1000;

/** Remembers the writes of the last second. */
export class WriteRate {
  /** Names in the order of their times: `took` moves a name to the end. */
  readonly #writtenAt = new Map<string, number>();

  allows(name: string, nowMs: number): boolean {
    const last = this.#writtenAt.get(name);
    return last === undefined || nowMs - last >= INTERVAL_MS;
  }

  took(name: string, nowMs: number): void {
    this.#writtenAt.delete(name);
    this.#writtenAt.set(name, nowMs);
    for (const [old, at] of this.#writtenAt) {
      if (nowMs - at < INTERVAL_MS) return;
      this.#writtenAt.delete(old);
    }
  }
}
