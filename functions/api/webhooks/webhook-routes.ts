import type { z } from 'zod';
import { resend } from '../../app/webhooks/retry';
import type { DeliveryAnswer, PatchWebhook, WebhookAnswer } from '../../contract/api/events';
import { EventId, type EventType, OPERATOR_EVENT_TYPES } from '../../contract/events';
import type { Webhook, WebhookDelivery } from '../../contract/webhooks';
import { DomainError } from '../../core/errors';
import { ownerOf, type Principal, withinReach } from '../../core/identity/principal';
import { mintWebhookSecret, newWebhook, withNewSecret } from '../../core/webhooks/new-webhook';
import { receiverProblem } from '../../core/webhooks/receiver-url';
import type { ApiDeps } from '../api-deps';
import { cursorPositionOf, decodeCursor, pageOf } from '../requests/cursor';
import { notFoundError } from '../requests/not-found-error';
import type { Mount } from '../requests/operation';
import { withinQuota } from '../requests/quota';
import { iso } from '../streams/stream-answer';
import { webhookOperations as operations } from './webhook-operations';

export function webhookRoutes(mount: Mount, deps: ApiDeps): void {
  const { store } = deps.webhooks;
  const change = (id: string, next: (webhook: Webhook) => Webhook): Promise<Webhook> =>
    store.changeWebhook(id, (current) => {
      if (current === undefined) throw notFoundError('webhookId');
      const webhook = next(current);
      return { webhook, result: webhook };
    });

  mount(operations.create, async (c) => {
    const wanted = c.req.valid('json');
    const principal = c.get('principal');
    const owner = ownerOf(principal) ?? '';
    assertReceiver(wanted.url, deps);
    assertTypes(wanted.types, owner);
    await assertStreams(wanted.streams, principal, deps);
    const webhook = newWebhook({ ...wanted, owner }, deps);
    const count = async () => (await store.listWebhooksOf(owner)).length;
    const takeBack = () => store.deleteWebhook(webhook.id);
    const quota = {
      of: 'webhooks' as const,
      whose: owner === '' ? 'the operator' : 'the publisher',
      allowed: deps.quotas.webhooks,
      count,
      takeBack,
    };
    if (!(await withinQuota(quota, () => store.createWebhook(webhook))))
      throw new Error(`the id '${webhook.id}' is taken`);
    deps.log.info('webhook_created', { webhookId: webhook.id, owner, host: new URL(webhook.url).host });
    return c.json({ ...webhookAnswer(webhook), secret: webhook.secret }, 201);
  });
  mount(operations.list, async (c) => {
    const owner = ownerOf(c.get('principal'));
    const webhooks = await (owner === undefined ? store.listWebhooks() : store.listWebhooksOf(owner));
    return c.json({ webhooks: webhooks.map(webhookAnswer) }, 200);
  });
  mount(operations.show, async (c) => {
    const webhook = await findWebhook(c.req.valid('param').webhookId, c.get('principal'), deps);
    return c.json(webhookAnswer(webhook), 200);
  });
  mount(operations.patch, async (c) => {
    const { webhookId } = c.req.valid('param');
    const wanted = c.req.valid('json');
    const principal = c.get('principal');
    if (wanted.url !== undefined) assertReceiver(wanted.url, deps);
    const { owner } = await findWebhook(webhookId, principal, deps);
    assertTypes(wanted.types ?? [], owner);
    await assertStreams(wanted.streams ?? [], principal, deps);
    return c.json(webhookAnswer(await change(webhookId, (webhook) => patched(webhook, wanted))), 200);
  });
  mount(operations.secret, async (c) => {
    const { webhookId } = c.req.valid('param');
    const { graceSeconds } = c.req.valid('json');
    await findWebhook(webhookId, c.get('principal'), deps);
    const rotation = {
      secret: mintWebhookSecret(deps.randomId),
      graceMs: graceSeconds * 1000,
      nowMs: deps.clock.now(),
    };
    const webhook = await change(webhookId, (current) => withNewSecret(current, rotation));
    deps.log.info('webhook_secret_rotated', { webhookId, graceSeconds });
    return c.json({ ...webhookAnswer(webhook), secret: webhook.secret }, 200);
  });
  mount(operations.remove, async (c) => {
    const { webhookId } = c.req.valid('param');
    await findWebhook(webhookId, c.get('principal'), deps);
    if (!(await store.deleteWebhook(webhookId))) throw notFoundError('webhookId');
    deps.log.info('webhook_deleted', { webhookId });
    return c.body(null, 204);
  });
  deliveryRoutes(mount, deps);
}

const Place = cursorPositionOf(EventId);

function deliveryRoutes(mount: Mount, deps: ApiDeps): void {
  const { store, queue } = deps.webhooks;
  mount(operations.deliveries, async (c) => {
    const { webhookId } = c.req.valid('param');
    const { limit, cursor } = c.req.valid('query');
    const place = decodeCursor(cursor, Place);
    await findWebhook(webhookId, c.get('principal'), deps);
    const found = await store.listDeliveries(webhookId, {
      limit: limit + 1,
      ...(place && { after: { createdAt: place[0], eventId: place[1] } }),
    });
    const { page, more } = pageOf(found, limit, (last) => [last.createdAt, last.event.id]);
    return c.json({ deliveries: page.map(deliveryAnswer), ...more }, 200);
  });
  mount(operations.resend, async (c) => {
    const { webhookId, eventId } = c.req.valid('param');
    await findWebhook(webhookId, c.get('principal'), deps);
    const delivery = await resend({ webhookId, eventId }, { store, queue, clock: deps.clock });
    if (delivery === undefined) throw notFoundError('eventId');
    deps.log.info('webhook_resent', { webhookId, eventId });
    return c.json(deliveryAnswer(delivery), 200);
  });
}

/** The webhook, if the caller may know of it: a publisher knows its own. */
async function findWebhook(id: string, principal: Principal, { webhooks }: ApiDeps): Promise<Webhook> {
  const webhook = await webhooks.store.getWebhook(id);
  const owner = ownerOf(principal);
  if (webhook === undefined || (owner !== undefined && webhook.owner !== owner)) throw notFoundError('webhookId');
  return webhook;
}

function patched(current: Webhook, { url, types, streams, enabled }: z.output<typeof PatchWebhook>): Webhook {
  const { disabledReason: _, ...kept } = current;
  return {
    ...(enabled === true ? kept : current),
    ...(url && { url }),
    ...(types && { types: [...new Set(types)] }),
    ...(streams && { streams: [...new Set(streams)] }),
    ...(enabled !== undefined && { enabled }),
  };
}

/** Refuses types of events that are about no stream, in a webhook of a publisher. */
function assertTypes(types: readonly EventType[], owner: string): void {
  const refused = owner === '' ? undefined : OPERATOR_EVENT_TYPES.find((type) => types.includes(type));
  if (refused === undefined) return;
  throw invalidField('types', `'${refused}' is about the platform: only webhooks of the operator get it`);
}

/** Refuses a stream that is not there, or of which the caller may not know. */
async function assertStreams(ids: readonly string[], principal: Principal, deps: ApiDeps): Promise<void> {
  const found = await Promise.all(ids.map((id) => deps.streamStore.getStream(id)));
  const missing = found.findIndex((stream) => withinReach(principal, stream) === undefined);
  if (missing < 0) return;
  throw invalidField('streams', `'${ids[missing]}' does not exist, or the caller has no access to it`);
}

const invalidField = (field: string, message: string): DomainError =>
  new DomainError('invalid_field', `${field}: ${message}`, { fields: [{ field, message }] });

function assertReceiver(url: string, { webhooks }: ApiDeps): void {
  const problem = receiverProblem(url, webhooks.receivers);
  if (problem !== undefined) throw invalidField('url', problem);
}

const webhookAnswer = ({ secret: _, previousSecret, owner, createdAt, ...webhook }: Webhook): WebhookAnswer => ({
  ...webhook,
  ...(owner !== '' && { owner }),
  createdAt: iso(createdAt),
  ...(previousSecret && { previousSecretUntil: iso(previousSecret.until) }),
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
