import { type DocumentData, type Firestore, Timestamp } from '@google-cloud/firestore';
import { Grant } from '../../../contract/grants';
import type { GrantStore } from '../../../ports/grants';
import { readable } from '../../readable';
import { firestoreCalls } from './firestore-calls';
import { parseIfThere } from './stream-documents';

/**
 * Grants in Firestore, `streams/{id}/grants/{grantId}`. The limit costs no lock and no counter, which thousands of
 * viewers that come at once would fight for: a grant is written, then the unexpired ones are counted (one read a
 * thousand of them, strongly consistent), and it is taken back if they are too many. The one written last sees all
 * others, so never too many stay. https://cloud.google.com/firestore/docs/query-data/aggregation-queries
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
    countOfOwner: (owner, nowMs) =>
      read(async () => {
        const group = firestore.collectionGroup('grants');
        const unexpired = group
          .where('ownedUntil', '>', ownedUntil(owner, nowMs))
          .where('ownedUntil', '<', `${owner}!`);
        return (await unexpired.count().get()).data().count;
      }),
    remove: (streamId, id) => read(async () => void (await grants(streamId).doc(id).delete())),
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

/**
 * Orders an owner's grants by when they expire, in one field, which needs no composite index. No owner has a blank in
 * its name.
 */
const ownedUntil = (owner: string, ms: number): string => `${owner} ${String(ms).padStart(15, '0')}`;

/** `removeAt` is what Firestore's time to live goes by, which wants a timestamp. */
const grantDocument = (grant: Grant): DocumentData => ({
  ...readable(Grant, grant, `streams/${grant.streamId}/grants/${grant.id}`),
  removeAt: Timestamp.fromMillis(grant.expiresAt),
  ...(grant.owner === undefined ? {} : { ownedUntil: ownedUntil(grant.owner, grant.expiresAt) }),
});
