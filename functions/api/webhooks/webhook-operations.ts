import { createRoute, z } from '@hono/zod-openapi';
import {
  CreateWebhook,
  DeliveryAnswer,
  DeliveryPage,
  PatchWebhook,
  RotateWebhookSecret,
  WebhookAnswer,
  WebhookList,
  WebhookWithSecret,
} from '../../contract/api/events';
import { Nothing, PageQuery } from '../../contract/api/shapes';
import { EventId } from '../../contract/events';
import { ROUTES } from '../../contract/routes';
import { WebhookId } from '../../contract/webhooks';
import { answers, BODY, REPEATED, requestBody, secured } from '../document/answers';
import { IdempotencyHeader } from '../requests/idempotent';

const tags = ['webhooks'];
const Params = z.object({ webhookId: WebhookId });

const create = createRoute({
  method: 'post',
  path: ROUTES.webhooks.webhooks,
  operationId: 'createWebhook',
  summary: 'Create a webhook',
  description:
    'A webhook of a publisher gets the events of the streams of this publisher, and one of the operator gets all ' +
    'events. Events are signed according to Standard Webhooks. An event that is not answered with 2xx is sent again, ' +
    'for about 28 hours.',
  tags,
  'x-permission': 'webhooks.write' as const,
  request: { headers: IdempotencyHeader, ...requestBody(CreateWebhook) },
  responses: {
    201: {
      description: 'The webhook, with its secret.',
      content: { 'application/json': { schema: WebhookWithSecret } },
    },
    ...secured(...BODY, ...REPEATED, 'webhook_limit'),
  },
});
const list = createRoute({
  method: 'get',
  path: ROUTES.webhooks.webhooks,
  operationId: 'listWebhooks',
  summary: 'List webhooks, oldest first',
  description: 'A publisher sees its own webhooks, the operator all of them.',
  tags,
  'x-permission': 'webhooks.read' as const,
  responses: { ...answers.ok(WebhookList, 'The webhooks.'), ...secured() },
});
const show = createRoute({
  method: 'get',
  path: ROUTES.webhooks.webhook,
  operationId: 'getWebhook',
  summary: 'Show a webhook',
  tags,
  'x-permission': 'webhooks.read' as const,
  request: { params: Params },
  responses: { ...answers.ok(WebhookAnswer, 'The webhook.'), ...secured('webhook_not_found') },
});
const patch = createRoute({
  method: 'patch',
  path: ROUTES.webhooks.webhook,
  operationId: 'changeWebhook',
  summary: 'Change, enable or disable a webhook',
  tags,
  'x-permission': 'webhooks.write' as const,
  request: { params: Params, ...requestBody(PatchWebhook) },
  responses: { ...answers.ok(WebhookAnswer, 'The changed webhook.'), ...secured(...BODY, 'webhook_not_found') },
});
const secret = createRoute({
  method: 'post',
  path: ROUTES.webhooks.secret,
  operationId: 'rotateWebhookSecret',
  summary: 'Replace the secret of a webhook',
  description:
    'Events are signed with both secrets for `graceSeconds`, so that a receiver can change over ' +
    'without losing an event.',
  tags,
  'x-permission': 'webhooks.write' as const,
  request: { params: Params, headers: IdempotencyHeader, ...requestBody(RotateWebhookSecret, { required: false }) },
  responses: {
    ...answers.ok(WebhookWithSecret, 'The webhook, with its new secret.'),
    ...secured(...BODY, ...REPEATED, 'webhook_not_found'),
  },
});
const remove = createRoute({
  method: 'delete',
  path: ROUTES.webhooks.webhook,
  operationId: 'deleteWebhook',
  summary: 'Delete a webhook and its delivery log',
  tags,
  'x-permission': 'webhooks.write' as const,
  request: { params: Params },
  responses: { ...answers.none('The webhook is deleted.'), ...secured('webhook_not_found') },
});
const deliveries = createRoute({
  method: 'get',
  path: ROUTES.webhooks.deliveries,
  operationId: 'listDeliveries',
  summary: 'List the deliveries of a webhook, newest first',
  tags,
  'x-permission': 'webhooks.read' as const,
  request: { params: Params, query: PageQuery },
  responses: {
    ...answers.ok(DeliveryPage, 'A page of deliveries. They are kept for 30 days.'),
    ...secured('bad_request', 'webhook_not_found'),
  },
});
const resend = createRoute({
  method: 'post',
  path: ROUTES.webhooks.resend,
  operationId: 'resendDelivery',
  summary: 'Send an event again',
  tags,
  'x-permission': 'webhooks.write' as const,
  request: {
    params: Params.extend({ eventId: EventId }),
    headers: IdempotencyHeader,
    ...requestBody(Nothing, { required: false }),
  },
  responses: {
    ...answers.ok(DeliveryAnswer, 'The delivery, which is pending again.'),
    ...secured(...BODY, ...REPEATED, 'webhook_not_found', 'delivery_not_found'),
  },
});

/** The operations on webhooks. */
export const webhookOperations = { create, list, show, patch, secret, remove, deliveries, resend };
