import type { Absent, Aggregation, AlertPolicy, Condition, Threshold } from './alert-policy';
import { type Labels, metricFilter } from './metric-filter';

/** A time series: one value a minute, by its second; a DELTA metric's value counts the minute before it. */
export interface Series {
  readonly labels: Labels;
  readonly points: ReadonlyMap<number, number>;
}

/** An opened incident, in seconds; `closed` is absent while it is open. */
export interface Incident {
  readonly opened: number;
  readonly closed?: number;
}

/** The objective that burn rates are of: `select_slo_burn_rate` names it, and the series it counts. */
export interface Objective {
  readonly goal: number;
  readonly total: string;
  readonly bad: string;
}

const STEP = 60;
const BURN_RATE = /^select_slo_burn_rate\(".*", "(\d+)s"\)$/;

/**
 * The incidents of `policy` over `series`, judged every minute until `until` seconds as Google documents it: aligned,
 * reduced, compared, and held for the whole duration. Where there is no data, a condition keeps what it was, or is
 * false if it says so. https://cloud.google.com/monitoring/alerts/concepts-indepth
 */
export function incidentsOf(
  policy: AlertPolicy,
  series: readonly Series[],
  until: number,
  objective: Objective,
): Incident[] {
  const judges = policy.conditions.map((condition) => judgeOf(condition, series, objective));
  const incidents: Incident[] = [];
  let silentSince: number | undefined;
  for (let at = STEP; at <= until; at += STEP) {
    const states = judges.map((judge) => judge(at));
    const met = policy.combiner === 'AND' ? states.every(({ met }) => met) : states.some(({ met }) => met);
    silentSince = states.some(({ data }) => data) ? undefined : (silentSince ?? at);
    const open = incidents.at(-1)?.closed === undefined ? incidents.at(-1) : undefined;
    const forgotten = silentSince !== undefined && at - silentSince >= policy.alert_strategy.auto_close;
    if (open !== undefined && (!met || forgotten)) incidents[incidents.length - 1] = { ...open, closed: at };
    if (open === undefined && met && !forgotten) incidents.push({ opened: at });
  }
  return incidents;
}

interface State {
  readonly met: boolean;
  readonly data: boolean;
}
type Judge = (at: number) => State;

function judgeOf(condition: Condition, series: readonly Series[], objective: Objective): Judge {
  return 'condition_absent' in condition
    ? absence(condition.condition_absent, series)
    : threshold(condition.condition_threshold, series, objective);
}

/** Met once there was data, and then none for the duration. */
function absence({ filter, duration, aggregations: [how] }: Absent, series: readonly Series[]): Judge {
  const values = aligned(filter, how, series);
  let last: number | undefined;
  return (at) => {
    const data = values(at).size > 0;
    if (data) last = at;
    return { met: last !== undefined && at - last >= duration, data };
  };
}

function threshold(condition: Threshold, series: readonly Series[], objective: Objective): Judge {
  const values = valuesOf(condition, series, objective);
  const { comparison, threshold_value: limit, duration, evaluation_missing_data: missing } = condition;
  const beyond = (value: number) => (comparison === 'COMPARISON_GT' ? value > limit : value < limit);
  const held = new Map<string, { readonly since: number; readonly met: boolean }>();
  return (at) => {
    const now = values(at);
    for (const [key, value] of now) {
      const since = held.get(key)?.since ?? at;
      if (beyond(value)) held.set(key, { since, met: at - since >= duration });
      else held.delete(key);
    }
    if (missing !== undefined) for (const key of [...held.keys()]) if (!now.has(key)) held.delete(key);
    return { met: [...held.values()].some(({ met }) => met), data: now.size > 0 };
  };
}

type Values = (at: number) => ReadonlyMap<string, number>;

function valuesOf(condition: Threshold, series: readonly Series[], objective: Objective): Values {
  const { filter, aggregations, denominator_filter: whole, denominator_aggregations: wholeHow } = condition;
  const window = BURN_RATE.exec(filter)?.[1];
  if (window !== undefined) return burnRate(objective, Number(window), series);
  if (aggregations === undefined) throw new Error(`${filter}: has no aggregation`);
  const part = aligned(filter, aggregations[0], series);
  if (whole === undefined || wholeHow === undefined) return part;
  return quotient(part, aligned(whole, wholeHow[0], series));
}

const quotient =
  (part: Values, whole: Values): Values =>
  (at) => {
    const all = whole(at);
    return new Map(
      [...part(at)].flatMap(([key, value]) => {
        const of = all.get(key) ?? 0;
        return of === 0 ? [] : [[key, value / of] as const];
      }),
    );
  };

/** The share of bad requests, in units of what the objective allows. */
function burnRate({ goal, total, bad }: Objective, window: number, series: readonly Series[]): Values {
  const sum = {
    alignment_period: window,
    per_series_aligner: 'ALIGN_DELTA',
    cross_series_reducer: 'REDUCE_SUM',
  } as const;
  const all = aligned(total, sum, series);
  const failed = aligned(bad, sum, series);
  return (at) => {
    const requests = all(at).get('') ?? 0;
    return requests === 0 ? new Map() : new Map([['', (failed(at).get('') ?? 0) / requests / (1 - goal)]]);
  };
}

function aligned(filter: string, how: Aggregation, series: readonly Series[]): Values {
  const picks = metricFilter(filter);
  const picked = series.filter(({ labels }) => picks(labels));
  return (at) => {
    const groups = new Map<string, number[]>();
    for (const one of picked) {
      const value = alignedValue(one, how, at);
      if (value === undefined) continue;
      const key = keyOf(one, how);
      groups.set(key, [...(groups.get(key) ?? []), value]);
    }
    return new Map([...groups].map(([key, values]) => [key, reduced(values, how)]));
  };
}

const keyOf = ({ labels }: Series, { cross_series_reducer: reducer, group_by_fields: fields = [] }: Aggregation) =>
  reducer === undefined
    ? JSON.stringify(labels)
    : fields.map((field) => labels[field.replace('.label.', '.labels.')]).join(' ');

function reduced(values: readonly number[], { cross_series_reducer: reducer }: Aggregation): number {
  if (reducer === 'REDUCE_COUNT_FALSE') return values.filter((value) => value === 0).length;
  return values.reduce((sum, value) => sum + value, 0);
}

function alignedValue({ points }: Series, how: Aggregation, at: number): number | undefined {
  const { alignment_period: period, per_series_aligner: aligner } = how;
  const within: number[] = [];
  for (let time = at - period + STEP; time <= at; time += STEP) {
    const value = points.get(time);
    if (value !== undefined) within.push(value);
  }
  if (within.length === 0) return undefined;
  if (aligner === 'ALIGN_MAX') return Math.max(...within);
  if (aligner === 'ALIGN_MIN') return Math.min(...within);
  if (aligner === 'ALIGN_NEXT_OLDER') return within.at(-1);
  const sum = within.reduce((all, value) => all + value, 0);
  return aligner === 'ALIGN_RATE' ? sum / period : sum;
}
