import type { BudgetState } from '../../contract/budget';
import type { BudgetStore } from '../../core/ports';

/** A `BudgetStore` of this process. */
export function memoryBudgetStore(): BudgetStore {
  let kept: BudgetState | undefined;
  return {
    read: async () => structuredClone(kept),
    async change(decide) {
      const { state, result } = decide(structuredClone(kept));
      kept = structuredClone(state);
      return result;
    },
  };
}
