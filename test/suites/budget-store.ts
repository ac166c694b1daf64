import type { BudgetState } from '../../functions/contract/budget';
import { NOTHING_SPENT } from '../../functions/core/budget/state';
import type { BudgetStore } from '../../functions/ports/stores';

const change = { at: 1, before: 'none', stage: 'stop', cause: 'operator', by: 'ada' } as const;
const FULL: BudgetState = {
  stage: 'stop',
  stageBySpending: 'notify',
  spending: {
    budgetId: 'b',
    intervalStart: 1,
    costAmount: 60.25,
    budgetAmount: 100,
    currencyCode: 'EUR',
    reportedAt: 2,
  },
  override: { stage: 'stop', by: 'ada', reason: 'enough', at: 1, until: 9 },
  history: [change],
  unannounced: [change],
};

/** Google's emulator lets transactions wait for each other by the second. */
const CONTENDED_MS = 30_000;

/**
 * Tests the contract of every `BudgetStore`: run for memory, for the local Firestore and for Google's emulator. `open`
 * answers an empty one.
 */
export function budgetStoreSuite(name: string, open: () => BudgetStore): void {
  describe(`BudgetStore: ${name}`, () => {
    it('writes nothing that it could not read', async () => {
      const store = open();
      const override = { stage: 'stop' as const, by: 'ada', reason: 'enough', at: 1, until: -1 };
      await expect(store.change(() => ({ state: { ...FULL, override }, result: 0 }))).rejects.toThrow('override.until');
      expect(await store.read()).toBeUndefined();
    });

    it('knows nothing at first, then what was written', async () => {
      const store = open();
      expect(await store.read()).toBeUndefined();
      expect(await store.change((state) => ({ state: FULL, result: state }))).toBeUndefined();
      expect(await store.read()).toStrictEqual(FULL);
    });

    it('replaces the state whole: a field that is absent is gone', async () => {
      const store = open();
      await store.change(() => ({ state: FULL, result: 0 }));
      await store.change(() => ({ state: NOTHING_SPENT, result: 0 }));
      expect(await store.read()).toStrictEqual(NOTHING_SPENT);
    });

    it(
      'loses none of many changes at the same time',
      async () => {
        const store = open();
        const add = () =>
          store.change((state = NOTHING_SPENT) => ({
            state: { ...state, history: [...state.history, change] },
            result: 0,
          }));
        await Promise.all(Array.from({ length: 4 }, add));
        expect((await store.read())?.history).toHaveLength(4);
      },
      CONTENDED_MS,
    );
  });
}
