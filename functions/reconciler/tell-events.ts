import { type AnnounceDeps, announceStuck } from '../app/events/announce';
import { type LostNodesDeps, tellLostNodes } from '../app/events/announce-lost-nodes';
import { inParallel } from '../app/in-parallel';
import type { Node } from '../contract/state';
import type { Registry } from '../ports/stores';

/** Each takes seconds at most, and never rejects. */
const PARALLEL_STREAMS = 8;

export type TellDeps = AnnounceDeps & LostNodesDeps & { registry: Registry };

/** Events that whoever made them did not get rid of, sent; and of nodes nothing was heard of. */
export async function tellEvents(nodes: readonly Node[], deps: TellDeps): Promise<{ resent: number; lostNodes: number }> {
  let resent = 0;
  await inParallel(await deps.registry.listStreamsWithPendingEvents(), PARALLEL_STREAMS, async (stream) => {
    resent += await announceStuck(stream, deps);
  });
  return { resent, lostNodes: await tellLostNodes(nodes, deps) };
}
