/**
 * One figure of the bench, in milliseconds unless it has a unit. `goal...`: the value that
 * docs/ARCHITECTURE.md#figures-asked-for asks for; `modelled`: the parts that were not real.
 */
export interface Figure {
  name: string;
  p50: number;
  p95: number;
  p99: number;
  max: number;
  samples: number;
  goalP95?: number;
  goalP99?: number;
  modelled?: string;
  /** Answers of 503; absent where none is counted. */
  unavailable?: number;
  /** @default ms */
  unit?: 'MB';
}

/** Returns the value below which this share of the samples lies (nearest rank). */
export function percentile(samples: readonly number[], share: number): number {
  const sorted = [...samples].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(share * sorted.length) - 1))] ?? Number.NaN;
}

/** Makes a figure of these samples; throws if there is none, because its numbers would mean nothing. */
export function figure(
  name: string,
  samplesMs: readonly number[],
  more: Pick<Figure, 'goalP95' | 'goalP99' | 'modelled' | 'unavailable' | 'unit'> = {},
): Figure {
  if (samplesMs.length === 0) throw new Error(`${name}: nothing was measured`);
  const round = (value: number) => Math.round(value * 10) / 10;
  const at = (share: number) => round(percentile(samplesMs, share));
  return {
    name,
    p50: at(0.5),
    p95: at(0.95),
    p99: at(0.99),
    max: round(Math.max(...samplesMs)),
    samples: samplesMs.length,
    ...more,
  };
}

/** Writes the figures for people: one line each. */
export function table(figures: readonly Figure[]): string {
  const width = Math.max(...figures.map(({ name }) => name.length));
  return figures
    .map((each) => {
      const { name, p50, p95, p99, max, samples, modelled, unavailable, unit = 'ms' } = each;
      const refusals = unavailable === undefined ? '' : `  503: ${unavailable}`;
      const model = modelled === undefined ? '' : `  [${modelled}]`;
      return (
        `${name.padEnd(width)}  p50 ${p50}  p95 ${p95}  p99 ${p99}  max ${max} ${unit}  ` +
        `(${samples})${refusals}${goals(each)}${model}`
      );
    })
    .join('\n');
}

const goals = ({ p95, p99, goalP95, goalP99 }: Figure): string => goal('p95', p95, goalP95) + goal('p99', p99, goalP99);
const goal = (what: string, value: number, wanted: number | undefined): string =>
  wanted === undefined ? '' : `  goal ${what} ${wanted}: ${value <= wanted ? 'met' : 'missed'}`;
