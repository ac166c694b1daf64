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
export const edgesToPlayFrom = (
  session: Copied,
  origin: Pick<Node, 'pushes'>,
  nodes: readonly Node[],
  nowMs: number,
): ReachableEdge[] =>
  edgesWith(session, origin, nodes, nowMs)
    .filter(hasRoom)
    .sort((a, b) => fullness(a) - fullness(b) || a.id.localeCompare(b.id));

function edgesWith(
  session: Copied,
  origin: Pick<Node, 'pushes'>,
  nodes: readonly Node[],
  nowMs: number,
): ReachableEdge[] {
  const pushed = (origin.pushes ?? []).filter((push) => isOf(push, session));
  return liveEdges(nodes, nowMs)
    .filter((edge) => pushed.some(({ edgeId }) => edgeId === edge.id))
    .filter(({ copies = [] }) => copies.some((copy) => isOf(copy, session)));
}

/**
 * Returns the edge to name to a viewer: the one that plays already, by its mark, while it has the session and does not
 * drain; else the emptiest. A viewer who has a place needs no other, and takes none from anybody.
 */
export function edgeFor(
  session: Copied,
  origin: Pick<Node, 'pushes'>,
  { nodes, nowMs, playing }: { nodes: readonly Node[]; nowMs: number; playing?: string | undefined },
): ReachableEdge | undefined {
  const own = edgesWith(session, origin, nodes, nowMs).find(({ id, draining }) => !draining && markOf(id) === playing);
  return own ?? edgesToPlayFrom(session, origin, nodes, nowMs)[0];
}

/** Names a node to viewers, without its name. */
export const markOf = (nodeId: string): string => sha256Hex(nodeId).slice(0, 8);
