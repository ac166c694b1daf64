import { z } from 'zod';

/** Delay that a stream is delivered with: `normal` through the bucket, `low` beside it, by parts out of its node. */
export const Latency = z.enum(['normal', 'low']);
export type Latency = z.infer<typeof Latency>;
