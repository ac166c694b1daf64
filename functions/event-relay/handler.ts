import { type DeliverDeps, deliver } from '../app/webhooks/deliver';
import { type FanOutDeps, fanOut } from '../app/webhooks/fan-out';
import { retryDue } from '../app/webhooks/retry';
import { PlatformEvent } from '../contract/events';
import { ROUTES } from '../contract/routes';
import { DeliveryMessage } from '../contract/webhooks';
import { appHandler } from '../http/app';
import type { Handler, HandlerDeps } from '../http/http-handler';
import { readPubsubMessage } from '../http/pubsub-message';
import type { DeliveryQueue } from '../ports/stores';

export type EventRelayDeps = DeliverDeps & FanOutDeps & HandlerDeps & { queue: DeliveryQueue };

/**
 * Events to customers' webhooks, in three steps that do not wait for each other: an event is written down for everybody
 * who wants it, each of them is sent to by an order of its own, and what failed is ordered again when its time has
 * come.
 */
export function eventRelayHandler(deps: EventRelayDeps): Handler {
  return appHandler((app) => {
    app.post(ROUTES.relay.events, async (c) => {
      const { data: event } = await readPubsubMessage(c.req.raw, PlatformEvent);
      const webhooks = await fanOut(event, deps);
      deps.log.info('event_relayed', { eventId: event.id, type: event.type, webhooks });
      return c.body(null, 204);
    });
    // Also for a failed attempt: when it is made again is not for Pub/Sub to say, whose patience ends after hours.
    app.post(ROUTES.relay.deliveries, async (c) => {
      const { data: order } = await readPubsubMessage(c.req.raw, DeliveryMessage);
      await deliver(order, deps);
      return c.body(null, 204);
    });
    app.post(ROUTES.relay.retries, async (c) => {
      const ordered = await retryDue(deps);
      if (ordered > 0) deps.log.info('webhooks_retried', { ordered });
      return c.json({ ordered });
    });
  }, deps);
}
