/** The delays after which low latency is tried again: short ones, then longer ones. In milliseconds. */
const RETRIES_MS = [4000, 8000, 16_000, 60_000];
/** Viewers who lost it together come back one after the other: each waits up to this share longer. */
const SPREAD = 0.5;
/** Low latency that played for this long counts as good again. */
const STEADY_MS = 30_000;

export interface LowLatencyWayOptions {
  /** Finds the path by which the stream plays with low latency now; `undefined` where it does not. */
  readonly find: () => Promise<string | undefined>;
  /** Milliseconds of any clock. */
  readonly now: () => number;
  /** From 0 up to 1. */
  readonly random: () => number;
}

/** Decides when a viewer plays with low latency: where it is offered, and not right after it was lost. */
export class LowLatencyWay {
  private losses = 0;
  private askAt = 0;
  private since: number | undefined;
  private isAsking = false;
  private ready: string | undefined;

  constructor(private readonly options: LowLatencyWayOptions) {}

  /** The path to begin with; `undefined` for the ordinary one. */
  async path(): Promise<string | undefined> {
    const { ready } = this;
    this.ready = undefined;
    if (ready !== undefined) return ready;
    if (this.options.now() < this.askAt) return undefined;
    const found = await this.options.find();
    if (found === undefined) this.missed();
    return found;
  }

  /** Notes that it plays; called again and again while it does. */
  carries(): void {
    const now = this.options.now();
    this.since ??= now;
    if (now - this.since >= STEADY_MS) this.losses = 0;
  }

  /** Notes that it could not play. */
  missed(): void {
    const { now, random } = this.options;
    const waitMs = RETRIES_MS[Math.min(this.losses, RETRIES_MS.length - 1)] ?? 0;
    this.since = undefined;
    this.askAt = now() + waitMs * (1 + random() * SPREAD);
    this.losses += 1;
  }

  /**
   * Asks whether low latency is there again, for the next `path`; at most one request at a time, and only when one is
   * due.
   */
  async isBack(): Promise<boolean> {
    if (this.isAsking) return false;
    this.isAsking = true;
    try {
      this.ready = await this.path();
      return this.ready !== undefined;
    } finally {
      this.isAsking = false;
    }
  }
}
