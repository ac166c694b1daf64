import type { Webhook, WebhookDelivery } from '../../functions/contract/webhooks';
import { streamLive } from '../../functions/core/events/events';
import { newDelivery } from '../../functions/core/webhooks/delivery';
import type { WebhookStore } from '../../functions/ports/stores';
import { sessionOf } from '../support/streams';

const SECRET = `whsec_${'A'.repeat(44)}`;
const webhookOf = (n: number, more: Partial<Webhook> = {}): Webhook => ({
  id: `wh_${`${n}`.padStart(16, '0')}`,
  owner: '',
  url: `https://example.com/${n}`,
  types: ['stream.live'],
  streams: [],
  secret: SECRET,
  enabled: true,
  createdAt: n,
  ...more,
});
const deliveryOf = (webhook: number, ordinal: number, more: Partial<WebhookDelivery> = {}): WebhookDelivery => ({
  ...newDelivery(webhookOf(webhook).id, streamLive(sessionOf(ordinal)), ordinal * 100),
  ...more,
});
const refOf = ({ webhookId, event }: WebhookDelivery) => ({ webhookId, eventId: event.id });

/** Google's emulator lets transactions wait for each other by the second. */
const CONTENDED_MS = 30_000;

/**
 * Tests the contract of every `WebhookStore`: run for memory, for the local Firestore and for Google's emulator. `open`
 * answers an empty one.
 */
export function webhookStoreSuite(name: string, open: () => WebhookStore): void {
  let store: WebhookStore;
  beforeEach(() => {
    store = open();
  });

  describe(`WebhookStore: ${name}`, () => {
    it('writes nothing that it could not read', async () => {
      await expect(store.createWebhook(webhookOf(1, { createdAt: -1 }))).rejects.toThrow('createdAt');
      expect(await store.getWebhook(webhookOf(1).id)).toBeUndefined();
      await expect(store.createDelivery(deliveryOf(1, 1, { createdAt: -1 }))).rejects.toThrow('createdAt');
      await store.createWebhook(webhookOf(1));
      const change = store.changeWebhook(webhookOf(1).id, () => ({
        webhook: webhookOf(1, { createdAt: 0.5 }),
        result: 0,
      }));
      await expect(change).rejects.toThrow('createdAt');
      expect(await store.getWebhook(webhookOf(1).id)).toStrictEqual(webhookOf(1));
    });

    it('reads a webhook back as it was created, and undefined for another', async () => {
      expect(await store.createWebhook(webhookOf(1))).toBe(true);
      expect(await store.getWebhook(webhookOf(1).id)).toStrictEqual(webhookOf(1));
      expect(await store.getWebhook(webhookOf(2).id)).toBeUndefined();
    });

    it('refuses an id that is taken', async () => {
      await store.createWebhook(webhookOf(1));
      expect(await store.createWebhook(webhookOf(1, { url: 'https://other.example.com/' }))).toBe(false);
      expect((await store.getWebhook(webhookOf(1).id))?.url).toBe('https://example.com/1');
    });

    it('lists webhooks, oldest first, those of one millisecond by id', async () => {
      for (const n of [3, 1, 2]) await store.createWebhook(webhookOf(n, { createdAt: n === 1 ? 9 : 5 }));
      expect((await store.listWebhooks()).map(({ id }) => id)).toEqual([2, 3, 1].map((n) => webhookOf(n).id));
    });

    it('lists the webhooks of one owner alone, oldest first', async () => {
      for (const [n, owner] of [
        [1, ''],
        [4, 'ann'],
        [3, 'ann'],
        [2, 'bob'],
      ] as const)
        await store.createWebhook(webhookOf(n, { owner }));
      const idsOf = async (owner: string) => (await store.listWebhooksOf(owner)).map(({ id }) => id);
      expect(await idsOf('ann')).toEqual([3, 4].map((n) => webhookOf(n).id));
      expect(await idsOf('')).toEqual([webhookOf(1).id]);
      expect(await idsOf('nobody')).toEqual([]);
    });

    it('changes a webhook, and shows undefined for one which is not there', async () => {
      await store.createWebhook(webhookOf(1));
      const enabled = await store.changeWebhook(webhookOf(1).id, (webhook) => ({
        webhook: webhookOf(1, { enabled: false, disabledReason: 'gone' }),
        result: webhook?.enabled,
      }));
      expect(enabled).toBe(true);
      expect(await store.getWebhook(webhookOf(1).id)).toStrictEqual(
        webhookOf(1, { enabled: false, disabledReason: 'gone' }),
      );
      expect(await store.changeWebhook(webhookOf(2).id, (webhook) => ({ result: webhook }))).toBeUndefined();
    });

    it('deletes a webhook with its log, and no other', async () => {
      for (const n of [1, 2]) await store.createWebhook(webhookOf(n));
      for (const delivery of [deliveryOf(1, 1), deliveryOf(1, 2), deliveryOf(2, 1)])
        await store.createDelivery(delivery);
      expect(await store.deleteWebhook(webhookOf(1).id)).toBe(true);
      expect(await store.deleteWebhook(webhookOf(1).id)).toBe(false);
      expect(await store.listDeliveries(webhookOf(1).id, { limit: 10 })).toEqual([]);
      expect(await store.listDeliveries(webhookOf(2).id, { limit: 10 })).toHaveLength(1);
    });

    it('writes a delivery down once', async () => {
      const delivery = deliveryOf(1, 1);
      const created = await Promise.all([1, 2, 3].map(() => store.createDelivery(delivery)));
      expect(created.filter(Boolean)).toHaveLength(1);
      expect(await store.getDelivery(delivery.webhookId, delivery.event.id)).toStrictEqual(delivery);
    });

    it('keeps the same event of two webhooks apart', async () => {
      await store.createDelivery(deliveryOf(1, 1));
      expect(await store.createDelivery(deliveryOf(2, 1))).toBe(true);
    });

    it(
      'changes a delivery, and loses none of many changes at the same time',
      async () => {
        await store.createDelivery(deliveryOf(1, 1));
        const count = () =>
          store.changeDelivery(refOf(deliveryOf(1, 1)), (found) => ({
            ...(found && { delivery: { ...found, tries: found.tries + 1 } }),
            result: found?.tries,
          }));
        const before = await Promise.all(Array.from({ length: 4 }, count));
        expect([...before].sort()).toEqual([0, 1, 2, 3]);
        expect(await store.getDelivery(deliveryOf(1, 1).webhookId, deliveryOf(1, 1).event.id)).toMatchObject({
          tries: 4,
        });
      },
      CONTENDED_MS,
    );

    it('lists deliveries newest first, page by page', async () => {
      for (const ordinal of [2, 1, 3, 5, 4])
        await store.createDelivery(deliveryOf(1, ordinal, { createdAt: ordinal > 3 ? 900 : 100 }));
      const all = await store.listDeliveries(webhookOf(1).id, { limit: 10 });
      const pages: WebhookDelivery[] = [];
      for (let page = await store.listDeliveries(webhookOf(1).id, { limit: 2 }); page.length > 0; ) {
        pages.push(...page);
        const { createdAt, event } = page.at(-1) ?? deliveryOf(1, 1);
        page = await store.listDeliveries(webhookOf(1).id, { limit: 2, after: { createdAt, eventId: event.id } });
      }
      expect(pages).toEqual(all);
      expect(all.map(({ createdAt }) => createdAt)).toEqual([900, 900, 100, 100, 100]);
    });

    it('lists what is due of a webhook, the longest due first, and nothing that is settled or another’s', async () => {
      const { nextAttemptAt: _, ...settled } = deliveryOf(1, 4);
      const due = [
        deliveryOf(1, 1, { nextAttemptAt: 300 }),
        deliveryOf(2, 2, { nextAttemptAt: 100 }),
        deliveryOf(1, 3, { nextAttemptAt: 200 }),
        deliveryOf(1, 5, { nextAttemptAt: 400 }),
      ];
      for (const delivery of [...due, { ...settled, state: 'delivered' as const }])
        await store.createDelivery(delivery);
      const { id } = webhookOf(1);
      expect((await store.listDueDeliveries(id, 300, 10)).map(({ nextAttemptAt }) => nextAttemptAt)).toEqual([
        200, 300,
      ]);
      expect(await store.listDueDeliveries(id, 1000, 1)).toHaveLength(1);
      expect(await store.listDueDeliveries(id, 199, 10)).toEqual([]);
    });
  });
}
