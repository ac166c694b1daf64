import { createRoute } from '@hono/zod-openapi';
import { readPriority, writeSteering } from '../../app/delivery/keep-steering';
import { CdnList, SetCdnPriority } from '../../contract/api/cdns';
import { MAIN_CDN, STEERING_TTL_SECONDS } from '../../contract/objects/cdns';
import { ROUTES } from '../../contract/routes';
import { pathwaysOf } from '../../core/delivery/steering';
import { DomainError } from '../../core/errors';
import type { ApiDeps } from '../api-deps';
import { answers, BODY, requestBody, secured } from '../document/answers';
import type { Mount } from '../requests/operation';

const tags = ['operations'];
const list = createRoute({
  method: 'get',
  path: ROUTES.api.cdns,
  operationId: 'listCdns',
  summary: 'List the CDNs of open streams',
  tags,
  'x-permission': 'cdns.read' as const,
  responses: { ...answers.ok(CdnList, 'The CDNs, with the largest weight first.'), ...secured() },
});
const order = createRoute({
  method: 'put',
  path: ROUTES.api.cdnPriority,
  operationId: 'setCdnPriority',
  summary: 'Set the order of the CDNs',
  description:
    'Viewers of open streams move to the first CDN at their next steering request. ' +
    'Gated streams stay on the main CDN, which has their signatures. Streams in low latency stay there too.',
  tags,
  'x-permission': 'cdns.write' as const,
  request: requestBody(SetCdnPriority),
  responses: { ...answers.ok(CdnList, 'The CDNs with the new order.'), ...secured(...BODY) },
});
const byWeight = createRoute({
  method: 'delete',
  path: ROUTES.api.cdnPriority,
  operationId: 'removeCdnPriority',
  summary: 'Remove the order of the CDNs',
  description: 'The weights hold again.',
  tags,
  'x-permission': 'cdns.write' as const,
  responses: { ...answers.ok(CdnList, 'The CDNs without an order.'), ...secured() },
});

export function cdnRoutes(mount: Mount, deps: ApiDeps): void {
  const set = async (priority: string[] | undefined, by: string): Promise<CdnList> => {
    if (deps.cdns.length > 0) await writeSteering(deps, priority);
    deps.log.info('cdn_priority_set', { priority: priority ?? 'by weight', by });
    return answer(deps, priority);
  };
  mount(list, async (c) => c.json(answer(deps, await readPriority(deps)), 200));
  mount(order, async (c) => {
    const { priority } = c.req.valid('json');
    assertAll(priority, pathwaysOf(deps.cdns));
    return c.json(await set(priority, c.get('principal').subject), 200);
  });
  mount(byWeight, async (c) => c.json(await set(undefined, c.get('principal').subject), 200));
}

/** One that is left out would be no way out when the others fail. */
function assertAll(priority: readonly string[], all: readonly string[]): void {
  if (priority.length === all.length && all.every((name) => priority.includes(name))) return;
  const message = `got '${priority.join(', ')}', use each of ${all.join(', ')} once`;
  throw new DomainError('invalid_field', `priority: ${message}`, { fields: [{ field: 'priority', message }] });
}

function answer({ cdns, publicOrigin }: ApiDeps, priority: string[] | undefined): CdnList {
  const rest = 100 - cdns.reduce((sum, { weight }) => sum + weight, 0);
  const main = { name: MAIN_CDN, host: new URL(publicOrigin).host, weight: rest };
  return {
    cdns: [main, ...cdns].sort((a, b) => b.weight - a.weight),
    ...(priority && { priority }),
    ttlSeconds: STEERING_TTL_SECONDS,
  };
}
