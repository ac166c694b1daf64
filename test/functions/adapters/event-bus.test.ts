import { memoryEventBus } from '../../../functions/adapters/memory/event-bus';
import type { PlatformEvent } from '../../../functions/contract/events';
import { streamLive } from '../../../functions/core/events/events';
import { eventBusSuite } from '../../suites/event-bus';
import { sessionOf } from '../../support/streams';

eventBusSuite('memory', async () => {
  const bus = memoryEventBus();
  return { bus, received: async (count) => bus.events.slice(0, count) };
});

describe('the memory bus', () => {
  it('tells subscribers, each a copy', async () => {
    const bus = memoryEventBus();
    const heard: PlatformEvent[] = [];
    bus.subscribe((event) => void heard.push(event));
    const event = streamLive(sessionOf(1));
    await bus.publish(event);
    expect(heard).toEqual([event]);
    expect(heard[0]).not.toBe(event);
  });
});
