import type { PlatformEvent } from '../../functions/contract/events';
import { nodeLost, streamLive } from '../../functions/core/events/events';
import type { EventBus } from '../../functions/ports/stores';
import { nodeOf, sessionOf } from '../support/streams';

export interface OpenedBus {
  bus: EventBus;
  /** The next `count` events a subscriber gets. */
  received(count: number): Promise<PlatformEvent[]>;
}

/**
 * Tests the contract of every `EventBus`: run for memory, for the local Pub/Sub and for Google's emulator. `open`
 * answers an empty one.
 */
export function eventBusSuite(name: string, open: () => Promise<OpenedBus>): void {
  describe(`EventBus: ${name}`, () => {
    it('hands an event over as it was published', async () => {
      const { bus, received } = await open();
      const events = [streamLive(sessionOf(1)), nodeLost(nodeOf(), 20_000)];
      for (const event of events) await bus.publish(event);
      const byId = (a: { id: string }, b: { id: string }) => (a.id < b.id ? -1 : 1);
      expect([...(await received(2))].sort(byId)).toStrictEqual([...events].sort(byId));
    });

    it('keeps the order of a stream', async () => {
      const { bus, received } = await open();
      const events = Array.from({ length: 20 }, (_, index) => streamLive(sessionOf(index + 1)));
      for (const event of events) await bus.publish(event);
      expect(await received(20)).toEqual(events);
    });
  });
}
