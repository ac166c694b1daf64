import { memoryStreamStore } from '../../../../functions/adapters/memory/stream-store';
import { announce, announceStuck } from '../../../../functions/app/events/announce';
import type { PlatformEvent } from '../../../../functions/contract/events';
import { streamLive } from '../../../../functions/core/events/events';
import { MAX_PENDING_EVENTS, withoutPending, withPending } from '../../../../functions/core/events/outbox';
import type { EventBus } from '../../../../functions/ports/stores';
import { keptLog } from '../../../support/delivery';
import { STREAM_ID, sessionOf, streamOf } from '../../../support/streams';
import { virtualClock } from '../../../support/virtual-clock';

const START = Date.UTC(2026, 10, 20, 10);
const events = (count: number): PlatformEvent[] =>
  Array.from({ length: count }, (_, index) => streamLive(sessionOf(index + 1, { startedAt: START })));

describe('the outbox of a stream', () => {
  it('keeps events in order, each once', () => {
    const [first, second] = events(2);
    const stream = withPending(
      withPending(streamOf(), events(1)),
      [first, second].flatMap((event) => event ?? []),
    );
    expect(stream.pendingEvents).toEqual([first, second]);
  });

  it('is the same stream when there is nothing to add or to take out', () => {
    const stream = streamOf({ pendingEvents: events(1) });
    expect(withPending(stream, events(1))).toBe(stream);
    expect(withoutPending(stream, new Set(['evt_other']))).toBeUndefined();
  });

  it('gives up the oldest beyond its bound', () => {
    const stream = withPending(streamOf(), events(MAX_PENDING_EVENTS + 3));
    expect(stream.pendingEvents).toEqual(events(MAX_PENDING_EVENTS + 3).slice(3));
  });
});

describe('announcing', () => {
  const open = async (publish: EventBus['publish'], pending: PlatformEvent[]) => {
    const streamStore = memoryStreamStore();
    const clock = virtualClock(START);
    const log = keptLog();
    await streamStore.createStream(streamOf({ pendingEvents: pending }));
    const left = async () => (await streamStore.getStream(STREAM_ID))?.pendingEvents;
    return { deps: { bus: { publish }, streamStore, clock, log }, clock, log, left };
  };

  it('sends in order and empties the outbox', async () => {
    const sent: PlatformEvent[] = [];
    const { deps, left } = await open(async (event) => void sent.push(event), events(3));
    expect(await announce(STREAM_ID, events(3), deps)).toBe(3);
    expect(sent).toEqual(events(3));
    expect(await left()).toEqual([]);
  });

  it('keeps what was refused and all after it, and does not reject', async () => {
    let calls = 0;
    const { deps, left, log } = await open(async () => {
      calls += 1;
      if (calls === 2) throw new Error('away');
    }, events(3));
    expect(await announce(STREAM_ID, events(3), deps)).toBe(1);
    expect(await left()).toEqual(events(3).slice(1));
    expect(log.lines).toContainEqual(
      expect.objectContaining({ event: 'events_pending', fields: expect.objectContaining({ events: 2 }) }),
    );
  });

  it('gives up waiting for a bus that does not answer', async () => {
    const { deps, clock, left } = await open(() => new Promise(() => undefined), events(1));
    const done = announce(STREAM_ID, events(1), deps);
    await clock.run();
    expect(await done).toBe(0);
    expect(clock.now() - START).toBeLessThanOrEqual(2000);
    expect(await left()).toEqual(events(1));
  });

  it('leaves events that were added meanwhile', async () => {
    const { deps, left } = await open(async () => undefined, events(2));
    await announce(STREAM_ID, events(1), deps);
    expect(await left()).toEqual(events(2).slice(1));
  });

  it('does not reject when the outbox cannot be emptied', async () => {
    const { deps, log } = await open(async () => undefined, events(1));
    const changeStream = () => Promise.reject(new Error('away'));
    expect(await announce(STREAM_ID, events(1), { ...deps, streamStore: { changeStream } })).toBe(1);
    expect(log.lines).toContainEqual(expect.objectContaining({ event: 'outbox_not_emptied' }));
  });

  it('sends again only what its maker did not get rid of in time', async () => {
    const sent: PlatformEvent[] = [];
    const { deps } = await open(async (event) => void sent.push(event), events(1));
    const stream = streamOf({ pendingEvents: events(1) });
    const at = (ms: number) => ({ ...deps, clock: virtualClock(START + ms) });
    expect(await announceStuck(stream, at(9_999))).toBe(0);
    expect(await announceStuck(stream, at(10_000))).toBe(1);
    expect(sent).toEqual(events(1));
  });
});
