import { z } from 'zod';

/** What is promised, what is unusual, and what is kept for reports. */
export const Observability = z.strictObject({
  alerts: z
    .enum(['none', 'critical', 'all'])
    .describe('Which alerts there are, each billed by the month: critical ones are those that viewers or publishers notice.'),
  availabilityGoal: z
    .number()
    .min(0.9)
    .max(0.9999)
    .describe('Share of requests to the public host that has to be answered below 500, over four weeks.'),
  egressMegabitsPerSecond: z
    .int()
    .min(1)
    .max(10_000_000)
    .describe('More than this to viewers for ten minutes, and somebody is told, hours before the budget knows.'),
  sample: z.number().min(0.001).max(1).describe("Share of the viewers' requests that goes to BigQuery for reports."),
  keepDays: z.int().min(1).max(400).describe("Days a request is kept there: it holds a viewer's address."),
});
