import type { DeliveryMessage, WebhookDelivery } from '../../contract/webhooks';
import type { DeliveryQueue } from '../../ports/stores';

/** A `DeliveryQueue` of this process that keeps what it is given. */
export interface MemoryDeliveryQueue extends DeliveryQueue {
  readonly orders: (DeliveryMessage & { orderingKey: string })[];
  readonly dead: WebhookDelivery[];
}

export function memoryDeliveryQueue(): MemoryDeliveryQueue {
  const orders: MemoryDeliveryQueue['orders'] = [];
  const dead: WebhookDelivery[] = [];
  return {
    orders,
    dead,
    order: async (order, orderingKey) => void orders.push({ ...order, orderingKey }),
    giveUp: async (delivery) => void dead.push(structuredClone(delivery)),
  };
}
