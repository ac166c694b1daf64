/** Says which receivers may be sent to right now. */
export interface ReceiverConcurrency {
  /** Frees what was taken, once; `undefined` when this receiver has as many requests under way as it may. */
  take(webhookId: string): (() => void) | undefined;
}

/**
 * At most `limit` requests at a time to one receiver, and about `total` to all: one that is slow keeps none from the
 * others, and all together keep no event from being taken. Beyond the total a receiver still gets its equal share, and
 * its first in any case: slow receivers of one customer put off nobody else's events, and so do not change their order.
 */
export function receiverConcurrencyOf(limit: number, total = Number.POSITIVE_INFINITY): ReceiverConcurrency {
  const taken = new Map<string, number>();
  let all = 0;
  const add = (id: string, by: number) => {
    const count = (taken.get(id) ?? 0) + by;
    all += by;
    if (count === 0) taken.delete(id);
    else taken.set(id, count);
  };
  return {
    take(id) {
      const own = taken.get(id) ?? 0;
      const receivers = taken.size + (own === 0 ? 1 : 0);
      const share = Math.max(1, Math.floor(total / receivers));
      if (own >= limit || (all >= total && own >= share)) return undefined;
      add(id, 1);
      let free = false;
      return () => {
        if (!free) add(id, -1);
        free = true;
      };
    },
  };
}
