import { type AnnounceDeps, announceStuck } from '../app/events/announce';
import { announceLostNodes, type LostNodesDeps } from '../app/events/announce-lost-nodes';
import { inParallel } from '../app/in-parallel';
import type { Node } from '../contract/state';
import type { StreamStore } from '../ports/stores';

/** Each takes seconds at most, and never rejects. */
const PARALLEL_STREAMS = 8;

export type TellEventsDeps = AnnounceDeps & LostNodesDeps & { streamStore: StreamStore };

/** Sends the events that their makers did not get rid of, and those of nodes nothing was heard of. */
export async function announceEvents(
  nodes: readonly Node[],
  deps: TellEventsDeps,
): Promise<{ resent: number; lostNodes: number }> {
  let resent = 0;
  await inParallel(await deps.streamStore.listStreamsWithPendingEvents(), PARALLEL_STREAMS, async (stream) => {
    resent += await announceStuck(stream, deps);
  });
  return { resent, lostNodes: await announceLostNodes(nodes, deps) };
}
