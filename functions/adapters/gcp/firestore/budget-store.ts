import type { Firestore } from '@google-cloud/firestore';
import { BudgetState } from '../../../contract/budget';
import type { BudgetStore } from '../../../ports/stores';
import { readable } from '../../readable';
import { firestoreCalls } from './firestore-calls';
import { parseIfThere } from './stream-documents';

/** `BudgetStore` in Firestore: the one document `budget/state`. Rejects as `firestoreStreamStore`. */
export function firestoreBudgetStore(firestore: Firestore, options: { deadlineMs?: number } = {}): BudgetStore {
  const { read, transact } = firestoreCalls(firestore, options.deadlineMs);
  const state = firestore.collection('budget').doc('state');
  return {
    read: () => read(async () => parseIfThere(BudgetState, await state.get())),
    change: (decide) =>
      transact({
        read: (transaction) => transaction.get(state),
        decide(transaction, found) {
          const { state: next, result } = decide(parseIfThere(BudgetState, found));
          transaction.set(state, readable(BudgetState, next, state.path));
          return result;
        },
      }),
  };
}
