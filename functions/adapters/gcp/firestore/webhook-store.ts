import {
  type CollectionReference,
  type DocumentData,
  FieldPath,
  type Firestore,
  Timestamp,
} from '@google-cloud/firestore';
import { Webhook, WebhookDelivery } from '../../../contract/webhooks';
import type { WebhookStore } from '../../../ports/stores';
import { readable } from '../../readable';
import { type FirestoreCalls, firestoreCalls } from './firestore-calls';
import { readAll, readPage } from './readable-documents';
import { parseIfThere } from './stream-documents';

/** The log of a delivery is dropped this long after it began. */
const LOG_DAYS = 30;
const DAY_MS = 86_400_000;
/** Documents of a page of a deletion: far below what one commit takes. */
const PAGE = 200;

/**
 * `WebhookStore` in Firestore, laid out as `functions/contract/webhooks.ts` says. `expireAt` is what the time to live
 * goes by. Rejects as `firestoreStreamStore`.
 */
export function firestoreWebhookStore(firestore: Firestore, options: { deadlineMs?: number } = {}): WebhookStore {
  const calls = firestoreCalls(firestore, options.deadlineMs);
  const webhooks = firestore.collection('webhooks');
  const deliveriesOf = (webhookId: string) => webhooks.doc(webhookId).collection('deliveries');
  return { ...webhookCalls(calls, webhooks), ...deliveryCalls(calls, deliveriesOf) };
}

type Webhooks = Pick<
  WebhookStore,
  'createWebhook' | 'getWebhook' | 'listWebhooks' | 'listWebhooksOf' | 'changeWebhook' | 'deleteWebhook'
>;

function webhookCalls(calls: FirestoreCalls, webhooks: CollectionReference): Webhooks {
  return {
    createWebhook: async (webhook) =>
      (await calls.create(webhooks.doc(webhook.id), readable(Webhook, webhook, `webhooks/${webhook.id}`))) !==
      undefined,
    getWebhook: (id) => calls.read(async () => parseIfThere(Webhook, await webhooks.doc(id).get())),
    listWebhooks: () =>
      calls.read(() => readAll(Webhook, webhooks.orderBy('createdAt').orderBy(FieldPath.documentId()))),
    // Sorted here: a field's own index serves the query, and an order by another one would need a composite index.
    listWebhooksOf: (owner) =>
      calls.read(async () => (await readAll(Webhook, webhooks.where('owner', '==', owner))).sort(oldestFirst)),
    changeWebhook: (id, decide) =>
      calls.transact({
        read: (transaction) => transaction.get(webhooks.doc(id)),
        decide(transaction, found) {
          const { webhook, result } = decide(parseIfThere(Webhook, found));
          if (webhook) transaction.set(found.ref, readable(Webhook, webhook, found.ref.path));
          return result;
        },
      }),
    async deleteWebhook(id) {
      const existed = await calls.transact({
        read: (transaction) => transaction.get(webhooks.doc(id)),
        decide(transaction, { exists, ref }) {
          transaction.delete(ref);
          return exists;
        },
      });
      while ((await deletePage(calls, webhooks.doc(id).collection('deliveries'))) === PAGE);
      return existed;
    },
  };
}

const oldestFirst = (a: Webhook, b: Webhook): number => a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1);

type Deliveries = Omit<WebhookStore, keyof Webhooks>;

function deliveryCalls(calls: FirestoreCalls, deliveriesOf: (webhookId: string) => CollectionReference): Deliveries {
  const one = (webhookId: string, eventId: string) => deliveriesOf(webhookId).doc(eventId);
  return {
    createDelivery: async (delivery) =>
      (await calls.create(one(delivery.webhookId, delivery.event.id), deliveryDocument(delivery))) !== undefined,
    getDelivery: (webhookId, eventId) =>
      calls.read(async () => parseIfThere(WebhookDelivery, await one(webhookId, eventId).get())),
    changeDelivery: ({ webhookId, eventId }, decide) =>
      calls.transact({
        read: (transaction) => transaction.get(one(webhookId, eventId)),
        decide(transaction, found) {
          const { delivery, result } = decide(parseIfThere(WebhookDelivery, found));
          if (delivery) transaction.set(found.ref, deliveryDocument(delivery));
          return result;
        },
      }),
    listDeliveries: (webhookId, { limit, after }) =>
      calls.read(async () => {
        const newestFirst = deliveriesOf(webhookId)
          .orderBy('createdAt', 'desc')
          .orderBy(FieldPath.documentId(), 'desc');
        const page = after ? newestFirst.startAfter(after.createdAt, after.eventId) : newestFirst;
        return readPage(WebhookDelivery, page, limit);
      }),
    listDueDeliveries: (webhookId, nowMs, limit) =>
      calls.read(async () => {
        const due = deliveriesOf(webhookId).where('nextAttemptAt', '<=', nowMs).orderBy('nextAttemptAt');
        return readPage(WebhookDelivery, due, limit);
      }),
  };
}

const deliveryDocument = (delivery: WebhookDelivery): DocumentData => ({
  ...readable(WebhookDelivery, delivery, `webhooks/${delivery.webhookId}/deliveries/${delivery.event.id}`),
  expireAt: Timestamp.fromMillis(delivery.createdAt + LOG_DAYS * DAY_MS),
});

const deletePage = ({ transact }: FirestoreCalls, collection: CollectionReference): Promise<number> =>
  transact({
    read: (transaction) => transaction.get(collection.select().limit(PAGE)),
    decide(transaction, { docs }) {
      for (const { ref } of docs) transaction.delete(ref);
      return docs.length;
    },
  });
