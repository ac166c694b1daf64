import type { Node } from '../../contract/state';
import { nodeLost } from '../../core/events/events';
import { isNodeAlive } from '../../core/publish/liveness';
import type { Clock, EventBus, StreamStore } from '../../ports/stores';

/**
 * No event is made for a node that was lost longer ago than this: either its event was sent, or no webhook wanted it.
 */
const HISTORY_MS = 3_600_000;

export interface LostNodesDeps {
  streamStore: Pick<StreamStore, 'changeNode'>;
  bus: EventBus;
  clock: Clock;
}

/**
 * Publishes an event for each node that has stopped sending heartbeats. The event is published before it is noted, so a
 * crash may repeat it but never loses it. Returns the number of events.
 */
export async function announceLostNodes(
  nodes: readonly Node[],
  { streamStore, bus, clock }: LostNodesDeps,
): Promise<number> {
  const nowMs = clock.now();
  const lost = nodes.filter(
    (node) => isLost(node, nowMs) && nowMs - node.heartbeatAt < HISTORY_MS && node.lostAnnouncedAt === undefined,
  );
  for (const node of lost) {
    await bus.publish(nodeLost(node, nowMs));
    await streamStore.changeNode(node.id, (current) =>
      // A heartbeat since then: it is back, and may be lost again.
      current?.heartbeatAt === node.heartbeatAt
        ? { node: { ...current, lostAnnouncedAt: nowMs }, result: undefined }
        : { result: undefined },
    );
  }
  return lost.length;
}

/** A node that was taken away is silent because it was told to be. */
const isLost = (node: Node, nowMs: number): boolean => node.removedAt === undefined && !isNodeAlive(node, nowMs);
