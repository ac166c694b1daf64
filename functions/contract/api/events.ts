import { z } from 'zod';
import { BudgetStage } from '../budget';
import { EventId, EventType, PlatformEvent } from '../events';
import { StreamId } from '../ids';
import { AttemptFailure, WebhookId, WebhookSecret } from '../webhooks';
import { nextCursor, Time } from './shapes';

const url = z.url().max(2048).meta({ description: 'An https URL on the public internet, with port 443 or 8443.' });
const types = z
  .array(EventType)
  .max(EventType.options.length)
  .meta({ description: 'The event types to send. An empty list means all types that the owner may get.' });
const streams = z
  .array(StreamId)
  .max(20)
  .meta({ description: 'The streams whose events are sent. An empty list means all streams of the owner.' });

export const CreateWebhook = z
  .strictObject({ url, types: types.default([]), streams: streams.default([]) })
  .meta({ id: 'CreateWebhook' });
export const PatchWebhook = z
  .strictObject({
    url: url.optional(),
    types: types.optional(),
    streams: streams.optional(),
    enabled: z.boolean().optional(),
  })
  .meta({ id: 'PatchWebhook' });

/** Body of a request for a new secret. */
export const RotateWebhookSecret = z
  .strictObject({
    graceSeconds: z.int().min(0).max(604_800).default(86_400).meta({
      description: 'The time in which events are signed with the previous secret too. With 0 it ends at once.',
    }),
  })
  .meta({ id: 'RotateWebhookSecret' });

const webhookFields = {
  id: WebhookId,
  owner: z
    .string()
    .optional()
    .meta({ description: 'The publisher that owns the webhook. Absent: it is a webhook of the operator.' }),
  url: z.string(),
  types: z.array(EventType),
  streams: z.array(StreamId),
  previousSecretUntil: Time.optional().meta({
    description: 'The time until which events are signed with the previous secret too.',
  }),
  enabled: z.boolean(),
  createdAt: Time,
  disabledReason: z
    .enum(['gone'])
    .optional()
    .meta({ description: 'Why the service disabled the webhook. `gone`: the receiver answered 410.' }),
};
export const WebhookAnswer = z.object(webhookFields).meta({ id: 'Webhook' });
export type WebhookAnswer = z.infer<typeof WebhookAnswer>;
export const WebhookWithSecret = z
  .object({
    ...webhookFields,
    secret: WebhookSecret.meta({
      description: 'The secret that verifies the signatures (Standard Webhooks). Shown only in this answer.',
    }),
  })
  .meta({ id: 'WebhookWithSecret' });
export const WebhookList = z.object({ webhooks: z.array(WebhookAnswer) }).meta({ id: 'WebhookList' });

export const DeliveryAnswer = z
  .object({
    eventId: EventId,
    type: EventType,
    state: z.enum(['pending', 'delivered', 'dead', 'cancelled']),
    createdAt: Time,
    nextAttemptAt: Time.optional(),
    attempts: z
      .array(
        z.object({
          at: Time,
          latencyMs: z.int().nonnegative(),
          status: z.int().optional(),
          failure: AttemptFailure.optional(),
        }),
      )
      .meta({ description: 'The last 20 attempts, newest last.' }),
    event: PlatformEvent.meta({ description: 'The event exactly as it was sent.' }),
  })
  .meta({ id: 'Delivery' });
export type DeliveryAnswer = z.infer<typeof DeliveryAnswer>;
export const DeliveryPage = z.object({ deliveries: z.array(DeliveryAnswer), nextCursor }).meta({ id: 'DeliveryPage' });

const amounts = { costAmount: z.number(), budgetAmount: z.number(), currencyCode: z.string() };
export const BudgetAnswer = z
  .object({
    stage: BudgetStage.meta({ description: 'The stage in force now.' }),
    stageBySpending: BudgetStage.meta({ description: 'The stage that the spending calls for.' }),
    spending: z.object({ ...amounts, intervalStart: Time, reportedAt: Time }).optional(),
    override: z
      .object({ stage: BudgetStage, by: z.string(), reason: z.string(), at: Time, until: Time.optional() })
      .optional(),
    history: z
      .array(
        z.object({
          at: Time,
          before: BudgetStage,
          stage: BudgetStage,
          cause: z.enum(['message', 'operator']),
          by: z.string().optional(),
        }),
      )
      .meta({ description: 'The last 50 changes, newest last.' }),
  })
  .meta({ id: 'Budget' });
export type BudgetAnswer = z.infer<typeof BudgetAnswer>;
export const OverrideBudget = z
  .strictObject({
    stage: BudgetStage.meta({ description: 'The stage to hold, regardless of the spending.' }),
    reason: z.string().trim().min(1).max(500).meta({ pattern: '\\S' }),
    until: z.iso
      .datetime()
      .optional()
      .meta({
        description:
          'The end of the override, in the future. If absent, the override lasts until it is removed or a new ' +
          'budget interval begins.',
      }),
  })
  .meta({ id: 'OverrideBudget' });
