import { textAt } from '../json';
import { RehearsalRefusal } from '../refusal';
import type { GoogleRule } from '../rule';

export const currencyFits: GoogleRule = {
  name: 'currency-fits',
  says: "a budget is said in its billing account's currency",
  page: 'https://cloud.google.com/billing/docs/reference/budget/rest/v1/billingAccounts.budgets',
  byDefault: true,
  check({ service, collection, action, body }, { options: { currency = 'EUR' } }) {
    if (service !== 'billingbudgets' || collection !== 'budgets' || action !== 'create') return undefined;
    const said = textAt(body, 'amount', 'specifiedAmount', 'currencyCode');
    if (said === '' || said === currency) return undefined;
    return new RehearsalRefusal(400, `Request contains an invalid argument: currency ${said} is not ${currency}.`);
  },
};

/** Days after which Google accepts no functions of a runtime. */
const LAST_DAYS: Readonly<Record<string, string>> = {
  nodejs18: '2025-10-30',
  nodejs20: '2026-10-30',
  nodejs22: '2027-10-31',
  nodejs24: '2028-10-31',
};

export const runtimesLast: GoogleRule = {
  name: 'runtimes-last',
  says: 'a function is not made with a runtime that was decommissioned (nodejs22: 2027-10-31)',
  page: 'https://cloud.google.com/functions/docs/runtime-support',
  byDefault: true,
  check({ service, collection, action, body }, world) {
    if (service !== 'cloudfunctions' || collection !== 'functions' || action !== 'create') return undefined;
    const runtime = textAt(body, 'buildConfig', 'runtime');
    const last = LAST_DAYS[runtime];
    if (last === undefined || world.now() < Date.parse(last)) return undefined;
    return new RehearsalRefusal(400, `Runtime ${runtime} is decommissioned and no longer allowed.`);
  },
};
