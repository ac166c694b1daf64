/** Who may be sent to right now. */
export interface Slots {
  /** Frees what was taken, once; `undefined` when this receiver has as many requests under way as it may. */
  take(webhookId: string): (() => void) | undefined;
}

/** At most `limit` requests at a time to one receiver: one that is slow keeps none from the others. */
export function slotsOf(limit: number): Slots {
  const taken = new Map<string, number>();
  const add = (id: string, by: number) => {
    const count = (taken.get(id) ?? 0) + by;
    if (count === 0) taken.delete(id);
    else taken.set(id, count);
  };
  return {
    take(id) {
      if ((taken.get(id) ?? 0) >= limit) return undefined;
      add(id, 1);
      let free = false;
      return () => {
        if (!free) add(id, -1);
        free = true;
      };
    },
  };
}
