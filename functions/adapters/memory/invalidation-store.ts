import type { Invalidation } from '../../contract/state';
import type { InvalidationStore } from '../../ports/stores';

/** Invalidations of this process. */
export function memoryInvalidationStore(): InvalidationStore {
  const held = new Map<string, Invalidation>();
  const byAge = (a: Invalidation, b: Invalidation) => a.requestedAt - b.requestedAt;
  const all = () => structuredClone([...held.values()]).sort(byAge);
  return {
    async put(invalidation) {
      held.set(invalidation.id, structuredClone(invalidation));
    },
    ofStream: async (streamId) => all().filter((each) => each.streamId === streamId),
    listOpen: async (limit) =>
      all()
        .filter(({ state }) => state !== 'done')
        .slice(0, limit),
  };
}
