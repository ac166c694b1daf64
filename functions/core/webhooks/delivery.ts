import type { PlatformEvent } from '../../contract/events';
import type { DeliveryAttempt, Webhook, WebhookDelivery } from '../../contract/webhooks';
import type { SendResult } from '../../ports/stores';

/**
 * Waits after the first, second ... failure, in seconds: at once, then for more than a day, so that a receiver which is
 * down over night misses nothing. After the last one an event is given up: about 28 hours.
 * https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md#deliverability-and-reliability
 */
const WAITS_SECONDS = [60, 300, 1800, 7200, 18_000, 36_000, 36_000] as const;
const ATTEMPTS_KEPT = 20;
/** The time after which every attempt that was ordered has ended, whatever happened: an attempt takes 10 s at most. */
const LEASE_MS = 120_000;

/** Returns whether a webhook wants this event, which its owner may get. */
export const wants = ({ enabled, types, streams }: Webhook, event: PlatformEvent): boolean =>
  enabled && (types.length === 0 || types.includes(event.type)) && (streams.length === 0 || isOf(streams, event));

const isOf = (streams: readonly string[], event: PlatformEvent): boolean =>
  'streamId' in event && streams.includes(event.streamId);

/** An event on its way to a webhook. The lease: once it is over and nothing has happened, it is tried again. */
export const newDelivery = (webhookId: string, event: PlatformEvent, nowMs: number): WebhookDelivery => ({
  webhookId,
  event,
  state: 'pending',
  createdAt: nowMs,
  tries: 0,
  attempts: [],
  nextAttemptAt: nowMs + LEASE_MS,
});

/** The delivery while it is tried; `undefined` when there is nothing to try, because it was settled meanwhile. */
export function beginAttempt(delivery: WebhookDelivery | undefined, nowMs: number): WebhookDelivery | undefined {
  if (delivery?.state !== 'pending') return undefined;
  return { ...delivery, nextAttemptAt: nowMs + LEASE_MS };
}

/** 2xx; everything else is a failure, redirects too: where they lead was never checked. */
const succeeded = (result: SendResult): boolean => 'status' in result && result.status >= 200 && result.status < 300;
/** The receiver asks never to be called again. */
export const isGone = (result: SendResult): boolean => 'status' in result && result.status === 410;

/** The delivery after an attempt that began at `at`. `random` from 0 to 1 spreads those that failed together. */
export function afterAttempt(
  delivery: WebhookDelivery,
  result: SendResult,
  { at, random }: { at: number; random: number },
): WebhookDelivery {
  const tries = delivery.tries + 1;
  const attempts = [...delivery.attempts, attemptOf(result, at)].slice(-ATTEMPTS_KEPT);
  const { nextAttemptAt: _, ...settled } = { ...delivery, tries, attempts };
  // Two at once: what one of them brought about stays.
  if (delivery.state !== 'pending') return { ...settled, tries: delivery.tries };
  if (succeeded(result)) return { ...settled, state: 'delivered' };
  const waitSeconds = WAITS_SECONDS[tries - 1];
  if (waitSeconds === undefined || isGone(result)) return { ...settled, state: 'dead' };
  return { ...settled, state: 'pending', nextAttemptAt: at + Math.round(waitSeconds * 1000 * (1 + random / 5)) };
}

function attemptOf(result: SendResult, at: number): DeliveryAttempt {
  const latencyMs = Math.max(0, Math.round(result.latencyMs));
  if ('failure' in result) return { at, latencyMs, failure: result.failure };
  const { status } = result;
  if (succeeded(result)) return { at, latencyMs, status };
  return { at, latencyMs, status, failure: status >= 300 && status < 400 ? 'redirect' : 'status' };
}

/** The delivery put off without an attempt, because its receiver has enough to do. */
export const putOff = (delivery: WebhookDelivery, untilMs: number): WebhookDelivery => ({
  ...delivery,
  nextAttemptAt: untilMs,
});

/** The delivery of a webhook that wants nothing any more. */
export function cancelled({ nextAttemptAt: _, ...delivery }: WebhookDelivery): WebhookDelivery {
  return { ...delivery, state: 'cancelled' };
}

/** The delivery from the beginning, its log kept: what an operator or customer asked to have sent again. */
export const resent = (delivery: WebhookDelivery, nowMs: number): WebhookDelivery => ({
  ...delivery,
  state: 'pending',
  tries: 0,
  nextAttemptAt: nowMs + LEASE_MS,
});

/** Attempts of one webhook about one stream are made in order. */
export const deliveryOrderingKey = ({ webhookId, event }: WebhookDelivery): string =>
  `${webhookId}/${'streamId' in event ? event.streamId : event.type}`;
