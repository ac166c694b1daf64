import { type BudgetDeps, takeSpending } from '../app/budget/store';
import { type SuspendDeps, suspendRunaway } from '../app/budget/suspend-runaway';
import { BudgetAttributes, BudgetNotification, type BudgetRules } from '../contract/budget';
import { RunawayNotice } from '../contract/events';
import { ROUTES } from '../contract/routes';
import { spendingOf } from '../core/budget/spending';
import { appHandler } from '../http/app';
import type { Handler, HandlerDeps } from '../http/http-handler';
import { readPubsubMessage } from '../http/pubsub-message';
import { parseWith } from '../http/request-body';

export interface BudgetGuardDeps extends BudgetDeps, SuspendDeps, HandlerDeps {
  rules: BudgetRules;
  /** Display name of the environment's budget. */
  budgetName: string;
}

/**
 * Turns what Cloud Billing says into a stage, by the rules of the environment, and a stream whose events run away is
 * suspended. Every stage is taken back by a message or an operator; billing itself is never touched.
 */
export function budgetGuardHandler(deps: BudgetGuardDeps): Handler {
  return appHandler((app) => {
    app.post(ROUTES.guard.budget, async (c) => {
      await takeNotification(c.req.raw, deps);
      return c.body(null, 204);
    });
    app.post(ROUTES.guard.runaway, async (c) => {
      const { data: notice } = await readPubsubMessage(c.req.raw, RunawayNotice);
      const suspended = await suspendRunaway(notice, deps);
      deps.log.warn('runaway_reported', { ...notice, suspended });
      return c.body(null, 204);
    });
  }, deps);
}

async function takeNotification(request: Request, deps: BudgetGuardDeps): Promise<void> {
  const message = await readPubsubMessage(request, BudgetNotification);
  const { budgetId } = parseWith(BudgetAttributes, message.attributes, 'message.attributes');
  const { budgetDisplayName, costAmount, budgetAmount } = message.data;
  if (budgetDisplayName !== deps.budgetName) {
    deps.log.warn('budget_ignored', { budgetDisplayName, budgetId, reason: `not '${deps.budgetName}'` });
    return;
  }
  const spending = spendingOf(message.data, { budgetId, reportedAt: message.publishedAt });
  const { stage } = await takeSpending(spending, deps.rules, deps);
  deps.log.info('budget_message', { budgetId, costAmount, budgetAmount, stage });
}
