import type { WebhookDelivery } from '../../contract/webhooks';
import { beginAttempt, deliveryOrderingKey, resent } from '../../core/webhooks/delivery';
import type { Clock, DeliveryQueue, WebhookStore } from '../../ports/stores';
import { eachInParallel } from '../in-parallel';

export interface RetryDeps {
  store: WebhookStore;
  queue: Pick<DeliveryQueue, 'order'>;
  clock: Clock;
}

/** Retries in one pass. A pass comes every minute: more wait for the next one, so that no pass takes longer. */
const RETRIES_A_PASS = 500;
const PARALLEL_WEBHOOKS = 4;
const RETRIES_OF_ONE = 4;

/**
 * Orders an attempt for every delivery whose time has come, an equal share for each webhook: a receiver that was away
 * for long keeps no other's retries waiting, nor does a log that cannot be read. Safe when two run at once. Answers how
 * many.
 */
export async function retryDue(deps: RetryDeps): Promise<number> {
  const { store, clock } = deps;
  const webhooks = await store.listWebhooks();
  const share = Math.max(1, Math.floor(RETRIES_A_PASS / Math.max(1, webhooks.length)));
  let ordered = 0;
  await eachInParallel(webhooks, PARALLEL_WEBHOOKS, async ({ id }) => {
    const due = await store.listDueDeliveries(id, clock.now(), share);
    await eachInParallel(due, RETRIES_OF_ONE, async (delivery) => {
      ordered += await orderAgain(delivery, deps);
    });
  });
  return ordered;
}

async function orderAgain({ webhookId, event }: WebhookDelivery, { store, queue, clock }: RetryDeps): Promise<number> {
  const nowMs = clock.now();
  const ref = { webhookId, eventId: event.id };
  const delivery = await store.changeDelivery(ref, (current) => {
    const isDue = current?.nextAttemptAt !== undefined && current.nextAttemptAt <= nowMs;
    const begun = isDue ? beginAttempt(current, nowMs) : undefined;
    return begun === undefined ? { result: undefined } : { delivery: begun, result: begun };
  });
  if (delivery === undefined) return 0;
  await queue.order(ref, deliveryOrderingKey(delivery));
  return 1;
}

/**
 * Sends an event to a webhook again, whatever came of it before. `undefined` when the log knows nothing of it (any
 * more).
 */
export async function resend(
  ref: { webhookId: string; eventId: string },
  { store, queue, clock }: RetryDeps,
): Promise<WebhookDelivery | undefined> {
  const delivery = await store.changeDelivery(ref, (current) => {
    const again = current && resent(current, clock.now());
    return again === undefined ? { result: undefined } : { delivery: again, result: again };
  });
  if (delivery !== undefined) await queue.order(ref, deliveryOrderingKey(delivery));
  return delivery;
}
