import type { StreamStatus } from '../../contract/api/streams';
import { NODE_LOST_SECONDS } from '../../contract/env/agent';
import { COMMANDED_ENDS, type Node, type Session, type Stream } from '../../contract/state';

/** A session this young counts as live before a heartbeat names it: heartbeats come at most 10 s apart. */
export const HEARTBEAT_GRACE_MS = 12_000;

/**
 * A session of a media server without an agent is over when its on_unpublish says so. If that is lost nothing else
 * tells, so it is taken for over after this long: a day's event, as the longest sitting of a grant.
 */
const THIRD_PARTY_LIMIT_MS = 12 * 3_600_000;

const TOLD = new Set<string>(COMMANDED_ENDS);

/** Returns whether the session ended by a command. */
export const wasToldToEnd = ({ endReason }: Pick<Session, 'endReason'>): boolean =>
  endReason !== undefined && TOLD.has(endReason);

type Liveness = Pick<Node, 'heartbeatAt' | 'sessions'>;

/** Returns whether a heartbeat of the node came lately. */
export const isNodeAlive = (node: Pick<Node, 'heartbeatAt'> | undefined, nowMs: number): boolean =>
  node !== undefined && nowMs - node.heartbeatAt <= NODE_LOST_SECONDS * 1000;

const foreignEnd = ({ startedAt }: Session): number => startedAt + THIRD_PARTY_LIMIT_MS;

/** Returns whether media of the session comes in, as far as heartbeats tell: the one source of "live". */
export function isPublishing(session: Session, node: Liveness | undefined, nowMs: number): boolean {
  if (session.foreign) return session.endedAt === undefined && nowMs < foreignEnd(session);
  if (session.endedAt === undefined && nowMs - session.startedAt <= HEARTBEAT_GRACE_MS) return true;
  if (node === undefined || !isNodeAlive(node, nowMs) || !namesAsPublishing(node, session)) return false;
  return session.endedAt === undefined || isContradicted(session, session.endedAt, node);
}

const namesAsPublishing = (node: Liveness, { id, streamId }: Session): boolean =>
  node.sessions.some((each) => each.sessionId === id && each.streamId === streamId && each.publishing);

/**
 * An end may have been wrong: heartbeats were away for a while, or the node let the publisher resume its session on a
 * new connection and the old one's on_unpublish came late. A heartbeat that is clearly newer is right then; never for a
 * session that was told to end.
 */
function isContradicted(session: Session, endedAt: number, node: Liveness): boolean {
  if (wasToldToEnd(session)) return false;
  return node.heartbeatAt > endedAt + (session.endReason === 'unpublished' ? HEARTBEAT_GRACE_MS : 0);
}

/** Returns the last time when the session was known to be alive. */
export const lastAliveAt = (session: Session, node: Pick<Node, 'heartbeatAt'> | undefined): number =>
  session.endedAt ?? (session.foreign ? foreignEnd(session) : Math.max(session.startedAt, node?.heartbeatAt ?? 0));

/** Returns whether the reconnect window that began at `sinceMs` is still open. */
export const isWithinWindow = (
  stream: Pick<Stream, 'reconnectWindowSeconds'>,
  sinceMs: number,
  nowMs: number,
): boolean => nowMs - sinceMs <= stream.reconnectWindowSeconds * 1000;

/** Returns whether the session's broadcast takes sessions in. */
export const isBroadcastOpen = (stream: Pick<Stream, 'unfinished'>, { broadcastId }: Session): boolean =>
  stream.unfinished.some(({ id, state }) => id === broadcastId && state === 'open');

/**
 * Status of a stream at `nowMs`; `node` is that of its newest session. Derived at each reading, so that no hook is
 * needed.
 */
export function statusOf(stream: Stream, node: Liveness | undefined, nowMs: number): StreamStatus {
  const { session } = stream;
  if (session === undefined) return 'idle';
  if (!isBroadcastOpen(stream, session)) return 'ended';
  if (isPublishing(session, node, nowMs)) return 'live';
  return isWithinWindow(stream, lastAliveAt(session, node), nowMs) ? 'reconnecting' : 'ended';
}
