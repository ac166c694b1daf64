import { addPlaysToEnd, type PlaysToEnd, withoutPlaysToEnd } from '../../core/publish/end-plays';
import { isNodeAlive } from '../../core/publish/liveness';
import type { Clock, StreamStore } from '../../ports/stores';

/**
 * Every node ends these connections at its next heartbeat, seconds away: a stream plays from more than the node it is
 * published to. Throws `unavailable`; ordered again, nothing is doubled.
 */
export async function tellToEndPlays(
  order: PlaysToEnd,
  { streamStore, clock }: { streamStore: Pick<StreamStore, 'changeNode' | 'listNodes'>; clock: Pick<Clock, 'now'> },
): Promise<void> {
  const nodes = (await streamStore.listNodes()).filter((node) => isNodeAlive(node, clock.now()));
  const told = nodes.map(({ id }) =>
    streamStore.changeNode<void>(id, (node) =>
      node === undefined ? { result: undefined } : { node: addPlaysToEnd(node, order, clock.now()), result: undefined },
    ),
  );
  await Promise.all(told);
}

/**
 * Takes back the order to end every connection of a stream, which is repeated for a while: who comes now may stay.
 * Throws `unavailable`; repeated, it changes nothing.
 */
export async function letPlaysBe(
  streamId: PlaysToEnd['streamId'],
  { streamStore }: { streamStore: Pick<StreamStore, 'changeNode' | 'listNodes'> },
): Promise<void> {
  const told = (await streamStore.listNodes()).map(({ id }) =>
    streamStore.changeNode<void>(id, (current) => {
      const node = current && withoutPlaysToEnd(current, streamId);
      return node === undefined ? { result: undefined } : { node, result: undefined };
    }),
  );
  await Promise.all(told);
}
