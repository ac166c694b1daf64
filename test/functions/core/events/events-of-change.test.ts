import { memoryEventBus } from '../../../../functions/adapters/memory/event-bus';
import { memoryStreamStore } from '../../../../functions/adapters/memory/stream-store';
import { announceLostNodes } from '../../../../functions/app/events/announce-lost-nodes';
import { eventingStreamStore } from '../../../../functions/app/events/eventing-stream-store';
import type { Session, Stream } from '../../../../functions/contract/state';
import { streamSuspended } from '../../../../functions/core/events/events';
import { eventsOfChange } from '../../../../functions/core/events/events-of-change';
import { withPending } from '../../../../functions/core/events/outbox';
import type { EventBus } from '../../../../functions/ports/stores';
import { keptLog } from '../../../support/delivery';
import { broadcastOf, nodeOf, publishedStream, STREAM_ID, sessionOf, streamOf } from '../../../support/streams';
import { virtualClock } from '../../../support/virtual-clock';

const AT = Date.UTC(2026, 10, 20, 10);
const live = publishedStream({ startedAt: AT });
const with_ = (stream: Stream, session: Partial<Session>, more: Partial<Stream> = {}): Stream => ({
  ...stream,
  session: { ...sessionOf(1, { startedAt: AT }), ...session },
  ...more,
});
const left = with_(live, { endedAt: AT + 5000, endReason: 'unpublished' });
const closing = [broadcastOf({ state: 'closing' })];
const told = (before: Stream, after: Stream) => eventsOfChange(before, after, AT + 9000).map(({ type }) => type);

describe('the event of a changed stream', () => {
  it('is that it is live, once a publisher is admitted', () => {
    expect(told(streamOf(), live)).toEqual(['stream.live']);
    expect(told(live, live)).toEqual([]);
  });

  it('is that a newer publisher is live, not that the one before is gone', () => {
    const next = { ...live, session: sessionOf(2, { startedAt: AT + 1 }), ordinal: 2 };
    expect(told(live, next)).toEqual(['stream.live']);
  });

  it('is that its publisher may come back, and that it was there all the time', () => {
    expect(told(live, left)).toEqual(['stream.reconnecting']);
    expect(told(left, live)).toEqual(['stream.live']);
    const [first] = eventsOfChange(streamOf(), live, AT);
    const [again] = eventsOfChange(left, live, AT + 9000);
    expect(again?.id).not.toBe(first?.id);
  });

  it('is its end, once the window is over', () => {
    expect(told(left, { ...left, unfinished: closing })).toEqual(['stream.ended']);
  });

  it('is its end alone, when publisher and broadcast end at once', () => {
    expect(told(live, { ...left, unfinished: closing })).toEqual(['stream.ended']);
  });

  it('is the end of the broadcast before, then that the next one is live', () => {
    const next = {
      ...left,
      session: sessionOf(2, { broadcastId: 'b2-aaaaaaaa' }),
      unfinished: [...closing, broadcastOf({ id: 'b2-aaaaaaaa' })],
    };
    expect(told(left, next)).toEqual(['stream.ended', 'stream.live']);
  });

  it('is its recording, where it is recorded', () => {
    const before = { ...left, unfinished: closing };
    expect(told(before, { ...left, unfinished: [] })).toEqual(['stream.recording.ready']);
    const unrecorded = { ...before, unfinished: [broadcastOf({ state: 'closing', recording: false })] };
    expect(told(unrecorded, { ...left, unfinished: [] })).toEqual([]);
  });

  it('is its suspension, once', () => {
    const suspended = { ...streamOf(), suspended: { at: AT } };
    expect(told(streamOf(), suspended)).toEqual(['stream.suspended']);
    expect(told(suspended, suspended)).toEqual([]);
  });

  it('is nothing, when only settings change', () => {
    expect(told(live, { ...live, title: 'another', recording: false })).toEqual([]);
  });
});

describe('a stream store that tells', () => {
  const open = (bus: EventBus = memoryEventBus()) => {
    const inner = memoryStreamStore();
    const clock = virtualClock(AT);
    const log = keptLog();
    return { inner, streamStore: eventingStreamStore(inner, { bus, clock, log }), clock, log };
  };
  const change = (stream: Stream) => () => ({ change: { stream }, result: 'done' });

  it('tells of new streams and of changes, in order, and leaves no outbox', async () => {
    const bus = memoryEventBus();
    const { streamStore, inner } = open(bus);
    expect(await streamStore.createStream(streamOf())).toBe(true);
    expect(await streamStore.createStream(streamOf())).toBe(false);
    expect(await streamStore.changeStream(STREAM_ID, change(live))).toBe('done');
    await streamStore.changeStream(STREAM_ID, change(left));
    expect(bus.events.map(({ type }) => type)).toEqual(['stream.created', 'stream.live', 'stream.reconnecting']);
    expect((await inner.getStream(STREAM_ID))?.pendingEvents ?? []).toEqual([]);
  });

  it('keeps what cannot be told, and changes the stream all the same', async () => {
    const { streamStore, inner } = open({ publish: () => Promise.reject(new Error('away')) });
    await streamStore.createStream(streamOf());
    await streamStore.changeStream(STREAM_ID, change(live));
    const kept = await inner.getStream(STREAM_ID);
    expect(kept?.session?.id).toBe('1-aaaaaaa1');
    expect(kept?.pendingEvents?.map(({ type }) => type)).toEqual(['stream.live']);
  });

  it('loses nothing that was pending before', async () => {
    const { streamStore, inner } = open({ publish: () => Promise.reject(new Error('away')) });
    await inner.createStream(streamOf());
    await streamStore.changeStream(STREAM_ID, change(live));
    await streamStore.changeStream(STREAM_ID, (stream) => ({ change: { stream: { ...stream, ...left } }, result: 0 }));
    expect((await inner.getStream(STREAM_ID))?.pendingEvents?.map(({ type }) => type)).toEqual([
      'stream.live',
      'stream.reconnecting',
    ]);
  });

  it('leaves to the caller what the caller tells', async () => {
    const bus = memoryEventBus();
    const { streamStore } = open(bus);
    await streamStore.createStream(withPending(streamOf(), []));
    const event = streamSuspended(streamOf(), { cause: 'runaway', atMs: AT });
    await streamStore.changeStream(STREAM_ID, change(withPending({ ...streamOf(), suspended: { at: AT } }, [event])));
    expect(bus.events.map(({ type }) => type)).toEqual(['stream.created']);
  });

  it('tells nothing of a change that was not made', async () => {
    const bus = memoryEventBus();
    const { streamStore } = open(bus);
    await streamStore.createStream(streamOf());
    const refuse = () => {
      throw new Error('refused');
    };
    await expect(streamStore.changeStream(STREAM_ID, refuse)).rejects.toThrow('refused');
    expect(await streamStore.changeStream(STREAM_ID, () => ({ result: 'nothing' }))).toBe('nothing');
    expect(bus.events).toHaveLength(1);
  });

  it('does not make the caller wait, where telling goes on in the background', async () => {
    const inner = memoryStreamStore();
    const clock = virtualClock(AT);
    const log = keptLog();
    const tellings: Promise<unknown>[] = [];
    const never: EventBus = { publish: () => new Promise(() => undefined) };
    const streamStore = eventingStreamStore(inner, {
      bus: never,
      clock,
      log,
      background: (telling) => tellings.push(telling),
    });
    expect(await streamStore.createStream(streamOf())).toBe(true);
    expect(tellings).toHaveLength(1);
    await clock.run();
    expect(await tellings[0]).toBe(0);
  });
});

describe('lost nodes', () => {
  it('are told once, and again when they came back and were lost again', async () => {
    const streamStore = memoryStreamStore();
    const bus = memoryEventBus();
    const clock = virtualClock(AT);
    const beat = (heartbeatAt: number) =>
      streamStore.changeNode('node-1', () => ({ node: nodeOf({ heartbeatAt }), result: 0 }));
    const tell = async () => announceLostNodes(await streamStore.listNodes(), { streamStore, bus, clock });
    await beat(AT);
    expect(await tell()).toBe(0);
    await beat(AT - 21_000);
    expect([await tell(), await tell()]).toEqual([1, 0]);
    await beat(AT - 20_500);
    expect(await tell()).toBe(1);
    expect(bus.events.map(({ type }) => type)).toEqual(['node.lost', 'node.lost']);
    expect(new Set(bus.events.map(({ id }) => id)).size).toBe(2);
  });

  it('are history after an hour', async () => {
    const streamStore = memoryStreamStore();
    const bus = memoryEventBus();
    const clock = virtualClock(AT);
    await streamStore.changeNode('node-1', () => ({ node: nodeOf({ heartbeatAt: AT - 3_600_000 }), result: 0 }));
    expect(await announceLostNodes(await streamStore.listNodes(), { streamStore, bus, clock })).toBe(0);
  });
});
