import type { Node } from '../contract/state';
import type { Clock, StreamStore } from '../ports/stores';

/**
 * `streamStore` whose list of nodes is read at most once in `maxAgeMs`: nearly every answer needs it, and heartbeats
 * change it every few seconds only. A list that could not be read is not kept.
 */
export function withRecentNodes(
  streamStore: StreamStore,
  { clock, maxAgeMs }: { clock: Pick<Clock, 'now'>; maxAgeMs: number },
): StreamStore {
  let known: { at: number; nodes: Promise<Node[]> } | undefined;
  const read = (): Promise<Node[]> => {
    const reading = { at: clock.now(), nodes: streamStore.listNodes() };
    known = reading;
    reading.nodes.catch(() => {
      if (known === reading) known = undefined;
    });
    return reading.nodes;
  };
  return {
    ...streamStore,
    async listNodes() {
      const nodes = known !== undefined && clock.now() - known.at < maxAgeMs ? known.nodes : read();
      return structuredClone(await nodes);
    },
  };
}
