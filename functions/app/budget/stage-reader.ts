import type { BudgetStage } from '../../contract/budget';
import { stageAt } from '../../core/budget/state';
import type { BudgetStore, Clock, Log } from '../../ports/stores';

/**
 * Keeps a stage that was read for ten seconds: Cloud Billing reports hours late, so they do not matter, and a read at
 * each publish would cost more.
 */
const MAX_AGE_MS = 10_000;

export interface StageReaderDeps {
  store: Pick<BudgetStore, 'read'>;
  clock: Pick<Clock, 'now'>;
  log: Log;
}

/**
 * The stage that holds, at most ten seconds old: for decisions that cannot wait for a read each. Never rejects: while
 * the store is away the last known stage holds, `none` if there is no such, because a budget must not stop what a
 * database can.
 */
export function budgetStageReader({ store, clock, log }: StageReaderDeps): () => Promise<BudgetStage> {
  let known: Awaited<ReturnType<BudgetStore['read']>>;
  let askedAt: number | undefined;
  let reading: Promise<void> | undefined;

  const read = async () => {
    askedAt = clock.now();
    try {
      known = await store.read();
    } catch (error) {
      log.warn('budget_unknown', { error });
    }
  };

  return async () => {
    if (askedAt === undefined || clock.now() - askedAt > MAX_AGE_MS) reading = read();
    await reading;
    return known === undefined ? 'none' : stageAt(known, clock.now());
  };
}
