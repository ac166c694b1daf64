import { z } from 'zod';

const most = z.int().min(0).max(1_000_000);

/**
 * HTTP-FLV connections at a time. Each lasts as long as its viewer stays, and holds one of the requests an instance takes. 0: nobody
 * plays so.
 */
export const FlvLimits = z.strictObject({
  perInstance: most.describe('HTTP-FLV viewers of one instance of the API: fewer than the requests it takes at a time.'),
  perStream: most.describe('Those of one stream, in one instance.'),
  perAddress: most.describe('Those of one address, in one instance.'),
});
export type FlvLimits = z.infer<typeof FlvLimits>;

/** What callers of the API may have at a time, and how much they may ask. */
export const ApiLimits = z.strictObject({ flv: FlvLimits });
export type ApiLimits = z.infer<typeof ApiLimits>;
