import { z } from 'zod';

const Seconds = z
  .string()
  .regex(/^\d+s$/)
  .transform((text) => Number(text.slice(0, -1)));

const Aggregation = z.strictObject({
  alignment_period: Seconds,
  per_series_aligner: z.enum(['ALIGN_DELTA', 'ALIGN_RATE', 'ALIGN_MAX', 'ALIGN_MIN', 'ALIGN_NEXT_OLDER']),
  cross_series_reducer: z.enum(['REDUCE_SUM', 'REDUCE_COUNT_FALSE']).optional(),
  group_by_fields: z.array(z.string()).optional(),
});
export type Aggregation = z.output<typeof Aggregation>;

const Trigger = z.strictObject({ count: z.literal(1) });

/** Missing data may be judged only where the duration has a minute or more; Google refuses the policy otherwise. */
const Threshold = z
  .strictObject({
    filter: z.string(),
    denominator_filter: z.string().optional(),
    comparison: z.enum(['COMPARISON_GT', 'COMPARISON_LT']),
    threshold_value: z.number(),
    duration: Seconds,
    aggregations: z.tuple([Aggregation]).optional(),
    denominator_aggregations: z.tuple([Aggregation]).optional(),
    evaluation_missing_data: z.enum(['EVALUATION_MISSING_DATA_INACTIVE']).optional(),
    trigger: Trigger,
  })
  .refine(({ duration }) => duration % 60 === 0, 'duration: use whole minutes')
  .refine(
    ({ duration, evaluation_missing_data: missing }) => missing === undefined || duration >= 60,
    'evaluation_missing_data: use a duration of 60s or more',
  );
export type Threshold = z.output<typeof Threshold>;

const Absent = z.strictObject({
  filter: z.string(),
  duration: Seconds.refine((seconds) => seconds >= 120 && seconds <= 84_600, 'use 120s to 84600s'),
  aggregations: z.tuple([Aggregation]),
  trigger: Trigger,
});
export type Absent = z.output<typeof Absent>;

const Condition = z.union([
  z.strictObject({ display_name: z.string(), condition_threshold: Threshold }),
  z.strictObject({ display_name: z.string(), condition_absent: Absent }),
]);
export type Condition = z.output<typeof Condition>;

/**
 * An alert policy of synthesised Terraform JSON, as strict as Cloud Monitoring where its rules are known.
 * https://cloud.google.com/monitoring/api/ref_v3/rest/v3/projects.alertPolicies
 */
export const AlertPolicy = z.looseObject({
  combiner: z.enum(['AND', 'OR']),
  conditions: z.array(Condition).min(1).max(6),
  alert_strategy: z.strictObject({ auto_close: Seconds.refine((seconds) => seconds >= 1800, 'use 1800s or more') }),
});
export type AlertPolicy = z.output<typeof AlertPolicy>;
