import type { BudgetNotification, BudgetSpending } from '../../contract/budget';
import { DomainError } from '../errors';

const DAY_MS = 86_400_000;

/**
 * Translates a message of Cloud Billing. DomainError `bad_request` for an interval that begins after the message was
 * published: kept, it would make every true one old news.
 */
export function spendingOf(
  { costAmount, costIntervalStart, budgetAmount, currencyCode }: BudgetNotification,
  { budgetId, reportedAt }: { budgetId: string; reportedAt: number },
): BudgetSpending {
  const intervalStart = Date.parse(costIntervalStart);
  if (!(intervalStart >= 0 && intervalStart <= reportedAt + DAY_MS)) {
    const published = new Date(reportedAt).toISOString();
    throw new DomainError(
      'bad_request',
      `costIntervalStart: got '${costIntervalStart}', must be since 1970 and not after the message was published ` +
        `(${published})`,
    );
  }
  return { budgetId, intervalStart, costAmount, budgetAmount, currencyCode, reportedAt };
}
