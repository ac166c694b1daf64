import type { Firestore } from '@google-cloud/firestore';
import { Audience } from '../../../contract/viewers/audience';
import type { AudienceStore } from '../../../ports/stores';
import { readable } from '../../readable';
import { firestoreCalls } from './firestore-calls';
import { parseIfReadable } from './readable-documents';
import { parseIfThere } from './stream-documents';

/** Audiences in Firestore, `audiences/{streamId}`. Rejects as `firestoreStreamStore`. */
export function firestoreAudienceStore(firestore: Firestore, options: { deadlineMs?: number } = {}): AudienceStore {
  const { read, transact } = firestoreCalls(firestore, options.deadlineMs);
  const audience = (streamId: string) => firestore.collection('audiences').doc(streamId);
  return {
    get: (streamId) => read(async () => parseIfThere(Audience, await audience(streamId).get())),
    change: (streamId, decide) =>
      transact({
        read: (transaction) => transaction.get(audience(streamId)),
        decide(transaction, found) {
          // Counting starts again from zero where a document cannot be read: it is of one stream, and of minutes.
          const { audience: next, result } = decide(found.exists ? parseIfReadable(Audience, found) : undefined);
          transaction.set(found.ref, readable(Audience, next, found.ref.path));
          return result;
        },
      }),
    remove: (streamId) => read(async () => void (await audience(streamId).delete())),
  };
}
