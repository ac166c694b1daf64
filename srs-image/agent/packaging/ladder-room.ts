import type { Rung } from '../../../functions/core/packaging/ladder';

/**
 * Cores for decoding a source, and for encoding a million pixels of picture (x264 veryfast, 25 frames a second,
 * measured).
 */
const DECODE_CORES = 0.1;
const CORES_A_MEGAPIXEL = 0.6;

/** The cores one ladder needs. */
const coresOf = (rungs: readonly Rung[]): number =>
  rungs.length === 0
    ? 0
    : rungs.reduce((sum, { width, height }) => sum + (width * height * CORES_A_MEGAPIXEL) / 1e6, DECODE_CORES);

/** The cores of a node that ladders may use: who came first has room, who does not fit gets fewer rungs, or none. */
export class LadderRoom {
  private readonly taken = new Map<object, number>();

  constructor(private readonly cores: number) {}

  /** The rungs of `wanted` (best first) that `owner` has room for: the top ones go first. Replaces what it had. */
  fit(owner: object, wanted: readonly Rung[]): readonly Rung[] {
    const others = [...this.taken].reduce((sum, [other, cores]) => (other === owner ? sum : sum + cores), 0);
    let fitting = wanted;
    while (fitting.length > 0 && others + coresOf(fitting) > this.cores) fitting = fitting.slice(1);
    this.taken.set(owner, coresOf(fitting));
    return fitting;
  }

  leave(owner: object): void {
    this.taken.delete(owner);
  }
}
