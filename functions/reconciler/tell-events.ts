import type { Node } from '../contract/state';
import { type AnnounceDeps, announceStuck } from '../core/events/announce';
import { type LostNodesDeps, tellLostNodes } from '../core/events/lost-nodes';
import type { Registry } from '../core/ports';

export type TellDeps = AnnounceDeps & LostNodesDeps & { registry: Registry };

/** Events that whoever made them did not get rid of, sent; and of nodes nothing was heard of. */
export async function tellEvents(nodes: readonly Node[], deps: TellDeps): Promise<{ resent: number; lostNodes: number }> {
  const lostNodes = await tellLostNodes(nodes, deps);
  let resent = 0;
  for (const stream of await deps.registry.listStreamsWithPendingEvents()) resent += await announceStuck(stream, deps);
  return { resent, lostNodes };
}
