/** Median and 95th percentile of a log-normal delay, in milliseconds. */
export interface DelayDistribution {
  readonly p50Ms: number;
  readonly p95Ms: number;
}

/**
 * Faults in the delivery of events. Rates from 0 to 1, of all events. Tests and operators change it while events flow.
 */
export interface EventFaults {
  /** Delay from the write until the first delivery. */
  delay: number | DelayDistribution;
  /** Share of events that are delivered twice, each with its own delay. */
  duplicateRate: number;
  /** Share of events that are held back for `reorderMs` more, so that later ones overtake them. */
  reorderRate: number;
  reorderMs: number;
  /** Share of events that are never delivered. */
  lossRate: number;
}

/** No fault: every event comes once, at once. */
export const NO_EVENT_FAULTS: Readonly<EventFaults> = {
  delay: 0,
  duplicateRate: 0,
  reorderRate: 0,
  reorderMs: 3000,
  lossRate: 0,
};

/** The 95th percentile of the standard normal distribution. */
const Z95 = 1.6449;

/** Returns a delay. `random` gives numbers from 0 (with) to 1 (without). */
export function delayMs(delay: EventFaults['delay'], random: () => number): number {
  if (typeof delay === 'number') return delay;
  if (delay.p50Ms <= 0) return 0;
  const sigma = Math.log(Math.max(1, delay.p95Ms / delay.p50Ms)) / Z95;
  return delay.p50Ms * Math.exp(sigma * standardNormal(random));
}

/** Box and Muller. `1 - random()` is never 0, which has no logarithm. */
function standardNormal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/**
 * Returns the delays in milliseconds after which an event is delivered: none when it is lost, two when it is doubled.
 */
export function deliveryPlan(faults: EventFaults, random: () => number): number[] {
  if (random() < faults.lossRate) return [];
  const copies = random() < faults.duplicateRate ? 2 : 1;
  return Array.from({ length: copies }, () => {
    const held = random() < faults.reorderRate ? faults.reorderMs : 0;
    return delayMs(faults.delay, random) + held;
  });
}
