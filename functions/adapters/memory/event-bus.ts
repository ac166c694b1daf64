import type { PlatformEvent } from '../../contract/events';
import type { EventBus } from '../../ports/stores';

/** An `EventBus` of this process: keeps what it is told, and tells each subscriber, one event after the other. */
export interface MemoryEventBus extends EventBus {
  readonly events: readonly PlatformEvent[];
  subscribe(receive: (event: PlatformEvent) => Promise<void> | void): void;
}

export function memoryEventBus(): MemoryEventBus {
  const events: PlatformEvent[] = [];
  const receivers: ((event: PlatformEvent) => Promise<void> | void)[] = [];
  return {
    events,
    subscribe: (receive) => void receivers.push(receive),
    async publish(event) {
      const copy = structuredClone(event);
      events.push(copy);
      for (const receive of receivers) await receive(structuredClone(copy));
    },
  };
}
