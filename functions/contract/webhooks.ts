import { z } from 'zod';
import { EventId, EventType, PlatformEvent } from './events';
import { Subject } from './identity';
import { StreamId } from './ids';

export const WebhookId = z.string().regex(/^wh_[a-z0-9]{16}$/, 'use wh_ and 16 of a-z, 0-9');
export type WebhookId = z.infer<typeof WebhookId>;

/** `whsec_` and the base64 of 24 to 64 random bytes. https://www.standardwebhooks.com */
export const WebhookSecret = z
  .string()
  .regex(/^whsec_[A-Za-z0-9+/]{32,88}={0,2}$/, 'use whsec_ and base64 of 24 to 64 bytes');
export type WebhookSecret = z.infer<typeof WebhookSecret>;

const time = z.int().nonnegative();

/** `webhooks/{id}`: where a customer wants events. Times in milliseconds. */
export const Webhook = z.object({
  id: WebhookId,
  /** The publisher whose streams it tells of. Empty: the operator, whose webhooks get the events of everybody. */
  owner: z.union([z.literal(''), Subject]),
  url: z.url().max(2048),
  /** Empty: every type. */
  types: z.array(EventType),
  /** Empty: every stream of the owner. */
  streams: z.array(StreamId),
  secret: WebhookSecret,
  /** The secret before, which signs too until then. */
  previousSecret: z.object({ secret: WebhookSecret, until: time }).optional(),
  enabled: z.boolean(),
  createdAt: time,
  /** The reason why the platform switched it off, if it did: the receiver answered 410. */
  disabledReason: z.enum(['gone']).optional(),
});
export type Webhook = z.infer<typeof Webhook>;

/** The reason why an attempt failed. `refused_address`: the host resolves to where the platform never connects to. */
export const AttemptFailure = z.enum([
  'status',
  'redirect',
  'timeout',
  'connection',
  'dns',
  'tls',
  'refused_url',
  'refused_address',
]);
export type AttemptFailure = z.infer<typeof AttemptFailure>;

/**
 * One request to the receiver. `status` is absent when there was no answer; `failure` is absent when the answer was
 * 2xx.
 */
export const DeliveryAttempt = z.object({
  at: time,
  latencyMs: z.int().nonnegative(),
  status: z.int().optional(),
  failure: AttemptFailure.optional(),
});
export type DeliveryAttempt = z.infer<typeof DeliveryAttempt>;

/**
 * `webhooks/{id}/deliveries/{eventId}`: one event on its way to one receiver, and the log of it. `pending`: an attempt
 * is due or under way. `dead`: given up; `cancelled`: the webhook was switched off or removed meanwhile.
 */
export const WebhookDelivery = z.object({
  webhookId: z.string(),
  event: PlatformEvent,
  state: z.enum(['pending', 'delivered', 'dead', 'cancelled']),
  createdAt: time,
  /** Attempts since the beginning or the last resend. */
  tries: z.int().nonnegative(),
  /** The last 20, newest last. */
  attempts: z.array(DeliveryAttempt),
  /** While `pending`: when to try again if nothing is heard of the attempt before. */
  nextAttemptAt: time.optional(),
});
export type WebhookDelivery = z.infer<typeof WebhookDelivery>;

/** A message of topic `webhook-deliveries`. */
export const DeliveryMessage = z.strictObject({ webhookId: WebhookId, eventId: EventId });
export type DeliveryMessage = z.infer<typeof DeliveryMessage>;
