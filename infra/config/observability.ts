import { z } from 'zod';

/** Service level objectives, the bounds of normal operation, and logs that are kept for reports. */
export const Observability = z.strictObject({
  alerts: z
    .enum(['none', 'critical', 'all'])
    .describe(
      'The alerts to create, each billed by the month. Critical alerts are those that viewers or publishers notice.',
    ),
  availabilityGoal: z
    .number()
    .min(0.9)
    .max(0.9999)
    .describe(
      'The share of requests to the public host that must be answered with a status below 500, over four weeks.',
    ),
  egressMegabitsPerSecond: z
    .int()
    .min(1)
    .max(10_000_000)
    .describe(
      'The bitrate to viewers above which an alert is sent after ten minutes, hours before the budget is updated.',
    ),
  sample: z
    .number()
    .min(0.001)
    .max(1)
    .describe("The share of the viewers' requests that is sent to BigQuery for reports."),
  keepDays: z
    .int()
    .min(1)
    .max(400)
    .describe("The number of days that a request is kept in BigQuery. It contains the viewer's address."),
});
