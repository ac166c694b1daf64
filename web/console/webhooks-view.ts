import type { DeliveryAnswer, WebhookAnswer } from '../../functions/contract/api/events';
import { make } from '../make';
import type { ConsoleClient } from './client';
import type { Doing } from './operations';
import { button, list, timeOf } from './parts';

/** The view of webhooks, with the newest deliveries of the one that is open. It is read again every few seconds. */
export class WebhooksView {
  private openId: string | undefined;

  /** `changed`: shows the view again. */
  constructor(private readonly changed: () => void) {}

  async show(client: ConsoleClient, act: Doing): Promise<HTMLElement[]> {
    const { webhooks } = await client.webhooks();
    const [only] = webhooks.length === 1 ? webhooks : [];
    const open = only ?? webhooks.find(({ id }) => id === this.openId);
    const deliveries = open && (await client.deliveries(open.id)).deliveries;
    const none = webhooks.length === 0 ? [make('p', { class: 'soft' }, 'There are no webhooks yet.')] : [];
    const parts = webhooks.flatMap((webhook) => [
      ...webhookPart(webhook),
      ...(only === undefined ? [this.opener(webhook, open?.id)] : []),
      ...(deliveries !== undefined && webhook.id === open?.id
        ? [deliveryList(webhook, deliveries, (eventId) => act(() => client.resend(webhook.id, eventId)))]
        : []),
    ]);
    return [make('h2', {}, 'Webhooks'), ...none, ...parts];
  }

  private opener({ id, url }: WebhookAnswer, openId: string | undefined): HTMLElement {
    const isOpen = id === openId;
    const made = button(isOpen ? 'Hide deliveries' : 'Show deliveries', `to ${url}`, () => {
      this.openId = isOpen ? undefined : id;
      // A view in use is left as it is.
      made.blur();
      this.changed();
    });
    made.setAttribute('aria-expanded', String(isOpen));
    return made;
  }
}

function webhookPart({ id, url, types, enabled, disabledReason, owner }: WebhookAnswer): HTMLElement[] {
  const facts = [
    id,
    types.length === 0 ? 'all events' : types.join(', '),
    ...(owner === undefined ? [] : [`of ${owner}`]),
    ...(enabled ? [] : [disabledReason === 'gone' ? 'disabled: the receiver answered 410' : 'disabled']),
  ];
  return [make('h3', {}, url), make('p', { class: 'soft' }, facts.join(' · '))];
}

function deliveryList(
  { url }: WebhookAnswer,
  deliveries: readonly DeliveryAnswer[],
  resend: (eventId: string) => void,
): HTMLElement {
  const items = deliveries.map((delivery) => deliveryItem(delivery, () => resend(delivery.eventId)));
  return list(`Deliveries to ${url}`, items, 'Nothing was sent yet.');
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
