import type { StreamLocation } from '../../contract/hooks/locations';
import type { Node } from '../../contract/state';
import { type Copied, edgesToPlayFrom, markOf } from '../edges/edge-state';
import { isNodeAlive } from '../publish/liveness';

/**
 * Lists where streams are published, by the last heartbeats. Two nodes may name one stream for the seconds of a
 * takeover: the newer session is right.
 */
export function locationsOf(nodes: readonly Node[], nowMs: number): StreamLocation[] {
  const newest = new Map<string, StreamLocation & { ordinal: number }>();
  const copiesOf = copiesAmong(nodes, nowMs);
  for (const node of nodes.filter((each) => isNodeAlive(each, nowMs))) {
    if (node.reach === undefined) continue;
    for (const { streamId, sessionId, publishing } of node.sessions) {
      const ordinal = Number.parseInt(sessionId, 10);
      if (!publishing || (newest.get(streamId)?.ordinal ?? -1) >= ordinal) continue;
      const copies = copiesOf(node, { streamId, sessionId });
      newest.set(streamId, { streamId, agentUrl: node.reach.agentUrl, ordinal, ...(copies.length > 0 && { copies }) });
    }
  }
  return [...newest.values()].map(({ ordinal: _, ...location }) => location);
}

/** Without pushes no edge is looked at. */
const copiesAmong =
  (nodes: readonly Node[], nowMs: number) =>
  (origin: Node, session: Copied): NonNullable<StreamLocation['copies']> =>
    origin.pushes === undefined
      ? []
      : edgesToPlayFrom(session, origin, nodes, nowMs).map(({ id, reach }) => {
          return { edge: markOf(id), agentUrl: reach.agentUrl };
        });
