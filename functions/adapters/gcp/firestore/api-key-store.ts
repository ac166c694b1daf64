import { FieldPath, type Firestore } from '@google-cloud/firestore';
import { ApiKey } from '../../../contract/identity';
import { isGood } from '../../../core/identity/api-key';
import type { ApiKeyStore } from '../../../ports/identity';
import { readable } from '../../readable';
import { firestoreCalls } from './firestore-calls';
import { readAll, readPage } from './readable-documents';
import { parseIfThere } from './stream-documents';

/**
 * API keys in Firestore, `apiKeys/{prefix}`. Rejects with DomainError `unavailable` when Firestore does not answer
 * within seconds.
 */
export function firestoreApiKeyStore(firestore: Firestore, options: { deadlineMs?: number } = {}): ApiKeyStore {
  const { create, read, transact } = firestoreCalls(firestore, options.deadlineMs);
  const keys = firestore.collection('apiKeys');
  return {
    create: async (key) =>
      (await create(keys.doc(key.prefix), readable(ApiKey, key, `apiKeys/${key.prefix}`))) !== undefined,
    get: (prefix) => read(async () => parseIfThere(ApiKey, await keys.doc(prefix).get())),
    list: ({ limit, after }) =>
      read(async () => {
        const newestFirst = keys.orderBy('createdAt', 'desc').orderBy(FieldPath.documentId(), 'desc');
        const page = after === undefined ? newestFirst : newestFirst.startAfter(after.createdAt, after.prefix);
        return readPage(ApiKey, page, limit);
      }),
    countGood: (subject, nowMs) =>
      read(async () => {
        const found = await readAll(ApiKey, keys.where('subject', '==', subject));
        return found.filter((key) => isGood(key, nowMs)).length;
      }),
    remove: (prefix) =>
      transact({
        read: (transaction) => transaction.get(keys.doc(prefix)),
        decide(transaction, { exists, ref }) {
          transaction.delete(ref);
          return exists;
        },
      }),
    change: (prefix, decide) =>
      transact({
        read: (transaction) => transaction.get(keys.doc(prefix)),
        decide(transaction, found) {
          const { key, result } = decide(parseIfThere(ApiKey, found));
          if (key !== undefined) transaction.set(found.ref, readable(ApiKey, key, found.ref.path));
          return result;
        },
      }),
  };
}
