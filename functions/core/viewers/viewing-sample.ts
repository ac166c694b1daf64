import { MAX_VIEWINGS } from '../../contract/viewers/audience';
import { isSampled, joined, type KnownViewing } from './viewing';

/**
 * Viewings by their hash, each once, and never more than `MAX_VIEWINGS`: where there are more, one in 2^level is kept
 * and stands for all (distinct sampling). Samples of several instances join to the one that a single instance would
 * have.
 */
export class ViewingSample {
  private readonly viewings = new Map<string, KnownViewing>();

  constructor(
    private depth = 0,
    viewings: Iterable<KnownViewing> = [],
  ) {
    for (const viewing of viewings) this.add(viewing);
  }

  get level(): number {
    return this.depth;
  }

  /** Viewings that each of the sample stands for. */
  get weight(): number {
    return 2 ** this.depth;
  }

  get size(): number {
    return this.viewings.size;
  }

  get(key: string): KnownViewing | undefined {
    return this.viewings.get(key);
  }

  /** Returns the viewing as it is known now; `undefined` for one that is not of the sample. */
  add(viewing: KnownViewing): KnownViewing | undefined {
    if (!isSampled(viewing, this.depth)) return undefined;
    const known = this.viewings.get(viewing.key);
    const now = known === undefined ? viewing : joined(known, viewing);
    this.viewings.set(viewing.key, now);
    while (this.viewings.size > MAX_VIEWINGS) this.thin(this.depth + 1);
    return now;
  }

  /** Keeps one in 2^level; never more than before. */
  thin(level: number): void {
    this.depth = Math.max(this.depth, level);
    for (const viewing of this.viewings.values())
      if (!isSampled(viewing, this.depth)) this.viewings.delete(viewing.key);
  }

  [Symbol.iterator](): Iterator<KnownViewing> {
    return this.viewings.values();
  }
}
