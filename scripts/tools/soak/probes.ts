/** Seconds after a fault's end in which its effect still counts as its own; `npm run faults` waits for 45. */
const HEALS_SECONDS = 20;
/** Cause of a stale probe without a fault at that time. */
const NO_FAULT = 'no fault';

/** Counts of the probes at times when the live playlist must be fresh. */
export interface ProbeShares {
  readonly asked: number;
  readonly fresh: number;
  /** Share of all probes that were fresh, 0 to 1. */
  readonly share: number;
  /** Probes at times without a fault, or its recovery. */
  readonly askedWithoutFaults: number;
  /** Share of these that were fresh, 0 to 1. */
  readonly shareWithoutFaults: number;
  /** Stale probes by the fault that was at work. */
  readonly stale: Readonly<Record<string, number>>;
}

const rounded = (part: number, whole: number): number => (whole === 0 ? 0 : Math.floor((part / whole) * 1e5) / 1e5);

/** Counts probes, each with the fault at that time, if there is one. */
export class ProbeCount {
  private readonly stale = new Map<string, number>();
  private asked = 0;
  private quiet = 0;
  private fault: string | undefined;
  private healedAtMs = 0;

  constructor(private readonly nowMs: () => number) {}

  /** Notes that a fault begins. */
  struck(fault: string): void {
    this.fault = fault;
    this.healedAtMs = Number.POSITIVE_INFINITY;
  }

  /** Notes that the fault has ended; its effect may last a while. */
  mended(): void {
    this.healedAtMs = this.nowMs() + HEALS_SECONDS * 1000;
  }

  add(isFresh: boolean): void {
    const cause = this.nowMs() < this.healedAtMs ? (this.fault ?? NO_FAULT) : NO_FAULT;
    this.asked += 1;
    if (cause === NO_FAULT) this.quiet += 1;
    if (!isFresh) this.stale.set(cause, (this.stale.get(cause) ?? 0) + 1);
  }

  report(): ProbeShares {
    const { asked, quiet, stale } = this;
    const fresh = asked - [...stale.values()].reduce((sum, count) => sum + count, 0);
    const quietFresh = quiet - (stale.get(NO_FAULT) ?? 0);
    return {
      asked,
      fresh,
      share: rounded(fresh, asked),
      askedWithoutFaults: quiet,
      shareWithoutFaults: rounded(quietFresh, quiet),
      stale: Object.fromEntries(stale),
    };
  }
}
