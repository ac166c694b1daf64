/** Counts requests that wait for the next part, so that a node holds no more than it may. */
export class HeldRequests {
  private count = 0;

  constructor(private readonly limit: number) {}

  /** Takes a place and returns the function that gives it back; `undefined` when all are taken. */
  take(): (() => void) | undefined {
    if (this.count >= this.limit) return undefined;
    this.count += 1;
    return () => {
      this.count -= 1;
    };
  }
}
