import type { MonitoringAlertPolicyConditions } from '@cdktf/provider-google/lib/monitoring-alert-policy';

type Condition = MonitoringAlertPolicyConditions;

/** Compares a label with one name, or with several. https://cloud.google.com/monitoring/api/v3/filters */
export const isOneOf = (names: readonly string[]): string =>
  names.length === 1 ? `="${names[0]}"` : `=one_of(${names.map((name) => `"${name}"`).join(',')})`;

/**
 * Makes a condition false while there is no data. A metric that counts lines or requests writes nothing while there are
 * none, and an incident without data stays open until it is closed by its age. Google takes it only with a duration of
 * a minute or more. https://cloud.google.com/monitoring/alerts/concepts-indepth#partial-metric-data
 */
const NOTHING_IS_FINE = 'EVALUATION_MISSING_DATA_INACTIVE';

/** Holds when a DELTA metric counts more than `moreThan` within `seconds`, all series together, for a minute. */
export const counted = (filter: string, moreThan: number, seconds: number): Condition => ({
  displayName: `more than ${moreThan} in ${seconds} s`,
  conditionThreshold: {
    filter,
    comparison: 'COMPARISON_GT',
    thresholdValue: moreThan,
    duration: '60s',
    evaluationMissingData: NOTHING_IS_FINE,
    aggregations: [
      { alignmentPeriod: `${seconds}s`, perSeriesAligner: 'ALIGN_DELTA', crossSeriesReducer: 'REDUCE_SUM' },
    ],
    trigger: { count: 1 },
  },
});

/** Holds when a DELTA metric counts more than `perSecond`, all series together, for `seconds` without a break. */
export const rate = (filter: string, perSecond: number, seconds: number): Condition => ({
  displayName: `more than ${perSecond} a second for ${seconds} s`,
  conditionThreshold: {
    filter,
    comparison: 'COMPARISON_GT',
    thresholdValue: perSecond,
    duration: `${seconds}s`,
    evaluationMissingData: NOTHING_IS_FINE,
    aggregations: [{ alignmentPeriod: '60s', perSeriesAligner: 'ALIGN_RATE', crossSeriesReducer: 'REDUCE_SUM' }],
    trigger: { count: 1 },
  },
});

/** Holds when any one series of a gauge is beyond `limit` for `seconds` without a break. */
export const gauge = (filter: string, comparison: 'above' | 'below', limit: number, seconds: number): Condition => ({
  displayName: `${comparison} ${limit} for ${seconds} s`,
  conditionThreshold: {
    filter,
    comparison: comparison === 'above' ? 'COMPARISON_GT' : 'COMPARISON_LT',
    thresholdValue: limit,
    duration: `${seconds}s`,
    aggregations: [{ alignmentPeriod: '60s', perSeriesAligner: comparison === 'above' ? 'ALIGN_MAX' : 'ALIGN_MIN' }],
    trigger: { count: 1 },
  },
});

/** Holds when `part` is more than `share` of `whole`, both counted by DELTA metrics, for `seconds` without a break. */
export const ratio = (part: string, whole: string, share: number, seconds: number): Condition => {
  const sum = [{ alignmentPeriod: '300s', perSeriesAligner: 'ALIGN_DELTA', crossSeriesReducer: 'REDUCE_SUM' }];
  return {
    displayName: `more than ${share * 100} % for ${seconds} s`,
    conditionThreshold: {
      filter: part,
      denominatorFilter: whole,
      comparison: 'COMPARISON_GT',
      thresholdValue: share,
      duration: `${seconds}s`,
      evaluationMissingData: NOTHING_IS_FINE,
      aggregations: sum,
      denominatorAggregations: sum,
      trigger: { count: 1 },
    },
  };
};

/** Holds when nothing was counted for `seconds`, although something was before. Google takes two minutes to a day. */
export const silent = (filter: string, seconds: number): Condition => ({
  displayName: `nothing for ${seconds} s`,
  conditionAbsent: {
    filter,
    duration: `${seconds}s`,
    aggregations: [{ alignmentPeriod: '60s', perSeriesAligner: 'ALIGN_DELTA', crossSeriesReducer: 'REDUCE_SUM' }],
    trigger: { count: 1 },
  },
});

/**
 * Holds when the error budget burns `times` as fast as would just use it up, seen over `seconds`.
 * https://sre.google/workbook/alerting-on-slos
 */
export const burning = (sloName: string, times: number, seconds: number): Condition => ({
  displayName: `burns ${times} times too fast, over ${seconds} s`,
  conditionThreshold: {
    filter: `select_slo_burn_rate("${sloName}", "${seconds}s")`,
    comparison: 'COMPARISON_GT',
    thresholdValue: times,
    duration: '0s',
    trigger: { count: 1 },
  },
});

/**
 * Holds when a check fails from more than one of Google's locations at once: at a single one, the network on the way
 * has failed, not the host.
 */
export const unreachable = (checkId: string): Condition => ({
  displayName: 'fails from two places or more',
  conditionThreshold: {
    filter:
      'metric.type="monitoring.googleapis.com/uptime_check/check_passed" AND resource.type="uptime_url" AND ' +
      `metric.labels.check_id="${checkId}"`,
    comparison: 'COMPARISON_GT',
    thresholdValue: 1,
    duration: '60s',
    aggregations: [
      {
        alignmentPeriod: '300s',
        perSeriesAligner: 'ALIGN_NEXT_OLDER',
        crossSeriesReducer: 'REDUCE_COUNT_FALSE',
        groupByFields: ['resource.label.host'],
      },
    ],
    trigger: { count: 1 },
  },
});
