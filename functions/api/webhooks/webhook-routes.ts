import { resend } from '../../app/webhooks/retry';
import type { DeliveryAnswer, WebhookAnswer } from '../../contract/api/events';
import { EventId } from '../../contract/events';
import type { Webhook, WebhookDelivery } from '../../contract/webhooks';
import { DomainError } from '../../core/errors';
import { newWebhook } from '../../core/webhooks/new-webhook';
import { receiverProblem } from '../../core/webhooks/receiver-url';
import type { ApiDeps } from '../api-deps';
import { cursorPositionOf, decodeCursor, encodeCursor } from '../requests/cursor';
import { notFoundError } from '../requests/not-found-error';
import type { Mount } from '../requests/operation';
import { withinQuota } from '../requests/quota';
import { iso } from '../streams/stream-answer';
import { webhookOperations as operations } from './webhook-operations';

export function webhookRoutes(mount: Mount, deps: ApiDeps): void {
  const { store } = deps.webhooks;
  const find = async (id: string): Promise<Webhook> => {
    const webhook = await store.getWebhook(id);
    if (webhook === undefined) throw notFoundError('webhookId');
    return webhook;
  };

  mount(operations.create, async (c) => {
    const wanted = c.req.valid('json');
    assertReceiver(wanted.url, deps);
    const webhook = newWebhook(wanted, deps);
    const count = async () => (await store.listWebhooks()).length;
    const takeBack = () => store.deleteWebhook(webhook.id);
    const quota = { of: 'webhooks' as const, whose: 'the environment', allowed: deps.quotas.webhooks, count, takeBack };
    if (!(await withinQuota(quota, () => store.createWebhook(webhook))))
      throw new Error(`the id '${webhook.id}' is taken`);
    deps.log.info('webhook_created', { webhookId: webhook.id, host: new URL(webhook.url).host });
    return c.json({ ...webhookAnswer(webhook), secret: webhook.secret }, 201);
  });
  mount(operations.list, async (c) => c.json({ webhooks: (await store.listWebhooks()).map(webhookAnswer) }, 200));
  mount(operations.show, async (c) => c.json(webhookAnswer(await find(c.req.valid('param').webhookId)), 200));
  mount(operations.patch, async (c) => {
    const [{ webhookId }, { url, types, enabled }] = [c.req.valid('param'), c.req.valid('json')];
    if (url !== undefined) assertReceiver(url, deps);
    const webhook = await store.changeWebhook(webhookId, (current) => {
      if (current === undefined) throw notFoundError('webhookId');
      const { disabledReason: _, ...kept } = current;
      const base = enabled === true ? kept : current;
      const next = {
        ...base,
        ...(url && { url }),
        ...(types && { types: [...new Set(types)] }),
        ...(enabled === undefined ? {} : { enabled }),
      };
      return { webhook: next, result: next };
    });
    return c.json(webhookAnswer(webhook), 200);
  });
  mount(operations.remove, async (c) => {
    const { webhookId } = c.req.valid('param');
    if (!(await store.deleteWebhook(webhookId))) throw notFoundError('webhookId');
    deps.log.info('webhook_deleted', { webhookId });
    return c.body(null, 204);
  });
  deliveryRoutes(mount, { ...deps, find });
}

const Place = cursorPositionOf(EventId);

function deliveryRoutes(mount: Mount, deps: ApiDeps & { find: (id: string) => Promise<Webhook> }): void {
  const { store, queue } = deps.webhooks;
  mount(operations.deliveries, async (c) => {
    const [{ webhookId }, { limit, cursor }] = [c.req.valid('param'), c.req.valid('query')];
    const place = decodeCursor(cursor, Place);
    await deps.find(webhookId);
    const found = await store.listDeliveries(webhookId, {
      limit: limit + 1,
      ...(place && { after: { createdAt: place[0], eventId: place[1] } }),
    });
    const page = found.slice(0, limit);
    const last = page.at(-1);
    const more = found.length > limit && last ? { nextCursor: encodeCursor([last.createdAt, last.event.id]) } : {};
    return c.json({ deliveries: page.map(deliveryAnswer), ...more }, 200);
  });
  mount(operations.resend, async (c) => {
    const { webhookId, eventId } = c.req.valid('param');
    await deps.find(webhookId);
    const delivery = await resend({ webhookId, eventId }, { store, queue, clock: deps.clock });
    if (delivery === undefined) throw notFoundError('eventId');
    deps.log.info('webhook_resent', { webhookId, eventId });
    return c.json(deliveryAnswer(delivery), 200);
  });
}

function assertReceiver(url: string, { webhooks }: ApiDeps): void {
  const problem = receiverProblem(url, webhooks.receivers);
  if (problem === undefined) return;
  throw new DomainError('invalid_field', `url: ${problem}`, { fields: [{ field: 'url', message: problem }] });
}

const webhookAnswer = ({ secret: _, createdAt, ...webhook }: Webhook): WebhookAnswer => ({
  ...webhook,
  createdAt: iso(createdAt),
});

function deliveryAnswer({ event, state, createdAt, nextAttemptAt, attempts }: WebhookDelivery): DeliveryAnswer {
  return {
    eventId: event.id,
    type: event.type,
    state,
    createdAt: iso(createdAt),
    ...(nextAttemptAt === undefined ? {} : { nextAttemptAt: iso(nextAttemptAt) }),
    attempts: attempts.map(({ at, ...attempt }) => ({ ...attempt, at: iso(at) })),
    event,
  };
}
