import { z } from 'zod';
import type { GoogleApi } from '../google/google-api';
import type { StackJson } from '../google/stack-json';
import type { Check, Finding } from './finding';
import { BILLING_PERMISSIONS, FURTHER_PERMISSIONS, PERMISSION_OF } from './permissions';

const Project = z.object({ name: z.string(), state: z.string() });
const Granted = z.object({ permissions: z.array(z.string()).default([]) });
const BillingInfo = z.object({
  billingAccountName: z.string().default(''),
  billingEnabled: z.boolean().default(false),
});
const Services = z.object({ services: z.array(z.object({ name: z.string(), state: z.string() })).default([]) });
const ServiceBlock = z.object({ project: z.string(), service: z.string() });
const BudgetBlock = z.object({
  billing_account: z.string(),
  amount: z.object({ specified_amount: z.object({ currency_code: z.string() }) }),
});
const BillingAccount = z.object({ currencyCode: z.string().default('') });

/** The most permissions in one call, and the most services. */
const AT_ONCE = { permissions: 100, services: 20 };
const CONSOLE = 'cloudresourcemanager.googleapis.com/v3/projects';

/** The first check: without the project no other one makes sense. */
export async function checkProject(projectId: string, api: GoogleApi): Promise<Finding> {
  const what = `project ${projectId}`;
  const { state } = await api.call(Project, { method: 'GET', path: `${CONSOLE}/${projectId}` });
  return state === 'ACTIVE'
    ? { what }
    : { what, missing: `it is ${state}`, remedy: `gcloud projects undelete ${projectId}` };
}

/** Returns the permissions of `wanted` that the caller lacks on a project. */
export async function absentPermissions(
  projectId: string,
  wanted: readonly string[],
  api: GoogleApi,
): Promise<readonly string[]> {
  const granted = new Set<string>();
  for (const some of chunks(wanted, AT_ONCE.permissions)) {
    const path = `${CONSOLE}/${projectId}:testIamPermissions`;
    const answer = await api.call(Granted, { method: 'POST', path, body: { permissions: some } });
    for (const permission of answer.permissions) granted.add(permission);
  }
  return wanted.filter((permission) => !granted.has(permission));
}

/** Returns the remedy that grants every permission on a project. */
export const ownerRemedy = (projectId: string): string =>
  'have an owner grant you roles with them; roles/owner has all: gcloud projects ' +
  `add-iam-policy-binding ${projectId} --member=user:<you> --role=roles/owner`;

const permissions: Check = {
  name: 'permissions on the project',
  async run({ stack, api }) {
    const { projectId } = stack;
    const named = [...stack.types().map((type) => PERMISSION_OF[type] ?? ''), ...FURTHER_PERMISSIONS];
    const wanted = [...new Set(named)].filter(Boolean);
    const absent = await absentPermissions(projectId, wanted, api);
    if (absent.length === 0) return [{ what: `${wanted.length} permissions on ${projectId}` }];
    const missing = `not granted: ${absent.join(', ')}`;
    return [{ what: `permissions on ${projectId}`, missing, remedy: ownerRemedy(projectId) }];
  },
};

/** Returns the billing account of an environment's budget; empty without a budget. */
export const accountOf = (stack: StackJson): string =>
  stack.all('google_billing_budget', BudgetBlock)[0]?.billing_account ?? '';

/** Checks whether a project has billing. */
export async function billingOf(projectId: string, account: string, api: GoogleApi): Promise<readonly Finding[]> {
  const path = `cloudbilling.googleapis.com/v1/projects/${projectId}/billingInfo`;
  const { billingEnabled } = await api.call(BillingInfo, { method: 'GET', path });
  const what = `billing of ${projectId}`;
  const remedy = `gcloud billing projects link ${projectId} --billing-account=${account}`;
  return [billingEnabled ? { what } : { what, missing: 'it is off', remedy }];
}

const billing: Check = {
  name: 'billing',
  async run({ stack, api }) {
    const { projectId } = stack;
    const account = accountOf(stack);
    const [paid] = await billingOf(projectId, account, api);
    if (paid?.missing !== undefined) return [paid];
    const path = `cloudbilling.googleapis.com/v1/projects/${projectId}/billingInfo`;
    const { billingAccountName } = await api.call(BillingInfo, { method: 'GET', path });
    const what = `billing of ${projectId}`;
    const name = `billingAccounts/${account}`;
    if (billingAccountName === name) return [{ what: `${what} by ${account}` }];
    const missing = `it is ${billingAccountName}, the budget is for ${name}`;
    return [{ what, missing, remedy: 'put it right in infra/config' }];
  },
};

const budget: Check = {
  name: 'permissions on the billing account',
  async run({ stack, api }) {
    const account = accountOf(stack);
    const path = `cloudbilling.googleapis.com/v1/billingAccounts/${account}:testIamPermissions`;
    const body = { permissions: BILLING_PERMISSIONS };
    const granted = await api.find(Granted, { method: 'POST', path, body });
    const what = `budgets of billing account ${account}`;
    if (granted === undefined)
      return [{ what, missing: 'there is no such account', remedy: 'put it right in infra/config' }];
    const absent = BILLING_PERMISSIONS.filter((permission) => !granted.permissions.includes(permission));
    if (absent.length === 0) return [{ what }];
    const remedy =
      `have its administrator say: gcloud billing accounts add-iam-policy-binding ${account} --member=user:<you> ` +
      '--role=roles/billing.costsManager';
    return [{ what, missing: `not granted: ${absent.join(', ')}`, remedy }];
  },
};

const currency: Check = {
  name: 'currency of the billing account',
  async run({ stack, api }) {
    const [block] = stack.all('google_billing_budget', BudgetBlock);
    if (block === undefined) return [];
    const account = await api.find(BillingAccount, {
      method: 'GET',
      path: `cloudbilling.googleapis.com/v1/billingAccounts/${block.billing_account}`,
    });
    const wanted = block.amount.specified_amount.currency_code;
    const what = `currency of the budget: ${wanted}`;
    const own = account?.currencyCode ?? '';
    if (own === '' || own === wanted) return [{ what }];
    return [{ what, missing: `the billing account's is ${own}`, remedy: `set currency: '${own}' in infra/config` }];
  },
};

const services: Check = {
  name: 'services',
  async run({ stack: { projectId }, bootstrap, api }) {
    const wanted = bootstrap
      .all('google_project_service', ServiceBlock)
      .filter(({ project }) => project === projectId)
      .map(({ service }) => service);
    const path = `serviceusage.googleapis.com/v1/projects/${projectId}/services:batchGet`;
    const on = new Set<string>();
    for (const some of chunks(wanted, AT_ONCE.services)) {
      const names = some.map((service) => ['names', `projects/${projectId}/services/${service}`] as const);
      const answer = await api.call(Services, { method: 'GET', path, query: names });
      for (const { name, state } of answer.services) if (state === 'ENABLED') on.add(name.split('/').at(-1) ?? '');
    }
    const off = wanted.filter((service) => !on.has(service));
    if (off.length === 0) return [{ what: `${wanted.length} services of ${projectId}` }];
    const remedy = "switch them on: 'npx cdktf-cli@0.21.0 deploy bootstrap'";
    return [{ what: `services of ${projectId}`, missing: `off: ${off.join(', ')}`, remedy }];
  },
};

/** Checks with Cloud Billing, which work before the project has any service. */
export const BILLING_CHECKS: readonly Check[] = [budget, currency];
export const PROJECT_CHECKS: readonly Check[] = [permissions, billing, ...BILLING_CHECKS, services];

const chunks = <T>(items: readonly T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(items.length / size) }, (_, index) => items.slice(index * size, (index + 1) * size));
