/** Pauses between attempts: the first, and the one that no later pause exceeds. */
export interface Backoff {
  readonly firstMs: number;
  readonly lastMs: number;
}

/** Answers the pause after `failures` failures in a row, from 1: each is twice the one before. In milliseconds. */
export const pauseAfter = ({ firstMs, lastMs }: Backoff, failures: number): number =>
  Math.min(lastMs, firstMs * 2 ** Math.min(failures - 1, 30));
