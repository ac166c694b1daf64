/** Two stalls within this time are no accident. */
const SLOW_STALLS = 2;
const SLOW_WITHIN_MS = 20_000;
/** The time without a stall after which the network counts as good again. */
const GOOD_AFTER_MS = 60_000;
/**
 * The media that is loaded before a picture that stood still on a slow network goes on, and the time limit for it.
 * Seconds, milliseconds.
 */
const ENOUGH_SECONDS = 6;
const MAX_PATIENCE_MS = 20_000;

/** Judges by the stalls whether the network gives less than the stream needs. Times in milliseconds of any clock. */
export class SlowNetwork {
  private stalls: number[] = [];
  private slowSince: number | undefined;

  stalled(at: number): void {
    this.stalls = [...this.stalls.filter((each) => at - each <= SLOW_WITHIN_MS), at];
    if (this.stalls.length >= SLOW_STALLS) this.slowSince = at;
    else if (this.isSlow(at)) this.slowSince = at;
  }

  isSlow(at: number): boolean {
    return this.slowSince !== undefined && at - this.slowSince < GOOD_AFTER_MS;
  }

  /** Returns whether a picture that stands still should wait for more media, although it could go on for a moment. */
  shouldHold(at: number, { standingMs, aheadSeconds }: { standingMs: number; aheadSeconds: number }): boolean {
    return this.isSlow(at) && standingMs > 0 && standingMs < MAX_PATIENCE_MS && aheadSeconds < ENOUGH_SECONDS;
  }
}
