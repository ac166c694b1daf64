import type { StreamLocation } from '../../contract/hooks/locations';
import type { Node } from '../../contract/state';
import { isNodeAlive } from '../publish/liveness';

/**
 * Lists where streams are published, by the last heartbeats. Two nodes may name one stream for the seconds of a
 * takeover: the newer session is right.
 */
export function locationsOf(nodes: readonly Node[], nowMs: number): StreamLocation[] {
  const newest = new Map<string, StreamLocation & { ordinal: number }>();
  for (const node of nodes.filter((each) => isNodeAlive(each, nowMs))) {
    if (node.reach === undefined) continue;
    for (const { streamId, sessionId, publishing } of node.sessions) {
      const ordinal = Number.parseInt(sessionId, 10);
      if (!publishing || (newest.get(streamId)?.ordinal ?? -1) >= ordinal) continue;
      newest.set(streamId, { streamId, agentUrl: node.reach.agentUrl, ordinal });
    }
  }
  return [...newest.values()].map(({ streamId, agentUrl }) => ({ streamId, agentUrl }));
}
