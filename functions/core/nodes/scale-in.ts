import type { NodeGroupPolicy } from '../../contract/node-group';
import type { Node } from '../../contract/state';
import type { GroupMember, GroupState } from '../../ports/node-group';
import { isNodeAlive } from '../publish/liveness';

/**
 * `drain`: take no publisher any more. `remove`: delete the VM. `replace`: delete it, and have another one in its
 * place.
 */
export type NodeStep = { kind: 'drain' | 'remove' | 'replace'; nodeId: Node['id'] };

type ScaleInLimits = Pick<NodeGroupPolicy, 'minNodes' | 'publishersPerNode' | 'idleSeconds' | 'drainSeconds'>;

/** An order to the group that shows no effect for so long is given again. */
const ORDER_MS = 300_000;
/**
 * A node goes only if the others stay below this share of what makes the autoscaler add one: or it would be back at
 * once.
 */
const ROOM_SHARE = 0.8;

/**
 * Returns whether the node reports that it drains, and has nothing left or had its time. A silent node is not judged:
 * autohealing does.
 */
export function isDrained(node: Node, { drainSeconds }: Pick<ScaleInLimits, 'drainSeconds'>, nowMs: number): boolean {
  if (node.drainingSince === undefined || !isNodeAlive(node, nowMs)) return false;
  return node.idleSince !== undefined || nowMs - node.drainingSince >= drainSeconds * 1000;
}

/** Returns whether its VM was ordered to go a moment ago. */
export const isCommandedToDrain = ({ removedAt }: Pick<Node, 'removedAt'>, nowMs: number): boolean =>
  removedAt !== undefined && nowMs - removedAt < ORDER_MS;

/** Returns whether the node may be drained because it is not needed. */
export const isIdleEnough = (node: Node, { idleSeconds }: Pick<ScaleInLimits, 'idleSeconds'>, nowMs: number): boolean =>
  isServing(node, nowMs) && node.idleSince !== undefined && nowMs - node.idleSince >= idleSeconds * 1000;

const isServing = (node: Node, nowMs: number): boolean =>
  node.role === 'origin' && !node.draining && node.removedAt === undefined && isNodeAlive(node, nowMs);

/**
 * Decides what to do about the group's nodes now. A drained node goes: its VM is removed while the group is larger than
 * its minimum, and replaced otherwise, so that an operator's drain brings a fresh one. Beside that one idle node at a
 * time is drained, while the autoscaler wants fewer and the others have room. Two passes that see the same choose the
 * same; nothing is done about a node that is not in the group.
 */
export function nodeSteps(
  nodes: readonly Node[],
  { members, wantedNodes }: GroupState,
  limits: ScaleInLimits,
  nowMs: number,
): NodeStep[] {
  const known = new Map(nodes.map((node) => [node.id, node]));
  const staying = members.filter(({ id, state }) => state !== 'leaving' && !isGoing(known.get(id), nowMs));
  const drained = nodesOf(staying, known).filter((node) => isDrained(node, limits, nowMs));
  const away = drained.map(({ id }, index): NodeStep => {
    return { kind: staying.length - index > limits.minNodes ? 'remove' : 'replace', nodeId: id };
  });
  const idle = idleNode(nodesOf(staying, known), { wantedNodes, limits, nowMs });
  return idle === undefined ? away : [...away, { kind: 'drain', nodeId: idle.id }];
}

const isGoing = (node: Node | undefined, nowMs: number): boolean =>
  node !== undefined && isCommandedToDrain(node, nowMs);

/** Nodes of running VMs, by name. */
const nodesOf = (members: readonly GroupMember[], known: ReadonlyMap<string, Node>): Node[] =>
  members
    .filter(({ state }) => state === 'running')
    .flatMap(({ id }) => known.get(id) ?? [])
    .sort((a, b) => (a.id < b.id ? -1 : 1));

interface Room {
  wantedNodes: number | undefined;
  limits: ScaleInLimits;
  nowMs: number;
}

/** The node that was idle longest, if the group can do without it. */
function idleNode(nodes: readonly Node[], { wantedNodes, limits, nowMs }: Room): Node | undefined {
  const serving = nodes.filter((node) => isServing(node, nowMs));
  const rest = serving.length - 1;
  if (wantedNodes === undefined || rest < Math.max(limits.minNodes, wantedNodes)) return undefined;
  if (nodes.some(({ draining }) => draining)) return undefined;
  const publishers = serving.reduce(
    (sum, { sessions }) => sum + sessions.filter(({ publishing }) => publishing).length,
    0,
  );
  if (publishers > rest * limits.publishersPerNode * ROOM_SHARE) return undefined;
  const idle = serving.filter((node) => isIdleEnough(node, limits, nowMs));
  return idle.sort((a, b) => (a.idleSince ?? nowMs) - (b.idleSince ?? nowMs))[0];
}
