import type { Edges } from '../../contract/hooks/edges';
import type { Push, SessionReport } from '../../contract/hooks/srs';
import type { Node } from '../../contract/state';
import { HEARTBEAT_GRACE_MS } from '../publish/liveness';
import { attemptsOn } from '../publish/push-token';
import { fullness, hasRoom, liveEdges, type ReachableEdge } from './edge-state';

/** A copy that is to begin. */
export interface PushTarget extends Pick<Push, 'streamId' | 'sessionId'> {
  edge: ReachableEdge;
}

/** The changes to what an origin pushes. */
export interface PushPlan {
  begin: PushTarget[];
  end: Pick<Push, 'streamId' | 'edgeId'>[];
}

/** With `auto` a stream has its first copy from so many viewers on, and loses the last one below half of them. */
export const FIRST_EDGE_AT = 50;
/** With `auto`: viewers of one stream for each copy. */
export const VIEWERS_PER_EDGE = 200;
/** A draining edge keeps its copies so long, without new viewers; then its viewers ask for another place. */
export const DRAIN_EDGE_MS = 30_000;

/**
 * Decides which edges get which sessions of an origin, by its heartbeat: as many copies as the stream's policy wants,
 * on edges that live, do not drain and have room; copies that exist stay where they are. A session that names no
 * edges gets nothing.
 */
export function planPushes(origin: Node, nodes: readonly Node[], nowMs: number): PushPlan {
  const edges = liveEdges(nodes, nowMs);
  const plan: PushPlan = { begin: [], end: [] };
  for (const session of origin.sessions) {
    if (!session.publishing || session.edges === undefined) continue;
    const one = planSession(session, session.edges, { origin, edges, begun: plan.begin, nowMs });
    plan.begin.push(...one.begin);
    plan.end.push(...one.end);
  }
  return plan;
}

/** Returns whether a heartbeat of this node concerns edges at all: without it no node is read. */
export const concernsEdges = ({ role, sessions, pushes = [] }: Node): boolean =>
  role === 'origin' &&
  (pushes.length > 0 || sessions.some(({ publishing, edges }) => publishing && edges !== undefined));

interface Scene {
  origin: Node;
  edges: readonly ReachableEdge[];
  /** Decided before, for other sessions of this heartbeat. */
  begun: readonly PushTarget[];
  nowMs: number;
}

function planSession(session: SessionReport, policy: Edges, { origin, edges, begun, nowMs }: Scene): PushPlan {
  const pushed = (origin.pushes ?? []).filter((push) => isOf(push, session));
  const has = (edge: Node) => pushed.some(({ edgeId }) => edgeId === edge.id);
  const [leaving, staying] = split(edges.filter(has), ({ draining }) => draining);
  const attempted = edges.filter(
    (edge) => !edge.draining && !has(edge) && attemptsOn(edge, session, nowMs) === 'ordered',
  );
  const wanted = wantedCopies(policy, viewersOf(session, edges), staying.length + attempted.length);
  const failed = (edge: Node) => Number(attemptsOn(edge, session, nowMs) === 'failed' || isStale(edge, nowMs));
  const free = edges
    .filter((edge) => hasRoom(edge) && !has(edge) && !attempted.includes(edge))
    .sort((a, b) => failed(a) - failed(b) || byPlace(origin, begun)(a, b));
  const missing = Math.max(0, wanted - staying.length - attempted.length);
  const surplus = Math.max(0, staying.length - wanted);
  const least = staying.toSorted((a, b) => viewersAt(session, a) - viewersAt(session, b) || b.id.localeCompare(a.id));
  const drained = leaving.filter(({ drainingSince = nowMs }) => nowMs - drainingSince >= DRAIN_EDGE_MS);
  const { streamId, sessionId } = session;
  return {
    begin: free.slice(0, missing).map((edge) => ({ streamId, sessionId, edge })),
    end: [...drained, ...least.slice(0, surplus)].map(({ id: edgeId }) => ({ streamId, edgeId })),
  };
}

/** An edge that has missed a heartbeat may be gone. */
const isStale = ({ heartbeatAt }: Node, nowMs: number): boolean => nowMs - heartbeatAt > HEARTBEAT_GRACE_MS;

/** `auto` grows at once and shrinks late, so that a number of viewers near a limit does not move viewers to and fro. */
function wantedCopies(policy: Edges, viewers: number, held: number): number {
  if (policy === 'none') return 0;
  if (policy !== 'auto') return policy;
  const least = viewers < FIRST_EDGE_AT ? 0 : Math.max(1, Math.ceil(viewers / VIEWERS_PER_EDGE));
  const most = viewers < FIRST_EDGE_AT / 2 ? 0 : Math.max(1, Math.ceil((2 * viewers) / VIEWERS_PER_EDGE));
  return Math.min(Math.max(held, least), most);
}

/** Everybody who plays the session, from its origin and from edges. */
const viewersOf = (session: SessionReport, edges: readonly Node[]): number =>
  (session.viewers ?? 0) + edges.reduce((sum, edge) => sum + viewersAt(session, edge), 0);

const viewersAt = ({ streamId, sessionId }: SessionReport, { copies = [] }: Node): number =>
  copies.find((copy) => copy.streamId === streamId && copy.sessionId === sessionId)?.viewers ?? 0;

/** Edges of the origin's region first, of them those with fewest copies begun now, then the emptiest. */
const byPlace =
  ({ region }: Node, begun: readonly PushTarget[]) =>
  (a: Node, b: Node): number => {
    const added = ({ id }: Node) => begun.filter(({ edge }) => edge.id === id).length;
    const far = (edge: Node) => Number(edge.region !== region);
    return far(a) - far(b) || added(a) - added(b) || fullness(a) - fullness(b) || a.id.localeCompare(b.id);
  };

const isOf = (push: Push, { streamId, sessionId }: SessionReport): boolean =>
  push.streamId === streamId && push.sessionId === sessionId;

function split<T>(all: readonly T[], test: (each: T) => boolean): [T[], T[]] {
  return [all.filter(test), all.filter((each) => !test(each))];
}
