/**
 * Wakes those that wait. A notice is kept for the next `wait`, so one that comes in between is not lost; a wait may end
 * once too often.
 */
export class Signal {
  private notified = false;
  private waiting: (() => void)[] = [];

  notify(): void {
    this.notified = true;
    for (const wake of this.waiting.splice(0)) wake();
  }

  async wait(): Promise<void> {
    if (!this.notified) await new Promise<void>((resolve) => this.waiting.push(resolve));
    this.notified = false;
  }
}
