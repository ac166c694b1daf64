import { type DocumentData, type Firestore, Timestamp } from '@google-cloud/firestore';
import { Grant } from '../../../contract/grants';
import type { GrantStore } from '../../../ports/grants';
import { readable } from '../../readable';
import { firestoreCalls } from './firestore-calls';
import { parseIfThere } from './stream-documents';

/**
 * Grants in Firestore, `streams/{id}/grants/{grantId}`. The limit costs no lock and no counter, which thousands of viewers that
 * come at once would fight for: a grant is written, then the unexpired ones are counted (one read a thousand of them, strongly
 * consistent), and it is taken back if they are too many. The one written last sees all others, so never too many stay.
 * https://cloud.google.com/firestore/docs/query-data/aggregation-queries
 */
export function firestoreGrantStore(firestore: Firestore, options: { deadlineMs?: number } = {}): GrantStore {
  const { read, transact } = firestoreCalls(firestore, options.deadlineMs);
  const grants = (streamId: string) => firestore.collection('streams').doc(streamId).collection('grants');
  return {
    add: (grant, { max, nowMs }) =>
      read(async () => {
        const document = grants(grant.streamId).doc(grant.id);
        await document.create(grantDocument(grant));
        const unexpired = await grants(grant.streamId).where('expiresAt', '>', nowMs).count().get();
        if (unexpired.data().count <= max) return true;
        await document.delete();
        return false;
      }),
    get: (streamId, id) => read(async () => parseIfThere(Grant, await grants(streamId).doc(id).get())),
    change: (streamId, id, decide) =>
      transact({
        read: (transaction) => transaction.get(grants(streamId).doc(id)),
        decide(transaction, found) {
          const { grant, result } = decide(parseIfThere(Grant, found));
          if (grant !== undefined) transaction.set(found.ref, grantDocument(grant));
          return result;
        },
      }),
  };
}

/** `removeAt` is what Firestore's time to live goes by, which wants a timestamp. */
const grantDocument = (grant: Grant): DocumentData => ({
  ...readable(Grant, grant, `streams/${grant.streamId}/grants/${grant.id}`),
  removeAt: Timestamp.fromMillis(grant.expiresAt),
});
