import type { DeliveryMessage, Webhook, WebhookDelivery } from '../../contract/webhooks';
import { afterAttempt, beginAttempt, cancelled, isGone, putOff } from '../../core/webhooks/delivery';
import { secretsOf } from '../../core/webhooks/new-webhook';
import type { ReceiverConcurrency } from '../../core/webhooks/receiver-concurrency';
import type {
  Clock,
  DeliveryQueue,
  Log,
  SendResult,
  WebhookRequest,
  WebhookSender,
  WebhookStore,
} from '../../ports/stores';
import { within } from '../deadline';

export interface DeliverDeps {
  store: WebhookStore;
  queue: Pick<DeliveryQueue, 'giveUp'>;
  send: WebhookSender;
  receiverConcurrency: ReceiverConcurrency;
  clock: Clock;
  /** From 0 to 1. */
  random: () => number;
  log: Log;
}

/** A receiver that is as busy as we let it be is left alone this long. */
const BUSY_WAIT_MS = 10_000;
/** Longer than a sender's own limit. */
const SEND_LIMIT_MS = 15_000;

export type DeliveryOutcome = WebhookDelivery['state'] | 'nothing_to_do' | 'put_off';

/** One attempt, as ordered. Rejects only when the store is away: the order has to come again. */
export async function deliver({ webhookId, eventId }: DeliveryMessage, deps: DeliverDeps): Promise<DeliveryOutcome> {
  const ref = { webhookId, eventId };
  const begun = await change(ref, (delivery) => beginAttempt(delivery, deps.clock.now()), deps);
  if (begun === undefined) return 'nothing_to_do';
  const webhook = await deps.store.getWebhook(webhookId);
  if (webhook?.enabled !== true) return (await change(ref, cancelled, deps))?.state ?? 'nothing_to_do';
  const free = deps.receiverConcurrency.take(webhookId);
  if (free === undefined) {
    await change(ref, (delivery) => putOff(delivery, deps.clock.now() + BUSY_WAIT_MS), deps);
    return 'put_off';
  }
  try {
    return await attempt({ webhook, delivery: begun }, deps);
  } finally {
    free();
  }
}

async function attempt(
  { webhook, delivery }: { webhook: Webhook; delivery: WebhookDelivery },
  deps: DeliverDeps,
): Promise<DeliveryOutcome> {
  const { event } = delivery;
  const at = deps.clock.now();
  const { id: webhookId, url } = webhook;
  const secrets = secretsOf(webhook, at);
  const result = await sendInTime({ url, secrets, id: event.id, at, body: JSON.stringify(event) }, deps);
  const ref = { webhookId, eventId: event.id };
  const random = deps.random();
  const settled = await change(ref, (current) => afterAttempt(current, result, { at, random }), deps);
  deps.log.info('webhook_attempt', {
    ...ref,
    ...result,
    type: event.type,
    state: settled?.state,
    tries: settled?.tries,
  });
  if (isGone(result)) await switchOff(webhook, deps);
  if (settled?.state === 'dead') await giveUp(settled, result, deps);
  return settled?.state ?? 'nothing_to_do';
}

/**
 * Returns the outcome of the request, whatever its sender does: a place at a receiver is never lost to a request that
 * does not settle.
 */
async function sendInTime(request: WebhookRequest, { send, clock }: DeliverDeps): Promise<SendResult> {
  try {
    return await within({ clock, limitMs: SEND_LIMIT_MS, what: 'the receiver' }, send(request));
  } catch {
    return { failure: 'timeout', latencyMs: Math.max(0, clock.now() - request.at) };
  }
}

/** The receiver said 410: it asks not to be called any more. */
async function switchOff({ id }: Webhook, { store, log }: DeliverDeps): Promise<void> {
  await store.changeWebhook(id, (webhook) =>
    webhook === undefined
      ? { result: undefined }
      : { webhook: { ...webhook, enabled: false, disabledReason: 'gone' }, result: undefined },
  );
  log.warn('webhook_switched_off', { webhookId: id, reason: 'gone' });
}

/** The log of deliveries says it too, so a dead-letter topic that is away loses nothing. */
async function giveUp(delivery: WebhookDelivery, result: SendResult, { queue, log }: DeliverDeps): Promise<void> {
  const { webhookId, event, tries } = delivery;
  log.error('webhook_gave_up', { webhookId, eventId: event.id, type: event.type, tries, ...result });
  await queue.giveUp(delivery).catch((error: unknown) => log.error('dead_letter_not_sent', { webhookId, error }));
}

const change = (
  ref: DeliveryMessage,
  next: (delivery: WebhookDelivery) => WebhookDelivery | undefined,
  { store }: Pick<DeliverDeps, 'store'>,
): Promise<WebhookDelivery | undefined> =>
  store.changeDelivery(ref, (current) => {
    const delivery = current && next(current);
    return delivery === undefined ? { result: undefined } : { delivery, result: delivery };
  });
