import type { Node, Session } from '../../contract/state';
import { isPublishing, lastAliveAt } from '../publish/liveness';

/** A stretch of time, in milliseconds; `toMs` is not part of it. */
export interface Range {
  fromMs: number;
  toMs: number;
}

/** Returns how long the sessions published within a range, in milliseconds. One that is live goes on until now. */
export function publishedMs(
  sessions: readonly Session[],
  range: Range,
  { nodes, nowMs }: { nodes: readonly Node[]; nowMs: number },
): number {
  return sessions.reduce((sum, session) => {
    const node = nodes.find(({ id }) => id === session.nodeId);
    const endedAt = isPublishing(session, node, nowMs) ? nowMs : lastAliveAt(session, node);
    return sum + Math.max(0, Math.min(endedAt, range.toMs) - Math.max(session.startedAt, range.fromMs));
  }, 0);
}
