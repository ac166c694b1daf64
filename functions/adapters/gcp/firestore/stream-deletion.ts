import type { Query, QuerySnapshot, Transaction } from '@google-cloud/firestore';
import type { FirestoreCalls } from './firestore-calls';
import type { StreamDocuments } from './stream-documents';

/** Documents of a page: far below what one commit takes. */
const PAGE = 200;

/**
 * The stream first: once it is gone no change adds to what lies below it, so what is found there then is all. A
 * deletion that broke off is finished by the next one.
 */
export async function deleteStream(
  { transact }: FirestoreCalls,
  documents: StreamDocuments,
  id: string,
): Promise<boolean> {
  const existed = await transact({
    read: (transaction) => transaction.get(documents.stream(id)),
    decide(transaction, { exists, ref }) {
      transaction.delete(ref);
      return exists;
    },
  });
  for (const below of [documents.sessions(id), documents.broadcasts(id)])
    while ((await transact(deletionOf(below.select().limit(PAGE)))) === PAGE);
  return existed;
}

const deletionOf = (page: Query) => ({
  read: (transaction: Transaction) => transaction.get(page),
  decide(transaction: Transaction, { docs }: QuerySnapshot): number {
    for (const { ref } of docs) transaction.delete(ref);
    return docs.length;
  },
});
