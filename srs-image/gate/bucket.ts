/** A token bucket: so much at once, and so much a second. Times in milliseconds. */
export class Bucket {
  private level: number;
  private at: number | undefined;

  constructor(
    private readonly atOnce: number,
    private readonly perSecond: number,
  ) {
    this.level = atOnce;
  }

  /** Takes `amount` and answers how long it is until the debt is paid: 0 when there is none. */
  take(amount: number, now: number): number {
    const passed = Math.max(0, now - (this.at ?? now));
    this.at = now;
    this.level = Math.min(this.atOnce, this.level + (passed / 1000) * this.perSecond) - amount;
    return this.level >= 0 ? 0 : Math.ceil((-this.level / this.perSecond) * 1000);
  }
}
