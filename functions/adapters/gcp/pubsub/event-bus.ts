import { messageAttributes, orderingKeyOf } from '../../../contract/events';
import type { EventBus } from '../../../ports/stores';
import type { PubsubPublish } from './pubsub-publish';

/** `EventBus` on a topic of Pub/Sub. */
export const pubsubEventBus = (publish: PubsubPublish, topic: string): EventBus => ({
  publish: (event) =>
    publish(topic, { data: event, attributes: messageAttributes(event), orderingKey: orderingKeyOf(event) }),
});
