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

/** Requests: so many at once, and so many a minute in the long run. 0: none. */
export const Rate = z.strictObject({
  perMinute: most.describe('Requests a minute in the long run.'),
  burst: most.describe('Requests at once.'),
});
export type Rate = z.infer<typeof Rate>;

/** Of one instance of the API. */
export const RateLimits = z.strictObject({
  perKey: Rate.describe('Of one API key, or token of the identity provider.'),
  perPublisher: Rate.describe('Of one publisher, by all keys and tokens.'),
});
export type RateLimits = z.infer<typeof RateLimits>;

/** What callers of the API may have at a time, and how much they may ask. */
export const ApiLimits = z.strictObject({ flv: FlvLimits, rates: RateLimits });
export type ApiLimits = z.infer<typeof ApiLimits>;
