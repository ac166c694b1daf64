import type { Node, Stream } from '../../contract/state';
import { isNodeAlive, statusOf } from './liveness';

/** A node with a known way to it. */
export type ReachableNode = Node & { reach: NonNullable<Node['reach']> };

const isReachable = (node: Node): node is ReachableNode => node.reach !== undefined;
const load = ({ sessions }: Node): number => sessions.filter(({ publishing }) => publishing).length;

/** Origins that take publishers now: those of the `near` region first, and of them the one with the fewest. */
export function nodesToPublishTo(nodes: readonly Node[], nowMs: number, near?: string): ReachableNode[] {
  const far = ({ region }: Node): number => Number(near !== undefined && region !== near);
  const able = nodes.filter((node) => node.role === 'origin' && !node.draining && isNodeAlive(node, nowMs));
  return able.filter(isReachable).sort((a, b) => far(a) - far(b) || load(a) - load(b) || a.id.localeCompare(b.id));
}

/** Finds the node whose SRS has the stream's media now; `undefined` while the stream is not published. */
export function nodeToPlayFrom(stream: Stream, nodes: readonly Node[], nowMs: number): ReachableNode | undefined {
  const node = nodes.find(({ id }) => id === stream.session?.nodeId);
  if (node === undefined || !isReachable(node) || !isNodeAlive(node, nowMs)) return undefined;
  return statusOf(stream, node, nowMs) === 'live' ? node : undefined;
}
