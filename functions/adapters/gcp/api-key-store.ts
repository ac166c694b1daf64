import { FieldPath, type Firestore } from '@google-cloud/firestore';
import { ApiKey } from '../../contract/identity';
import type { ApiKeyStore } from '../../core/identity/ports';
import { ALREADY_EXISTS, firestoreCalls } from './firestore-calls';
import { parse, parseIfThere } from './registry-documents';
import { failureCode } from './retry';

/** API keys in Firestore, `apiKeys/{prefix}`. Rejects with DomainError `unavailable` when Firestore does not answer within seconds. */
export function firestoreApiKeyStore(firestore: Firestore, options: { deadlineMs?: number } = {}): ApiKeyStore {
  const { read, transact } = firestoreCalls(firestore, options.deadlineMs);
  const keys = firestore.collection('apiKeys');
  return {
    async create(key) {
      try {
        await read(() => keys.doc(key.prefix).create(key));
        return true;
      } catch (error) {
        if (failureCode(error) === ALREADY_EXISTS) return false;
        throw error;
      }
    },
    get: (prefix) => read(async () => parseIfThere(ApiKey, await keys.doc(prefix).get())),
    list: ({ limit, after }) =>
      read(async () => {
        const newestFirst = keys.orderBy('createdAt', 'desc').orderBy(FieldPath.documentId(), 'desc');
        const page = after === undefined ? newestFirst : newestFirst.startAfter(after.createdAt, after.prefix);
        return (await page.limit(limit).get()).docs.map((document) => parse(ApiKey, document));
      }),
    change: (prefix, decide) =>
      transact({
        read: (transaction) => transaction.get(keys.doc(prefix)),
        decide(transaction, found) {
          const { key, result } = decide(parseIfThere(ApiKey, found));
          if (key !== undefined) transaction.set(found.ref, key);
          return result;
        },
      }),
  };
}
