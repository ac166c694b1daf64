import { Grant } from '../../contract/grants';
import type { GrantStore } from '../../ports/grants';
import { readable } from '../readable';

/** Grants of this process; expired ones stay. */
export function memoryGrantStore(): GrantStore {
  const grants = new Map<string, Grant>();
  const keyOf = (streamId: string, id: string): string => `${streamId}/${id}`;
  return {
    async add(grant, { max, nowMs }) {
      if (grants.has(keyOf(grant.streamId, grant.id))) throw new Error(`grant '${grant.id}': there is one already`);
      const unexpired = [...grants.values()].filter(
        ({ streamId, expiresAt }) => streamId === grant.streamId && expiresAt > nowMs,
      );
      if (unexpired.length >= max) return false;
      grants.set(keyOf(grant.streamId, grant.id), structuredClone(readable(Grant, grant, `grants/${grant.id}`)));
      return true;
    },
    countOfOwner: async (owner, nowMs) =>
      [...grants.values()].filter((grant) => grant.owner === owner && grant.expiresAt > nowMs).length,
    async remove(streamId, id) {
      grants.delete(keyOf(streamId, id));
    },
    get: async (streamId, id) => structuredClone(grants.get(keyOf(streamId, id))),
    async change(streamId, id, decide) {
      const { grant, result } = decide(structuredClone(grants.get(keyOf(streamId, id))));
      if (grant !== undefined)
        grants.set(keyOf(streamId, id), structuredClone(readable(Grant, grant, `grants/${grant.id}`)));
      return result;
    },
  };
}
