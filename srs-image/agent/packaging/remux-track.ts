import type { Sample } from '../../../functions/core/low-latency/mp4-writer';
import { fragmentTimes } from '../../../functions/core/packaging/fragment';
import { initSegment } from '../../../functions/core/packaging/init-segment';
import type { PackagedTrack } from './ports';

/** A sample and its decode time, in ticks. */
export interface Timed extends Omit<Sample, 'duration'> {
  at: number;
}

/** Samples last until the next; the last one as long as the one before it, or `nominal` where it is the only one. */
export function lasting(timed: readonly Timed[], nominal: number): Sample[] {
  const steps = timed.slice(1).map(({ at }, index) => at - (timed[index]?.at ?? 0));
  const last = steps.at(-1) ?? nominal;
  return timed.map(({ at: _, ...sample }, index) => ({ ...sample, duration: steps[index] ?? last }));
}

/** A fragment with its init segment; `undefined` for bytes that are none. */
export function trackOf(init: Uint8Array, bytes: Uint8Array): PackagedTrack | undefined {
  const made = initSegment(init);
  const times = fragmentTimes(bytes);
  return made && times && { init: made, bytes, times };
}
