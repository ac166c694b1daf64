import type { Rung } from '../../../functions/core/packaging/ladder';

/** After so long without trouble a rung is tried again; twice as long each time it fails soon after that. */
const RECOVER_MS = 30_000;
const MAX_RECOVER_MS = 8 * 60_000;

/**
 * The number of rungs of a ladder that are made now: after trouble the top one goes, and comes back after 30 s without
 * any. A rung that fails again soon rests longer each time, because each return is a hole and a change for viewers.
 */
export class RungLevel {
  private shed = 0;
  private troubledAt = 0;
  private recoverMs = RECOVER_MS;
  private restoredAt = Number.NEGATIVE_INFINITY;

  /** The rungs to make of `plan`, best first. */
  active(plan: readonly Rung[], nowMs: number): readonly Rung[] {
    if (this.shed > 0 && nowMs - this.troubledAt >= this.recoverMs) {
      this.shed -= 1;
      this.troubledAt = nowMs;
      this.restoredAt = nowMs;
    }
    this.shed = Math.min(this.shed, plan.length);
    return plan.slice(this.shed);
  }

  /** A job failed, hung or came too late. */
  trouble(nowMs: number): void {
    const isRelapse = nowMs - this.restoredAt < this.recoverMs;
    this.recoverMs = isRelapse ? Math.min(MAX_RECOVER_MS, this.recoverMs * 2) : RECOVER_MS;
    this.shed += 1;
    this.troubledAt = nowMs;
  }
}
