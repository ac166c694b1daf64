import type { NodeCommand } from '../../contract/hooks/srs';
import type { Node } from '../../contract/state';
import { concernsEdges, type PushTarget, planPushes } from '../../core/edges/plan-pushes';
import { addPushToken, mintPushToken } from '../../core/publish/push-token';
import type { Clock, Log, RandomId, StreamStore } from '../../ports/stores';
import { inParallel } from '../in-parallel';

export interface PushCommandDeps {
  streamStore: Pick<StreamStore, 'changeNode' | 'listNodes'>;
  clock: Pick<Clock, 'now'>;
  randomId: RandomId;
  log: Log;
}

const PARALLEL = 8;

/**
 * Lists what an origin is to push to edges, and no longer: a read of the nodes for each heartbeat with a session that
 * names edges, and a write for each attempt. Others cost nothing.
 */
export async function commandPushes(origin: Node, deps: PushCommandDeps): Promise<NodeCommand[]> {
  if (!concernsEdges(origin)) return [];
  const plan = planPushes(origin, await deps.streamStore.listNodes(), deps.clock.now());
  const begun: NodeCommand[] = [];
  await inParallel(plan.begin, PARALLEL, async (target) => {
    const order = await orderOne(target, origin, deps);
    if (order !== undefined) begun.push(order);
  });
  return [...begun, ...plan.end.map((push) => ({ kind: 'end_push' as const, ...push }))];
}

async function orderOne(
  { edge, streamId, sessionId }: PushTarget,
  origin: Node,
  { streamStore, clock, randomId, log }: PushCommandDeps,
): Promise<NodeCommand | undefined> {
  const token = mintPushToken(randomId);
  const isAdded = await streamStore.changeNode<boolean>(edge.id, (current) => {
    const node = current && addPushToken(current, token, { streamId, sessionId }, clock.now());
    return node === undefined ? { result: false } : { node, result: true };
  });
  if (!isAdded) return undefined;
  log.info('push_ordered', { streamId, sessionId, originId: origin.id, edgeId: edge.id });
  return { kind: 'push', streamId, sessionId, edgeId: edge.id, to: edge.reach.push, token };
}
