import type { Rung } from '../../../functions/core/packaging/ladder';

/** After so long without trouble a rung is tried again. */
const RECOVER_MS = 30_000;

/**
 * The number of rungs of a ladder that are made now: after trouble the top one goes, and comes back after 30 s without
 * any.
 */
export class RungLevel {
  private shed = 0;
  private troubledAt = 0;

  /** The rungs to make of `plan`, best first. */
  active(plan: readonly Rung[], nowMs: number): readonly Rung[] {
    if (this.shed > 0 && nowMs - this.troubledAt >= RECOVER_MS) {
      this.shed -= 1;
      this.troubledAt = nowMs;
    }
    this.shed = Math.min(this.shed, plan.length);
    return plan.slice(this.shed);
  }

  /** A job failed, hung or came too late. */
  trouble(nowMs: number): void {
    this.shed += 1;
    this.troubledAt = nowMs;
  }
}
