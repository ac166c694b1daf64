import { type BudgetStage, stageIncludes } from '../../contract/budget';
import { MAX_GRANT_SECONDS } from '../../contract/limits';
import type { PublishingMode } from '../publish/admission';

/** Says who may publish at a stage: at `refuse_publishers` a live publisher stays, and may come back. */
export function publishingModeOf(stage: BudgetStage): PublishingMode {
  if (stageIncludes(stage, 'stop')) return 'none';
  return stageIncludes(stage, 'refuse_publishers') ? 'reconnects' : 'all';
}

/** The lifetime of grants at this stage: a viewer who has left costs at most half a minute. */
const SHORT_GRANT_SECONDS = 30;

/** The longest a grant may be at a stage, in seconds; `undefined` when none is given. */
export function grantSecondsAt(stage: BudgetStage): number | undefined {
  if (stageIncludes(stage, 'stop')) return undefined;
  return stageIncludes(stage, 'shorten_grants') ? SHORT_GRANT_SECONDS : MAX_GRANT_SECONDS;
}
