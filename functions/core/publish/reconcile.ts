import type { BroadcastId } from '../../contract/ids';
import type { Broadcast, Node, Session, Stream } from '../../contract/state';
import type { StreamChange } from '../../ports/stores';
import { type Now, overdueReason } from './cutoff';
import { expiring } from './expiry';
import { isBroadcastOpen, isNodeAlive, isPublishing, isWithinWindow, lastAliveAt, wasToldToEnd } from './liveness';
import { closeOpen, endSession, type Kick, mergeBroadcasts, revival } from './publish';

/**
 * Makes durable what the heartbeats say about a stream's newest session; `undefined` when nothing changes. `node` is
 * that session's. One step at a call: a session nothing was heard of ends first, and only a later call closes its
 * broadcast, so that heartbeats which were away for a while (a database that was down) can still prove it alive.
 */
export function reconcileSession(
  stream: Stream,
  node: Node | undefined,
  nowMs: number,
  { stopAll = false }: Pick<Now, 'stopAll'> = {},
): StreamChange | undefined {
  const { session } = stream;
  if (session === undefined) return undefined;
  const publishing = isPublishing(session, node, nowMs) && isBroadcastOpen(stream, session);
  if (publishing)
    return (
      endOverdue(stream, session, { node, nowMs, stopAll }) ??
      (session.endedAt === undefined ? undefined : revival(stream, session))
    );
  if (session.endedAt !== undefined)
    return isWithinWindow(stream, session.endedAt, nowMs) ? undefined : closing(stream);
  const ended = endSession(
    session,
    isNodeAlive(node, nowMs) ? 'not_reported' : 'node_lost',
    lastAliveAt(session, node),
  );
  return { stream: { ...stream, session: ended }, sessions: [ended] };
}

/**
 * The change that ends a session whose time is over, or whose bitrate is too high; for good, if it was only supposed to
 * have ended.
 */
function endOverdue(stream: Stream, session: Session, now: Now): StreamChange | undefined {
  const endReason = overdueReason(stream, session, now);
  if (endReason === undefined) return undefined;
  const ended = { ...endSession(session, endReason, now.nowMs), endReason };
  return { stream: { ...stream, session: ended }, sessions: [ended] };
}

function closing(stream: Stream): StreamChange | undefined {
  const broadcasts = closeOpen(stream);
  if (broadcasts.length === 0) return undefined;
  return { stream: { ...stream, unfinished: mergeBroadcasts(stream.unfinished, broadcasts) }, broadcasts };
}

/**
 * A node keeps segments in its spool while Cloud Storage is unavailable. The reconciler waits no longer than this for
 * them.
 */
const UPLOAD_TIMEOUT_MS = 600_000;

/**
 * Returns whether segments of these sessions may still come: their node lives and says so, and the last one ended not
 * too long ago.
 */
export function awaitsUploads(sessions: readonly Session[], nodes: readonly Node[], nowMs: number): boolean {
  const ids = new Set(sessions.map(({ id, streamId }) => `${streamId}/${id}`));
  const lastEndedAt = Math.max(...sessions.map(({ endedAt, startedAt }) => endedAt ?? startedAt), 0);
  if (nowMs - lastEndedAt > UPLOAD_TIMEOUT_MS) return false;
  const reported = nodes.filter((node) => isNodeAlive(node, nowMs)).flatMap((node) => node.sessions);
  return reported.some((each) => each.pendingSegments > 0 && ids.has(`${each.streamId}/${each.sessionId}`));
}

/** A closing broadcast whose playlists are finished, as `closed`; `undefined` if it was closed before. */
export function decideClosed(
  stream: Stream | undefined,
  broadcastId: BroadcastId,
  at: number,
): StreamChange | undefined {
  const broadcast = stream?.unfinished.find(({ id, state }) => id === broadcastId && state === 'closing');
  if (stream === undefined || broadcast === undefined) return undefined;
  const closed: Broadcast = { ...broadcast, state: 'closed', closedAt: Math.max(at, broadcast.startedAt) };
  const unfinished = stream.unfinished.filter(({ id }) => id !== broadcastId);
  return { stream: { ...stream, unfinished, ...expiring(stream, closed, at) }, broadcasts: [closed] };
}

/**
 * Sessions that living nodes publish though they must not: followed by a newer one, told to end, or of a broadcast that
 * takes nothing in any more, or of a stream that is gone. `nodes` must have been read before `unfinished`, or a session
 * admitted in between looks astray.
 */
export function strayPublishers(nodes: readonly Node[], unfinished: readonly Stream[], nowMs: number): Kick[] {
  const rightful = new Set(unfinished.flatMap(rightfulSession));
  return nodes
    .filter((node) => isNodeAlive(node, nowMs))
    .flatMap((node) =>
      node.sessions.filter(({ publishing }) => publishing).map((each) => ({ ...each, nodeId: node.id })),
    )
    .filter(({ streamId, sessionId }) => !rightful.has(`${streamId}/${sessionId}`))
    .map(({ nodeId, streamId, sessionId }) => ({ nodeId, streamId, sessionId }));
}

const rightfulSession = (stream: Stream): string[] =>
  [stream.session, stream.backup]
    .filter((each) => each !== undefined)
    .filter((each) => isBroadcastOpen(stream, each) && !wasToldToEnd(each))
    .map(({ id }) => `${stream.id}/${id}`);
