import { createRoute } from '@hono/zod-openapi';
import { QuotaList } from '../../contract/api/quotas';
import { ROUTES } from '../../contract/routes';
import type { QuotaUse } from '../../core/errors';
import { ownerOf, type Principal } from '../../core/identity/principal';
import type { ApiDeps } from '../api-deps';
import { answers, secured } from '../document/answers';
import type { Mount } from '../requests/operation';

const show = createRoute({
  method: 'get',
  path: ROUTES.access.quotas,
  operationId: 'getQuotas',
  summary: 'Show the quotas of the caller and their use',
  description: 'A request that would exceed a quota answers 409, or 429 for grants, with the same numbers.',
  tags: ['access'],
  'x-permission': 'usage.read' as const,
  responses: { ...answers.ok(QuotaList, 'Each quota that applies to the caller.'), ...secured() },
});

export function quotaRoute(mount: Mount, deps: ApiDeps): void {
  mount(show, async (c) => {
    const quotas = await Promise.all(
      countsOf(c.get('principal'), deps).map(async ({ of, count }) => ({
        of,
        used: await count(),
        allowed: deps.quotas[of],
      })),
    );
    return c.json({ quotas }, 200);
  });
}

/** Returns what counts against a quota of this caller, as the creation of one more counts it. */
function countsOf(principal: Principal, deps: ApiDeps): { of: QuotaUse['of']; count: () => Promise<number> }[] {
  const { streamStore, apiKeys, webhooks, grants, clock } = deps;
  const owner = ownerOf(principal);
  const { subject, permissions } = principal;
  return [
    ...(owner === undefined
      ? []
      : [
          { of: 'streams' as const, count: () => streamStore.countStreams(owner) },
          { of: 'grants' as const, count: () => grants.store.countOfOwner(owner, clock.now()) },
        ]),
    { of: 'apiKeys', count: () => apiKeys.countGood(subject, clock.now()) },
    ...(permissions.has('webhooks.read')
      ? [{ of: 'webhooks' as const, count: async () => (await webhooks.store.listWebhooksOf(owner ?? '')).length }]
      : []),
  ];
}
