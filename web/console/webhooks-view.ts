import type { DeliveryAnswer, WebhookAnswer } from '../../functions/contract/api/events';
import type { ConsoleClient } from './client';
import type { Doing } from './operations';
import { button, list, make, timeOf } from './parts';

/** Shows every webhook and its newest deliveries, each with its attempts and a button that sends it again. */
export async function webhooksView(client: ConsoleClient, act: Doing): Promise<HTMLElement[]> {
  const { webhooks } = await client.webhooks();
  const parts = await Promise.all(
    webhooks.map(async (webhook) => webhookPart(webhook, (await client.deliveries(webhook.id)).deliveries, resend)),
  );
  const none = webhooks.length === 0 ? [make('p', { class: 'soft' }, 'There are no webhooks yet.')] : [];
  return [make('h2', {}, 'Webhooks'), ...none, ...parts.flat()];

  function resend(webhookId: string, eventId: string): void {
    act(() => client.resend(webhookId, eventId));
  }
}

function webhookPart(
  { id, url, types, enabled, disabledReason, owner }: WebhookAnswer,
  deliveries: readonly DeliveryAnswer[],
  resend: (webhookId: string, eventId: string) => void,
): HTMLElement[] {
  const facts = [
    id,
    types.length === 0 ? 'all events' : types.join(', '),
    ...(owner === undefined ? [] : [`of ${owner}`]),
    ...(enabled ? [] : [disabledReason === 'gone' ? 'disabled: the receiver answered 410' : 'disabled']),
  ];
  const items = deliveries.map((delivery) => deliveryItem(delivery, () => resend(id, delivery.eventId)));
  return [
    make('h3', {}, url),
    make('p', { class: 'soft' }, facts.join(' · ')),
    list(`Deliveries to ${url}`, items, 'Nothing was sent yet.'),
  ];
}

function deliveryItem(
  { eventId, type, state, createdAt, nextAttemptAt, attempts }: DeliveryAnswer,
  resend: () => void,
) {
  const last = attempts.at(-1);
  const outcome =
    last === undefined ? 'no attempt yet' : `${last.status ?? last.failure ?? '–'} in ${last.latencyMs} ms`;
  return make(
    'li',
    {},
    make('strong', {}, type),
    make('span', { class: `status-${state}` }, state),
    make('span', {}, `${attempts.length} ${attempts.length === 1 ? 'attempt' : 'attempts'}: ${outcome}`),
    ...(nextAttemptAt === undefined ? [] : [make('span', {}, `next ${timeOf(nextAttemptAt)}`)]),
    make('span', { class: 'soft' }, timeOf(createdAt)),
    ...(state === 'pending' ? [] : [button('Send again', eventId, resend)]),
  );
}
