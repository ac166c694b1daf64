import type { Stream } from '../../contract/state';
import type { MediaNodes } from '../../ports/media-nodes';
import type { Log, StreamStore } from '../../ports/stores';

export interface TellFinalDeps {
  streamStore: Pick<StreamStore, 'getNode'>;
  nodes: Pick<MediaNodes, 'finalSession'>;
  log: Log;
}

/**
 * Tells the node of a stream whose broadcast was stopped that nothing follows its session, so that viewers' playlists
 * end at once. Call it after the broadcast was closed, when no session can join it. Never rejects: a node that does not
 * answer gets the command to end its publisher with its next heartbeat, and the reconciler ends the playlist.
 */
export async function tellFinal(
  { id: streamId, session }: Stream,
  { streamStore, nodes, log }: TellFinalDeps,
): Promise<void> {
  if (session === undefined) return;
  const { nodeId, id: sessionId } = session;
  try {
    const reach = (await streamStore.getNode(nodeId))?.reach;
    if (reach !== undefined) await nodes.finalSession(reach.agentUrl, { streamId, sessionId });
  } catch (error) {
    log.warn('node_not_told_of_stop', { streamId, sessionId, nodeId, error });
  }
}
