import { z } from 'zod';

/** Bounds of how long a publisher may be away and go on with the same broadcast. */
export const ReconnectWindowSeconds = z.int().min(0).max(1800);

const MAX_WINDOW_SECONDS = 3600;
/** Bounds of how far back a live playlist reaches. */
export const DvrWindowSeconds = z.int().min(10).max(MAX_WINDOW_SECONDS);
/** Bounds of a session playlist's length where no DVR window asks for more. */
export const SessionWindowSeconds = z.int().min(60).max(MAX_WINDOW_SECONDS);
/** The longest window a stream may have: whatever a live playlist names is kept for longer. */
export const MAX_DVR_WINDOW_SECONDS = MAX_WINDOW_SECONDS;

/** A signature cannot be taken back, so it is short: revoking a grant works within this long at the latest. */
export const MAX_GRANT_SECONDS = 120;
export const MIN_GRANT_SECONDS = 10;
/** Bounds of a grant's lifetime, until it has to be renewed. */
export const GrantSeconds = z.int().min(MIN_GRANT_SECONDS).max(MAX_GRANT_SECONDS);
/** Bounds of a viewing session, renewals included. */
export const ViewingSessionSeconds = z.int().min(60).max(43_200);

/** Bounds of the lifetime of TURN credentials. */
export const TurnSeconds = z.int().min(60).max(3600);

/** Bounds of the time that a node has to be idle before it is drained, or may drain at most. */
export const NodeSeconds = z.int().min(60).max(86_400);

const most = z.int().min(0).max(1_000_000);

/**
 * HTTP-FLV viewers of one node at a time: each costs SRS a queue, and the network a whole stream. 0: nobody plays so.
 */
export const FlvViewers = z.strictObject({
  perNode: z.int().min(0).max(100_000).describe('The maximum number of HTTP-FLV viewers of one node.'),
  perStream: z.int().min(0).max(100_000).describe('The maximum number of HTTP-FLV viewers of one stream on one node.'),
  perAddress: z
    .int()
    .min(0)
    .max(100_000)
    .describe('The maximum number of HTTP-FLV viewers from one address on one node.'),
});
export type FlvViewers = z.infer<typeof FlvViewers>;

/** Requests: so many at once, and so many a minute in the long run. 0: none. */
export const Rate = z.strictObject({
  perMinute: most.describe('The sustained number of requests per minute.'),
  burst: most.describe('The number of requests allowed in a burst.'),
});
export type Rate = z.infer<typeof Rate>;

/** Limits of one instance of the API. */
export const RateLimits = z.strictObject({
  perKey: Rate.describe('The rate limit of one API key, or of one token of the identity provider.'),
  perPublisher: Rate.describe('The rate limit of one publisher, over all keys and tokens.'),
});
export type RateLimits = z.infer<typeof RateLimits>;

/**
 * The maximum number of things of one owner. The streams of the operator have no quota. Webhooks belong to the
 * environment.
 */
export const Quotas = z.strictObject({
  streams: most.describe(
    'The maximum number of streams of one publisher. With 0 only the operator can create streams.',
  ),
  apiKeys: most.describe('The maximum number of API keys of one subject. Revoked and expired keys do not count.'),
  webhooks: most.describe('The maximum number of webhooks of a publisher, and of the operator.'),
  grants: most.describe('The maximum number of unexpired playback grants of one publisher, over all streams.'),
});
export type Quotas = z.infer<typeof Quotas>;

/** Limits for the callers of the API: request rates and quotas. */
export const ApiLimits = z.strictObject({ rates: RateLimits, quotas: Quotas });
export type ApiLimits = z.infer<typeof ApiLimits>;
