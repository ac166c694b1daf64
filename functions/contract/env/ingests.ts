import { z } from 'zod';

/** The RTMP ingest of one region. */
export const RegionalIngest = z.object({
  region: z.string().min(1).max(64),
  /** `rtmp://host/live`, at the address of that region alone. */
  server: z.string().regex(/^rtmp:\/\/[^/?#]+\/live$/, 'use rtmp://<host>/live'),
});
export type RegionalIngest = z.infer<typeof RegionalIngest>;

/** The ingests of an environment with two regions, the one of the function's own region first. */
export const RegionalIngests = z.array(RegionalIngest).min(2).max(2);
