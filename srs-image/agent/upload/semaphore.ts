/** At most `places` at once, which may change; the others wait in the order they came. */
export class Semaphore {
  private readonly queue: (() => void)[] = [];
  private busy = 0;

  constructor(private readonly places: () => number) {}

  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.busy < this.places() && this.queue.length === 0) this.busy += 1;
    else await new Promise<void>((resolve) => this.queue.push(resolve));
    try {
      return await work();
    } finally {
      this.busy -= 1;
      this.admit();
    }
  }

  /** Counts an admitted client at once. */
  private admit(): void {
    while (this.busy < this.places()) {
      const next = this.queue.shift();
      if (next === undefined) return;
      this.busy += 1;
      next();
    }
  }
}
