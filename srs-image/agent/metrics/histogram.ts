/**
 * A Prometheus histogram: how often a value was at most each bound.
 * https://prometheus.io/docs/concepts/metric_types/#histogram
 */
export class Histogram {
  private readonly counts: number[];
  private sum = 0;
  private count = 0;

  /** Upper bounds in seconds, ascending. */
  constructor(private readonly bounds: readonly number[]) {
    this.counts = bounds.map(() => 0);
  }

  observe(seconds: number): void {
    this.sum += seconds;
    this.count += 1;
    const at = this.bounds.findIndex((bound) => seconds <= bound);
    if (at >= 0) this.counts[at] = (this.counts[at] ?? 0) + 1;
  }

  /** Its lines, without help and type. `labels`: `name="value"`, or nothing. */
  lines(name: string, labels = ''): string[] {
    const beside = (more: string): string => (labels === '' ? more : `${labels},${more}`);
    const braced = labels === '' ? '' : `{${labels}}`;
    let below = 0;
    const buckets = this.bounds.map((bound, at) => {
      below += this.counts[at] ?? 0;
      return `${name}_bucket{${beside(`le="${bound}"`)}} ${below}`;
    });
    const all = `${name}_bucket{${beside('le="+Inf"')}} ${this.count}`;
    return [...buckets, all, `${name}_sum${braced} ${round(this.sum)}`, `${name}_count${braced} ${this.count}`];
  }
}

/** Sums of milliseconds, without the noise of binary fractions. */
const round = (seconds: number): number => Math.round(seconds * 1000) / 1000;
