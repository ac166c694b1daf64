import { Audience } from '../../contract/viewers/audience';
import type { AudienceStore } from '../../ports/stores';
import { readable } from '../readable';

/** An `AudienceStore` of this process. */
export function memoryAudienceStore(): AudienceStore {
  const audiences = new Map<string, Audience>();
  return {
    get: async (streamId) => structuredClone(audiences.get(streamId)),
    async change(streamId, decide) {
      const { audience, result } = decide(structuredClone(audiences.get(streamId)));
      audiences.set(streamId, structuredClone(readable(Audience, audience, `audiences/${streamId}`)));
      return result;
    },
    remove: async (streamId) => void audiences.delete(streamId),
  };
}
