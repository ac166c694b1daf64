import type { BudgetOverride, BudgetRules, BudgetSpending, BudgetState } from '../../contract/budget';
import { afterLifting, afterMessage, afterOverride, NOTHING_SPENT, withoutAnnounced } from '../../core/budget/state';
import { budgetStageChanged } from '../../core/events/events';
import type { BudgetStore, Clock, EventBus, Log } from '../../ports/stores';

export interface BudgetDeps {
  store: BudgetStore;
  bus: EventBus;
  clock: Clock;
  log: Log;
}

/**
 * A message of Cloud Billing, taken in and told. Rejects when a change could not be told: the message has to come
 * again.
 */
export async function takeSpending(said: BudgetSpending, rules: BudgetRules, deps: BudgetDeps): Promise<BudgetState> {
  const nowMs = deps.clock.now();
  return change((state) => afterMessage(state, said, { rules, nowMs }), deps);
}

/** An operator's stage, until it is lifted, its time is over or a new interval begins. `until` in milliseconds. */
export async function overrideBudget(wanted: Omit<BudgetOverride, 'at'>, deps: BudgetDeps): Promise<BudgetState> {
  const at = deps.clock.now();
  return change((state) => afterOverride(state, { ...wanted, at }), deps);
}

/** Removes an operator's override, so that the spending decides again. */
export async function liftBudgetOverride(by: string, deps: BudgetDeps): Promise<BudgetState> {
  const at = deps.clock.now();
  return change((state) => afterLifting(state, { by, at }), deps);
}

async function change(next: (state: BudgetState) => BudgetState, deps: BudgetDeps): Promise<BudgetState> {
  const { before, after } = await deps.store.change((current = NOTHING_SPENT) => {
    const state = next(current);
    return { state, result: { before: current, after: state } };
  });
  if (before.stage !== after.stage) {
    const log = after.stage === 'none' ? deps.log.warn : deps.log.error;
    log('budget_stage', { ...after.history.at(-1) });
  }
  await tell(after, deps);
  return after;
}

/** Changes that were not told yet, in order; what fails stays for the next time. */
async function tell({ unannounced }: BudgetState, { store, bus }: BudgetDeps): Promise<void> {
  if (unannounced.length === 0) return;
  for (const each of unannounced) await bus.publish(budgetStageChanged(each));
  await store.change((current = NOTHING_SPENT) => ({
    state: withoutAnnounced(current, unannounced),
    result: undefined,
  }));
}
