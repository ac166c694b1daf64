import type { NodeGroupPolicy } from '../../contract/node-group';
import type { Node } from '../../contract/state';
import { isCommandedToDrain, isDrained, isIdleEnough, type NodeStep } from '../../core/nodes/scale-in';
import { commandDrain } from '../../core/publish/heartbeat';
import type { NodeGroup } from '../../ports/node-group';
import type { Clock, Log, StreamStore } from '../../ports/stores';

export interface TakeAwayDeps {
  streamStore: Pick<StreamStore, 'changeNode'>;
  group: NodeGroup;
  policy: NodeGroupPolicy;
  clock: Clock;
  log: Log;
}

/**
 * Does one step, if it is still right: what it was decided by may be seconds old, and another pass may have done it.
 * True if something was done. An order is noted before it is given, so that only one pass gives it; one that failed is
 * given again some minutes later.
 */
export async function takeStep({ kind, nodeId }: NodeStep, deps: TakeAwayDeps): Promise<boolean> {
  const done = kind === 'drain' ? await drain(nodeId, deps) : await order(kind, nodeId, deps);
  if (done) deps.log.info('node_step', { nodeId, step: kind });
  return done;
}

const drain = (nodeId: Node['id'], { streamStore, policy, clock }: TakeAwayDeps): Promise<boolean> =>
  streamStore.changeNode<boolean>(nodeId, (node) =>
    node !== undefined && isIdleEnough(node, policy, clock.now())
      ? { node: commandDrain(node), result: true }
      : { result: false },
  );

async function order(kind: 'remove' | 'replace', nodeId: Node['id'], deps: TakeAwayDeps): Promise<boolean> {
  const { streamStore, group, policy, clock } = deps;
  const isMine = await streamStore.changeNode<boolean>(nodeId, (node) => {
    const nowMs = clock.now();
    const may = node !== undefined && isDrained(node, policy, nowMs) && !isCommandedToDrain(node, nowMs);
    return may ? { node: { ...node, removedAt: nowMs }, result: true } : { result: false };
  });
  return isMine && (await group[kind](nodeId));
}

/** A node that was silent for so long is history: its sessions ended, and its VM, if it has one, is autohealing's. */
const FORGET_MS = 86_400_000;

/** Forgets nodes nothing was heard of for a day; answers how many. */
export async function forgetNodes(
  nodes: readonly Node[],
  { streamStore, clock }: Pick<TakeAwayDeps, 'streamStore' | 'clock'>,
): Promise<number> {
  const isOver = (node: Node | undefined): boolean => node !== undefined && clock.now() - node.heartbeatAt >= FORGET_MS;
  const forget = ({ id }: Node) =>
    streamStore.changeNode<boolean>(id, (node) => (isOver(node) ? { remove: true, result: true } : { result: false }));
  let forgotten = 0;
  for (const node of nodes.filter(isOver)) if (await forget(node)) forgotten += 1;
  return forgotten;
}
