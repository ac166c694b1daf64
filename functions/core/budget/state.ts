import {
  BUDGET_STAGES,
  type BudgetChange,
  type BudgetOverride,
  type BudgetRules,
  type BudgetSpending,
  type BudgetStage,
  type BudgetState,
} from '../../contract/budget';

const HISTORY_LIMIT = 50;
const UNANNOUNCED_LIMIT = 20;

/** Before Cloud Billing said anything. */
export const NOTHING_SPENT: BudgetState = { stage: 'none', stageBySpending: 'none', history: [], unannounced: [] };

/** The highest stage whose share is reached. */
export function stageOf(rules: BudgetRules, { costAmount, budgetAmount }: BudgetSpending): BudgetStage {
  const reached = rules
    .filter(({ share }) => costAmount >= share * budgetAmount)
    .map(({ stage }) => BUDGET_STAGES.indexOf(stage));
  return BUDGET_STAGES[Math.max(0, ...reached)] ?? 'none';
}

/** Answers the stage at `nowMs`: an operator's stage while it lasts, else what the spending asks for. */
export const stageAt = ({ override, stageBySpending }: BudgetState, nowMs: number): BudgetStage =>
  override !== undefined && isInForce(override, nowMs) ? override.stage : stageBySpending;

const isInForce = ({ until }: BudgetOverride, nowMs: number): boolean => until === undefined || nowMs < until;

/**
 * Returns whether `said` is news after `known`: a later interval, or more spent in the same one. Messages come doubled
 * and in any order, and within an interval the cost only rises, so less is older. At the same cost the later word
 * counts: the budget was changed.
 */
function isNews(said: BudgetSpending, known: BudgetSpending | undefined): boolean {
  if (known === undefined) return true;
  if (said.intervalStart !== known.intervalStart) return said.intervalStart > known.intervalStart;
  if (said.costAmount !== known.costAmount) return said.costAmount > known.costAmount;
  return said.reportedAt > known.reportedAt;
}

/**
 * The state after a message. A new interval lifts an operator's stage. Old news change nothing but what the rules make
 * of it.
 */
export function afterMessage(
  state: BudgetState,
  said: BudgetSpending,
  { rules, nowMs }: { rules: BudgetRules; nowMs: number },
): BudgetState {
  const spending = isNews(said, state.spending) ? said : (state.spending ?? said);
  const newInterval = state.spending !== undefined && spending.intervalStart > state.spending.intervalStart;
  const { override: _, ...unpinned } = state;
  const pinned = !newInterval && state.override !== undefined && isInForce(state.override, nowMs);
  const next = { ...(pinned ? state : unpinned), spending, stageBySpending: stageOf(rules, spending) };
  return told(next, { at: nowMs, cause: 'message' });
}

/** The state with a stage an operator holds, whatever is spent. */
export const afterOverride = (state: BudgetState, override: BudgetOverride): BudgetState =>
  told({ ...state, override }, { at: override.at, cause: 'operator', by: override.by });

/** The state as the spending asks for it again. */
export function afterLifting(
  { override: _, ...state }: BudgetState,
  { by, at }: { by: string; at: number },
): BudgetState {
  return told(state, { at, cause: 'operator', by });
}

/** `state` without the changes that were told. */
export const withoutAnnounced = (state: BudgetState, announced: readonly BudgetChange[]): BudgetState => ({
  ...state,
  unannounced: state.unannounced.filter((change) => !announced.some((one) => isSameChange(one, change))),
});

const isSameChange = (a: BudgetChange, b: BudgetChange): boolean =>
  a.at === b.at && a.before === b.before && a.stage === b.stage;

/** Records that another stage holds now, if one does. */
function told(state: BudgetState, why: Pick<BudgetChange, 'at' | 'cause' | 'by'>): BudgetState {
  const stage = stageAt(state, why.at);
  if (stage === state.stage) return state;
  const { costAmount, budgetAmount, currencyCode } = state.spending ?? {};
  const amounts = costAmount === undefined ? {} : { costAmount, budgetAmount, currencyCode };
  const change: BudgetChange = { ...why, before: state.stage, stage, ...amounts };
  return {
    ...state,
    stage,
    history: [...state.history, change].slice(-HISTORY_LIMIT),
    unannounced: [...state.unannounced, change].slice(-UNANNOUNCED_LIMIT),
  };
}
