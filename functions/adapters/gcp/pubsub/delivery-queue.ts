import { messageAttributes } from '../../../contract/events';
import type { DeliveryQueue } from '../../../ports/stores';
import type { PubsubPublish } from './pubsub-publish';

/** The half of a `DeliveryQueue` that orders attempts. */
export const pubsubDeliveryMessages = (publish: PubsubPublish, topic: string): Pick<DeliveryQueue, 'order'> => ({
  order: (order, orderingKey) => publish(topic, { data: order, attributes: { ...order }, orderingKey }),
});

/** `DeliveryQueue` on two topics of Pub/Sub. */
export const pubsubDeliveryQueue = (
  publish: PubsubPublish,
  topics: { deliveries: string; dead: string },
): DeliveryQueue => ({
  ...pubsubDeliveryMessages(publish, topics.deliveries),
  giveUp: ({ webhookId, event, tries, attempts }) =>
    publish(topics.dead, {
      data: { webhookId, event, tries, attempts },
      attributes: { ...messageAttributes(event), webhookId, reason: 'webhook_gave_up' },
    }),
});
