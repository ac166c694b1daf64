import type { Node } from '../contract/state';
import { type AnnounceDeps, announceStuck } from '../core/events/announce';
import { type LostNodesDeps, tellLostNodes } from '../core/events/lost-nodes';
import { inParallel } from '../core/in-parallel';
import type { Registry } from '../core/ports';

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
