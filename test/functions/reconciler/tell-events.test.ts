import { memoryEventBus } from '../../../functions/adapters/memory/event-bus';
import { memoryObjectStore } from '../../../functions/adapters/memory/object-store';
import { memoryStreamStore } from '../../../functions/adapters/memory/stream-store';
import { eventingStreamStore } from '../../../functions/app/events/eventing-stream-store';
import type { PlatformEvent } from '../../../functions/contract/events';
import { streamLive } from '../../../functions/core/events/events';
import type { EventBus } from '../../../functions/ports/stores';
import { reconcilerHandler } from '../../../functions/reconciler/handler';
import { keptLog } from '../../support/delivery';
import { noTakeDown } from '../../support/fake-cdn';
import { manualClock } from '../../support/manual-clock';
import { nodeOf, publishedStream, reported, STREAM_ID, sessionOf, streamOf } from '../../support/streams';

function open(bus: EventBus = memoryEventBus()) {
  const inner = memoryStreamStore();
  const clock = manualClock();
  const log = keptLog();
  const streamStore = eventingStreamStore(inner, { bus, clock, log });
  const ingest = memoryObjectStore({ clock });
  const store = memoryObjectStore({ clock });
  const handler = reconcilerHandler({
    streamStore,
    bus,
    ingest,
    delivery: () => store,
    clock,
    log,
    randomId: (length) => 'r'.repeat(length),
    ...noTakeDown(),
  });
  const pass = async () => (await handler(new Request('http://function/', { method: 'POST' }))).json();
  return { inner, streamStore, clock, log, pass };
}

describe('the reconciler tells', () => {
  it('of a dead publisher, its node, the end, and the recording, each once', async () => {
    const bus = memoryEventBus();
    const { inner, clock, pass } = open(bus);
    await inner.createStream(publishedStream({ startedAt: clock.now() }));
    const node = nodeOf({ heartbeatAt: clock.now(), sessions: [reported(sessionOf(1))] });
    await inner.changeNode('node-1', () => ({ node, result: 0 }));
    await pass();
    expect(bus.events).toEqual([]);
    await clock.advance(30_000);
    for (const _ of [1, 2]) await pass();
    const types = () => bus.events.map(({ type }) => type).sort();
    expect(types()).toEqual(['node.lost', 'stream.reconnecting']);
    await clock.advance(61_000);
    for (const _ of [1, 2, 3]) await pass();
    expect(types()).toEqual(['node.lost', 'stream.ended', 'stream.reconnecting', 'stream.recording.ready']);
    expect((await inner.getStream(STREAM_ID))?.pendingEvents).toEqual([]);
  });

  it('what its maker did not get rid of, once the bus is back', async () => {
    const sent: PlatformEvent[] = [];
    let away = true;
    const bus: EventBus = {
      publish: async (event) => {
        if (away) throw new Error('away');
        sent.push(event);
      },
    };
    const { inner, clock, pass } = open(bus);
    const pendingEvents = [streamLive(sessionOf(1, { startedAt: clock.now() }))];
    await inner.createStream(streamOf({ pendingEvents }));
    await clock.advance(10_000);
    expect(await pass()).toMatchObject({ resent: 0, failed: 0 });
    away = false;
    expect(await pass()).toMatchObject({ resent: 1 });
    expect(await pass()).toMatchObject({ resent: 0 });
    expect(sent).toEqual(pendingEvents);
  });

  it('its other work while the bus is away', async () => {
    const { inner, clock, pass, log } = open({ publish: () => Promise.reject(new Error('away')) });
    await inner.createStream(publishedStream({ startedAt: clock.now() }));
    await inner.changeNode('node-1', () => ({ node: nodeOf({ heartbeatAt: clock.now() }), result: 0 }));
    await clock.advance(30_000);
    expect(await pass()).toMatchObject({ changed: 1, failed: 1 });
    expect((await inner.getStream(STREAM_ID))?.session?.endedAt).toBeDefined();
    expect(log.lines.map(({ event }) => event)).toContain('reconcile_failed');
  });
});
