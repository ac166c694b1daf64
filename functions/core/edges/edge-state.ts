import type { Push } from '../../contract/hooks/srs';
import type { Node } from '../../contract/state';
import { isNodeAlive } from '../publish/liveness';
import { sha256Hex } from '../signing/hash';

/** An edge with a known way to its gate and to its agent. */
export type ReachableEdge = Node & { reach: NonNullable<Node['reach']> & { push: { host: string; port: number } } };

const hasGate = (node: Node): node is ReachableEdge => node.reach?.push !== undefined;

/** Edges that are alive, with their places. */
export const liveEdges = (nodes: readonly Node[], nowMs: number): ReachableEdge[] =>
  nodes.filter((node) => node.role === 'edge' && isNodeAlive(node, nowMs)).filter(hasGate);

/** A session that may have copies. */
export type Copied = Pick<Push, 'streamId' | 'sessionId'>;

const isOf = (each: Copied, { streamId, sessionId }: Copied): boolean =>
  each.streamId === streamId && each.sessionId === sessionId;

/** Returns whether the edge takes one viewer more. */
export const hasRoom = ({ draining, viewers }: Node): boolean =>
  !draining && (viewers === undefined || viewers.playing < viewers.most);

/** The share of its room that is taken. */
export const fullness = ({ viewers }: Node): number => (viewers === undefined ? 0 : viewers.playing / viewers.most);

/**
 * Returns the edges that have this session and room, the emptiest first. Both sides must say so: an origin knows at
 * once that an edge is gone, and only the edge that it has let the copy in.
 */
export function edgesToPlayFrom(
  session: Copied,
  origin: Pick<Node, 'pushes'>,
  nodes: readonly Node[],
  nowMs: number,
): ReachableEdge[] {
  const pushed = (origin.pushes ?? []).filter((push) => isOf(push, session));
  return liveEdges(nodes, nowMs)
    .filter((edge) => hasRoom(edge) && pushed.some(({ edgeId }) => edgeId === edge.id))
    .filter(({ copies = [] }) => copies.some((copy) => isOf(copy, session)))
    .sort((a, b) => fullness(a) - fullness(b) || a.id.localeCompare(b.id));
}

/** Names a node to viewers, without its name. */
export const markOf = (nodeId: string): string => sha256Hex(nodeId).slice(0, 8);
