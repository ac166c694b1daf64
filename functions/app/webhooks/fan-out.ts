import type { PlatformEvent } from '../../contract/events';
import type { Webhook, WebhookDelivery } from '../../contract/webhooks';
import { deliveryOrderingKey, newDelivery, wants } from '../../core/webhooks/delivery';
import type { Clock, DeliveryQueue, StreamStore, WebhookStore } from '../../ports/stores';
import { eachInParallel } from '../in-parallel';

export interface FanOutDeps {
  store: WebhookStore;
  streamStore: Pick<StreamStore, 'getStream'>;
  queue: DeliveryQueue;
  clock: Clock;
}

const PARALLEL_WEBHOOKS = 8;

/**
 * Writes an event down for every webhook that wants it, of the operator and of the stream's owner, and orders an
 * attempt for each: nothing is sent here, so a slow receiver delays no one. An event that is delivered again finds the
 * documents and orders only attempts that were never made. Returns the number of webhooks.
 */
export async function fanOut(event: PlatformEvent, deps: FanOutDeps): Promise<number> {
  const entitled = await Promise.all([deps.store.listWebhooksOf(''), webhooksOfOwner(event, deps)]);
  const webhooks = entitled.flat().filter((webhook) => wants(webhook, event));
  await eachInParallel(webhooks, PARALLEL_WEBHOOKS, (webhook) => begin(webhook, event, deps));
  return webhooks.length;
}

/** Those of the publisher whose stream the event is about: none for a stream of the operator, or one that is gone. */
async function webhooksOfOwner(event: PlatformEvent, { store, streamStore }: FanOutDeps): Promise<Webhook[]> {
  const owner = 'streamId' in event ? (await streamStore.getStream(event.streamId))?.owner : undefined;
  return owner === undefined ? [] : store.listWebhooksOf(owner);
}

async function begin(
  { id: webhookId }: Webhook,
  event: PlatformEvent,
  { store, queue, clock }: FanOutDeps,
): Promise<void> {
  const delivery = newDelivery(webhookId, event, clock.now());
  const created = await store.createDelivery(delivery);
  const untried = created ? delivery : await untriedOne(webhookId, event, store);
  if (untried !== undefined) await queue.order({ webhookId, eventId: event.id }, deliveryOrderingKey(untried));
}

async function untriedOne(
  webhookId: string,
  { id }: PlatformEvent,
  store: WebhookStore,
): Promise<WebhookDelivery | undefined> {
  const found = await store.getDelivery(webhookId, id);
  return found?.state === 'pending' && found.attempts.length === 0 ? found : undefined;
}
