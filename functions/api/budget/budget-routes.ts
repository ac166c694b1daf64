import { createRoute } from '@hono/zod-openapi';
import { liftBudgetOverride, overrideBudget } from '../../app/budget/store';
import { BudgetAnswer, OverrideBudget } from '../../contract/api/events';
import type { BudgetState } from '../../contract/budget';
import { ROUTES } from '../../contract/routes';
import { NOTHING_SPENT, stageAt } from '../../core/budget/state';
import { DomainError } from '../../core/errors';
import type { ApiDeps } from '../api-deps';
import { answers, requestBody, secured } from '../document/answers';
import type { Mount } from '../requests/operation';
import { iso } from '../streams/stream-answer';

const tags = ['budget'];
const show = createRoute({
  method: 'get',
  path: ROUTES.budget.budget,
  operationId: 'getBudget',
  summary: 'Show the spending and the budget stage',
  tags,
  'x-permission': 'budget.read' as const,
  responses: { ...answers.ok(BudgetAnswer, 'The budget.'), ...secured() },
});
const override = createRoute({
  method: 'put',
  path: ROUTES.budget.override,
  operationId: 'overrideBudget',
  summary: 'Override the budget stage',
  description:
    'The stage holds regardless of the spending. The functions apply it within ten seconds. ' +
    'The billing account is not changed.',
  tags,
  'x-permission': 'budget.write' as const,
  request: requestBody(OverrideBudget),
  responses: {
    ...answers.ok(BudgetAnswer, 'The changed budget.'),
    ...secured('bad_request', 'body_too_large', 'invalid_field'),
  },
});
const lift = createRoute({
  method: 'delete',
  path: ROUTES.budget.override,
  operationId: 'liftBudgetOverride',
  summary: 'Remove the override of the budget stage',
  tags,
  'x-permission': 'budget.write' as const,
  responses: { ...answers.ok(BudgetAnswer, 'The changed budget.'), ...secured() },
});

export function budgetRoutes(mount: Mount, deps: ApiDeps): void {
  const { clock, log, bus } = deps;
  const budget = { store: deps.budget, bus, clock, log };
  const answer = (state: BudgetState) => budgetAnswer(state, clock.now());
  mount(show, async (c) => c.json(answer((await deps.budget.read()) ?? NOTHING_SPENT), 200));
  mount(override, async (c) => {
    const { until, ...wanted } = c.req.valid('json');
    const by = c.get('principal').subject;
    if (until !== undefined && Date.parse(until) <= clock.now()) throw wrongUntil(until);
    const state = await overrideBudget({ ...wanted, by, ...(until && { until: Date.parse(until) }) }, budget);
    return c.json(answer(state), 200);
  });
  mount(lift, async (c) => c.json(answer(await liftBudgetOverride(c.get('principal').subject, budget)), 200));
}

/** It would hold for no time at all. */
function wrongUntil(until: string): DomainError {
  const message = `got '${until}', use a time in the future`;
  return new DomainError('invalid_field', `until: ${message}`, { fields: [{ field: 'until', message }] });
}

function budgetAnswer(state: BudgetState, nowMs: number): BudgetAnswer {
  const { stageBySpending, spending, override: held, history } = state;
  return {
    stage: stageAt(state, nowMs),
    stageBySpending,
    ...(spending && {
      spending: {
        costAmount: spending.costAmount,
        budgetAmount: spending.budgetAmount,
        currencyCode: spending.currencyCode,
        intervalStart: iso(spending.intervalStart),
        reportedAt: iso(spending.reportedAt),
      },
    }),
    ...(held && {
      override: {
        stage: held.stage,
        by: held.by,
        reason: held.reason,
        at: iso(held.at),
        ...(held.until && { until: iso(held.until) }),
      },
    }),
    history: history.map(({ at, before, stage, cause, by }) => ({
      at: iso(at),
      before,
      stage,
      cause,
      ...(by && { by }),
    })),
  };
}
