/** A segment that has arrived completely. Times in milliseconds of one clock. */
export interface Arrival {
  readonly atMs: number;
  readonly seconds: number;
}

/**
 * Returns the seconds for which the picture stands still in a player that plays each segment as it comes, from the
 * first arrival to `untilMs`. It skips nothing: a late segment is played late.
 */
export function stallSeconds(arrivals: readonly Arrival[], untilMs: number): number {
  let stalled = 0;
  let buffered = 0;
  let lastMs = arrivals[0]?.atMs ?? untilMs;
  for (const { atMs, seconds } of [...arrivals, { atMs: untilMs, seconds: 0 }]) {
    buffered -= (atMs - lastMs) / 1000;
    if (buffered < 0) [stalled, buffered] = [stalled - buffered, 0];
    buffered += seconds;
    lastMs = atMs;
  }
  return Math.round(stalled * 10) / 10;
}
