import { messageAttributes } from '../../contract/events';
import type { DeliveryQueue } from '../../core/ports';
import type { PubsubPublish } from './pubsub-publish';

/** `DeliveryQueue` on two topics of Pub/Sub. */
export const pubsubDeliveryQueue = (publish: PubsubPublish, topics: { deliveries: string; dead: string }): DeliveryQueue => ({
  order: (order, orderingKey) => publish(topics.deliveries, { data: order, attributes: { ...order }, orderingKey }),
  giveUp: ({ webhookId, event, tries, attempts }) =>
    publish(topics.dead, {
      data: { webhookId, event, tries, attempts },
      attributes: { ...messageAttributes(event), webhookId, reason: 'webhook_gave_up' },
    }),
});
