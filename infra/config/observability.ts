import { z } from 'zod';

/** What is promised, what is unusual, and what is kept for reports. */
export const Observability = z.strictObject({
  /** Share of requests to the public host that has to be answered below 500, over four weeks. */
  availabilityGoal: z.number().min(0.9).max(0.9999),
  /** More than this to viewers for ten minutes, and somebody is told, hours before the budget knows. */
  egressMegabitsPerSecond: z.int().min(1).max(10_000_000),
  /** Share of the viewers' requests that goes to BigQuery for reports. */
  sample: z.number().min(0.001).max(1),
  /** Days a request is kept there: it holds a viewer's address. */
  keepDays: z.int().min(1).max(400),
});
