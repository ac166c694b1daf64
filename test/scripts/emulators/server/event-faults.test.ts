import {
  delayMs,
  deliveryPlan,
  type EventFaults,
  NO_EVENT_FAULTS,
} from '../../../../scripts/emulators/server/event-faults';

/** The numbers given, over and over. */
function cycle(...numbers: number[]): () => number {
  let index = -1;
  return () => {
    index += 1;
    return numbers[index % numbers.length] ?? 0;
  };
}

/** mulberry32: the same numbers at every run. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

const faults = (some: Partial<EventFaults>): EventFaults => ({ ...NO_EVENT_FAULTS, ...some });

describe('deliveryPlan', () => {
  it('delivers once, at once, without faults', () => {
    expect(deliveryPlan(NO_EVENT_FAULTS, cycle(0))).toEqual([0]);
  });

  it('loses, doubles and holds back at the given rates', () => {
    expect(deliveryPlan(faults({ lossRate: 1 }), cycle(0.99))).toEqual([]);
    expect(deliveryPlan(faults({ duplicateRate: 1, delay: 5 }), cycle(0.5))).toEqual([5, 5]);
    expect(deliveryPlan(faults({ reorderRate: 1, reorderMs: 70, delay: 5 }), cycle(0.5))).toEqual([75]);
  });

  it('decides per event', () => {
    const random = seeded(1);
    const plans = Array.from(
      { length: 4000 },
      () => deliveryPlan(faults({ lossRate: 0.1, duplicateRate: 0.2 }), random).length,
    );
    const share = (copies: number) => plans.filter((count) => count === copies).length / plans.length;
    expect(share(0)).toBeCloseTo(0.1, 1);
    expect(share(2)).toBeCloseTo(0.18, 1);
  });
});

describe('delayMs', () => {
  it('has the median and the 95th percentile it was given', () => {
    const random = seeded(7);
    const delays = Array.from({ length: 20_000 }, () => delayMs({ p50Ms: 700, p95Ms: 2000 }, random)).sort(
      (a, b) => a - b,
    );
    expect((delays[10_000] ?? 0) / 700).toBeCloseTo(1, 1);
    expect((delays[19_000] ?? 0) / 2000).toBeCloseTo(1, 1);
  });

  it('is a fixed number when both are the same, and none for zero', () => {
    expect(delayMs({ p50Ms: 300, p95Ms: 300 }, seeded(1))).toBe(300);
    expect(delayMs({ p50Ms: 0, p95Ms: 10 }, seeded(1))).toBe(0);
  });
});
