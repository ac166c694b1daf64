import { ApiKey } from '../../contract/identity';
import { isGood } from '../../core/identity/api-key';
import type { ApiKeyStore } from '../../ports/identity';
import { readable } from '../readable';

/** API keys of this process. */
export function memoryApiKeyStore(): ApiKeyStore {
  const keys = new Map<string, ApiKey>();
  return {
    async create(key) {
      if (keys.has(key.prefix)) return false;
      keys.set(key.prefix, structuredClone(readable(ApiKey, key, `apiKeys/${key.prefix}`)));
      return true;
    },
    get: async (prefix) => structuredClone(keys.get(prefix)),
    async list({ limit, after }) {
      const newestFirst = structuredClone([...keys.values()]).sort(byNewest);
      return newestFirst.filter((key) => after === undefined || byNewest(after, key) < 0).slice(0, limit);
    },
    countGood: async (subject, nowMs) =>
      [...keys.values()].filter((key) => key.subject === subject && isGood(key, nowMs)).length,
    remove: async (prefix) => keys.delete(prefix),
    async change(prefix, decide) {
      const { key, result } = decide(structuredClone(keys.get(prefix)));
      if (key !== undefined) keys.set(prefix, structuredClone(readable(ApiKey, key, `apiKeys/${key.prefix}`)));
      return result;
    },
  };
}

type KeyPosition = Pick<ApiKey, 'prefix' | 'createdAt'>;
const byNewest = (a: KeyPosition, b: KeyPosition): number =>
  b.createdAt - a.createdAt || Number(a.prefix < b.prefix) - Number(a.prefix > b.prefix);
