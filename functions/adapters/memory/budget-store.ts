import { BudgetState } from '../../contract/budget';
import type { BudgetStore } from '../../ports/stores';
import { readable } from '../readable';

/** A `BudgetStore` of this process. */
export function memoryBudgetStore(): BudgetStore {
  let kept: BudgetState | undefined;
  return {
    read: async () => structuredClone(kept),
    async change(decide) {
      const { state, result } = decide(structuredClone(kept));
      kept = structuredClone(readable(BudgetState, state, 'budget/state'));
      return result;
    },
  };
}
