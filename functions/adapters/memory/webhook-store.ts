import { Webhook, WebhookDelivery } from '../../contract/webhooks';
import type { WebhookStore } from '../../ports/stores';
import { readable } from '../readable';

/** A `WebhookStore` of this process: documents go in and come out as copies. */
export function memoryWebhookStore(): WebhookStore {
  const webhooks = new Map<string, Webhook>();
  const deliveries = new Map<string, WebhookDelivery>();
  const all = (wanted: (delivery: WebhookDelivery) => boolean) =>
    structuredClone([...deliveries.values()].filter(wanted));
  return {
    async createWebhook(webhook) {
      if (webhooks.has(webhook.id)) return false;
      webhooks.set(webhook.id, structuredClone(readable(Webhook, webhook, `webhooks/${webhook.id}`)));
      return true;
    },
    getWebhook: async (id) => structuredClone(webhooks.get(id)),
    listWebhooks: async () => structuredClone([...webhooks.values()]).sort(oldestFirst),
    listWebhooksOf: async (owner) =>
      structuredClone([...webhooks.values()].filter((webhook) => webhook.owner === owner)).sort(oldestFirst),
    async changeWebhook(id, decide) {
      const { webhook, result } = decide(structuredClone(webhooks.get(id)));
      if (webhook) webhooks.set(id, structuredClone(readable(Webhook, webhook, `webhooks/${webhook.id}`)));
      return result;
    },
    async deleteWebhook(id) {
      for (const [key, { webhookId }] of deliveries) if (webhookId === id) deliveries.delete(key);
      return webhooks.delete(id);
    },
    async createDelivery(delivery) {
      const key = keyOf({ webhookId: delivery.webhookId, eventId: delivery.event.id });
      if (deliveries.has(key)) return false;
      deliveries.set(key, structuredClone(readable(WebhookDelivery, delivery, `deliveries/${delivery.event.id}`)));
      return true;
    },
    getDelivery: async (webhookId, eventId) => structuredClone(deliveries.get(keyOf({ webhookId, eventId }))),
    async changeDelivery(ref, decide) {
      const { delivery, result } = decide(structuredClone(deliveries.get(keyOf(ref))));
      if (delivery)
        deliveries.set(
          keyOf(ref),
          structuredClone(readable(WebhookDelivery, delivery, `deliveries/${delivery.event.id}`)),
        );
      return result;
    },
    async listDeliveries(webhookId, { limit, after }) {
      const newestFirst = all((delivery) => delivery.webhookId === webhookId).sort((a, b) =>
        byNewest(placeOf(a), placeOf(b)),
      );
      return newestFirst.filter((delivery) => !after || byNewest(after, placeOf(delivery)) < 0).slice(0, limit);
    },
    async listDueDeliveries(id, nowMs, limit) {
      const due = all(
        (each) => each.webhookId === id && each.nextAttemptAt !== undefined && each.nextAttemptAt <= nowMs,
      );
      return due.sort((a, b) => (a.nextAttemptAt ?? 0) - (b.nextAttemptAt ?? 0)).slice(0, limit);
    },
  };
}

const keyOf = ({ webhookId, eventId }: { webhookId: string; eventId: string }): string => `${webhookId}/${eventId}`;
const oldestFirst = (a: Webhook, b: Webhook): number => a.createdAt - b.createdAt || byText(a.id, b.id);
const byText = (a: string, b: string): number => (a < b ? -1 : Number(a > b));

type DeliveryPosition = { createdAt: number; eventId: string };
const placeOf = ({ createdAt, event }: WebhookDelivery): DeliveryPosition => ({ createdAt, eventId: event.id });
const byNewest = (a: DeliveryPosition, b: DeliveryPosition): number =>
  b.createdAt - a.createdAt || byText(b.eventId, a.eventId);
