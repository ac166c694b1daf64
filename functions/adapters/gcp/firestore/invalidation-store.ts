import { type DocumentData, type Firestore, type Query, Timestamp } from '@google-cloud/firestore';
import { Invalidation } from '../../../contract/state';
import type { InvalidationStore } from '../../../ports/stores';
import { firestoreCalls } from './firestore-calls';
import { parse } from './stream-documents';

/** The time for which the outcome of an invalidation can be read. */
const KEPT_MS = 90 * 86_400_000;

/** `invalidations/{hash of the path}` in Firestore. */
export function firestoreInvalidationStore(
  firestore: Firestore,
  options: { deadlineMs?: number } = {},
): InvalidationStore {
  const { read } = firestoreCalls(firestore, options.deadlineMs);
  const invalidations = firestore.collection('invalidations');
  const list = (query: Query) =>
    read(async () => (await query.get()).docs.map((document) => parse(Invalidation, document)));
  return {
    async put(invalidation) {
      await read(() => invalidations.doc(invalidation.id).set(stored(invalidation)));
    },
    ofStream: async (streamId) =>
      (await list(invalidations.where('streamId', '==', streamId))).sort((a, b) => a.requestedAt - b.requestedAt),
    listOpen: (limit) => list(invalidations.orderBy('openSince').limit(limit)),
  };
}

/** Only what is open has `openSince`, so that one field is enough to ask by. Nothing that is open is ever removed. */
const stored = (invalidation: Invalidation): DocumentData => ({
  ...invalidation,
  ...(invalidation.state === 'done'
    ? { removeAt: Timestamp.fromMillis(invalidation.changedAt + KEPT_MS) }
    : { openSince: invalidation.requestedAt }),
});
