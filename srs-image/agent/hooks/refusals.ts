import type { Clock } from '../../../functions/ports/stores';

/** Refusals kept back at a time: more are told at once. */
const MAX_HELD = 500;

/** Keeps refusals back as the cloud asks, here where that costs a timer, and no place that somebody else needs. */
export class Refusals {
  private held = 0;

  constructor(private readonly clock: Clock) {}

  async hold(ms: number, gone: AbortSignal): Promise<void> {
    if (ms === 0 || this.held >= MAX_HELD) return;
    this.held += 1;
    await this.clock.sleep(ms, gone);
    this.held -= 1;
  }
}
