import { createRoute, z } from '@hono/zod-openapi';
import { HealthAnswer, NodeAnswer, NodeList } from '../../contract/api/operations';
import { Nothing } from '../../contract/api/shapes';
import { NodeId } from '../../contract/ids';
import { ROUTES } from '../../contract/routes';
import type { Node } from '../../contract/state';
import { commandDrain } from '../../core/publish/heartbeat';
import { isNodeAlive } from '../../core/publish/liveness';
import type { ApiDeps } from '../api-deps';
import { answers, BODY, REPEATED, requestBody, secured } from '../document/answers';
import { IdempotencyHeader } from '../requests/idempotent';
import { notFoundError } from '../requests/not-found-error';
import type { Mount } from '../requests/operation';
import { iso } from '../streams/stream-answer';
import { healthChecks } from './health';

const health = createRoute({
  method: 'get',
  path: ROUTES.api.health,
  operationId: 'getHealth',
  summary: 'Show the health of the service',
  description: 'This operation is public. The answer can be 3 s old.',
  tags: ['operations'],
  security: [],
  responses: {
    ...answers.ok(HealthAnswer, '`ok` or `degraded`.'),
    503: { description: 'The status is `down`.', content: { 'application/json': { schema: HealthAnswer } } },
  },
});
const listNodes = createRoute({
  method: 'get',
  path: ROUTES.api.nodes,
  operationId: 'listNodes',
  summary: 'List the SRS nodes',
  tags: ['operations'],
  'x-permission': 'nodes.read' as const,
  responses: { ...answers.ok(NodeList, 'All known nodes, sorted by name.'), ...secured() },
});
const drain = createRoute({
  method: 'post',
  path: ROUTES.api.drain,
  operationId: 'drainNode',
  summary: 'Drain a node',
  description:
    'The node takes no new publishers after its next heartbeat. Its present publishers continue until the node stops.',
  tags: ['operations'],
  'x-permission': 'nodes.drain' as const,
  request: {
    params: z.object({ nodeId: NodeId }),
    headers: IdempotencyHeader,
    ...requestBody(Nothing, { required: false }),
  },
  responses: {
    ...answers.ok(NodeAnswer, 'The node.'),
    ...secured(...BODY, 'node_not_found', ...REPEATED),
  },
});

export function operatorRoutes(mount: Mount, deps: ApiDeps): void {
  const { streamStore, clock, log } = deps;
  const checkHealth = healthChecks(deps);
  mount(health, async (c) => {
    const found = await checkHealth();
    return found.status === 'down' ? c.json(found, 503) : c.json(found, 200);
  });
  mount(listNodes, async (c) => {
    const nodes = await streamStore.listNodes();
    return c.json({ nodes: nodes.map((node) => nodeAnswer(node, clock.now())) }, 200);
  });
  mount(drain, async (c) => {
    const { nodeId } = c.req.valid('param');
    const node = await streamStore.changeNode<Node | undefined>(nodeId, (current) => {
      if (current === undefined || current.draining) return { result: current };
      const draining = commandDrain(current);
      return { node: draining, result: draining };
    });
    if (node === undefined) throw notFoundError('nodeId');
    log.info('node_drain_asked', { nodeId });
    return c.json(nodeAnswer(node, clock.now()), 200);
  });
}

function nodeAnswer(node: Node, nowMs: number): NodeAnswer {
  const { id, role, draining, heartbeatAt, sessions, spoolBytes } = node;
  const upState = draining ? 'draining' : 'up';
  return {
    id,
    role,
    state: isNodeAlive(node, nowMs) ? upState : 'lost',
    heartbeatAt: iso(heartbeatAt),
    publishing: sessions.filter(({ publishing }) => publishing).length,
    pendingSegments: sessions.reduce((sum, { pendingSegments }) => sum + pendingSegments, 0),
    spoolBytes,
  };
}
