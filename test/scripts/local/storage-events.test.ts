import type { ObjectResource } from '../../../scripts/emulators/gcs';
import type { EventFaults } from '../../../scripts/emulators/server/event-faults';
import { NO_EVENT_FAULTS } from '../../../scripts/emulators/server/event-faults';
import {
  type EventPost,
  eventHeaders,
  StorageEventService,
  type StorageEventsOptions,
} from '../../../scripts/local/services/storage-events';
import { virtualClock } from '../../support/virtual-clock';

const object = (generation: number, name = 'a.m3u8', bucket = 'ingest'): ObjectResource => ({
  bucket,
  name,
  generation: `${generation}`,
  metageneration: '1',
  size: '352',
  updated: '2026-11-20T18:00:00.123Z',
});

/** A target that notes what it is sent and answers what it is told, and a time that only moves when everybody waits. */
function world(options: Partial<StorageEventsOptions> = {}, statuses: number[] = []) {
  const clock = virtualClock(0);
  const posted: { at: number; request: EventPost; generation: unknown }[] = [];
  const faults: EventFaults = { ...NO_EVENT_FAULTS };
  const events = new StorageEventService({
    target: new URL('http://127.0.0.1:1/'),
    bucket: 'ingest',
    faults,
    wait: (ms) => clock.sleep(ms),
    post: async (request) => {
      posted.push({ at: clock.now(), request, generation: JSON.parse(request.body).generation });
      return statuses.shift() ?? 204;
    },
    ...options,
  });
  return { clock, posted, faults, events };
}

describe('StorageEvents', () => {
  it('posts the object as the data of a binary-mode CloudEvent', async () => {
    const { events, posted, clock } = world({ headers: async () => ({ authorization: 'Bearer token' }) });
    events.accept(object(1587627537231057, 'live/abc/index.m3u8'));
    await clock.run();
    expect(posted[0]?.request.headers).toEqual({
      authorization: 'Bearer token',
      'ce-specversion': '1.0',
      'ce-type': 'google.cloud.storage.object.v1.finalized',
      'ce-id': expect.stringMatching(/^\d+$/),
      'ce-source': '//storage.googleapis.com/projects/_/buckets/ingest',
      'ce-subject': 'objects/live/abc/index.m3u8',
      'ce-bucket': 'ingest',
      'ce-time': '2026-11-20T18:00:00.123Z',
      'content-type': 'application/json',
    });
    expect(JSON.parse(posted[0]?.request.body ?? '')).toEqual(object(1587627537231057, 'live/abc/index.m3u8'));
  });

  it('keeps to its bucket', async () => {
    const { events, posted, clock } = world();
    events.accept(object(1, 'a', 'other'));
    await clock.run();
    expect([posted, events.counts().accepted]).toEqual([[], 0]);
  });

  it('tries again after 10 s, then twice as long each time up to 600 s, until it is taken', async () => {
    const { events, posted, clock } = world(
      {},
      Array.from({ length: 9 }, () => 503),
    );
    events.accept(object(1));
    await clock.run();
    const waits = posted.map(({ at }, index) => at - (posted[index - 1]?.at ?? 0));
    expect(waits).toEqual([0, 10, 20, 40, 80, 160, 320, 600, 600, 600].map((seconds) => seconds * 1000));
    expect(events.counts()).toEqual({ accepted: 1, delivered: 1, failed: 9, lost: 0, pending: 0 });
  });

  it('counts a target that cannot be reached, or no token, as a failure', async () => {
    let failures = 2;
    const headers = async () => {
      failures -= 1;
      if (failures >= 0) throw new Error('no token');
      return {};
    };
    const { events, posted, clock } = world({ headers });
    events.accept(object(1));
    await clock.run();
    expect([posted.length, events.counts().failed]).toEqual([1, 2]);
  });

  it('gives up after one attempt where the trigger does not retry', async () => {
    const { events, posted, clock } = world({ retries: false }, [500]);
    events.accept(object(1));
    await clock.run();
    expect([posted.length, events.counts()]).toEqual([
      1,
      { accepted: 1, delivered: 0, failed: 1, lost: 1, pending: 0 },
    ]);
  });

  it('delays, doubles, loses and reorders as it is told while events flow', async () => {
    const { events, posted, clock, faults } = world({ random: () => 0.5 });
    faults.delay = 700;
    faults.duplicateRate = 1;
    events.accept(object(1));
    faults.duplicateRate = 0;
    faults.lossRate = 1;
    events.accept(object(2));
    faults.lossRate = 0;
    faults.reorderRate = 1;
    events.accept(object(3));
    faults.reorderRate = 0;
    events.accept(object(4));
    await clock.run();
    expect(posted.map(({ at, generation }) => [at, generation])).toEqual([
      [700, '1'],
      [700, '1'],
      [700, '4'],
      [3700, '3'],
    ]);
    expect(posted[0]?.request.headers['ce-id']).toBe(posted[1]?.request.headers['ce-id']);
    expect(events.counts()).toMatchObject({ delivered: 4, lost: 1, pending: 0 });
  });

  it('has no more attempts under way than it may', async () => {
    let underWay = 0;
    let most = 0;
    const { events, clock } = world({
      maxInFlight: 3,
      post: async () => {
        underWay += 1;
        most = Math.max(most, underWay);
        await clock.sleep(100);
        underWay -= 1;
        return 204;
      },
    });
    for (let generation = 1; generation <= 10; generation += 1) events.accept(object(generation));
    await clock.run();
    expect([most, events.counts().delivered]).toEqual([3, 10]);
  });

  it('keeps no more events than it may: the oldest go', async () => {
    const { events, posted, clock, faults } = world({ maxPending: 2 });
    faults.delay = 1000;
    for (const generation of [1, 2, 3, 4]) events.accept(object(generation));
    await clock.run();
    expect(posted.map(({ generation }) => generation)).toEqual(['3', '4']);
    expect(events.counts()).toMatchObject({ lost: 2, delivered: 2, pending: 0 });
  });

  const untilAborted = (signal: AbortSignal) =>
    new Promise<never>((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)));

  it('drops what waits when it stops, and takes no more', async () => {
    const { events, posted, faults } = world({ wait: (_ms, signal) => untilAborted(signal) });
    faults.delay = 1000;
    events.accept(object(1));
    await events.stop();
    events.accept(object(2));
    expect([posted, events.counts()]).toEqual([[], { accepted: 1, delivered: 0, failed: 0, lost: 0, pending: 0 }]);
  });

  it('ends the attempts under way when it stops, and those that wait for their turn', async () => {
    let begun = 0;
    const post = (_: EventPost, signal: AbortSignal) => {
      begun += 1;
      return untilAborted(signal);
    };
    const { events } = world({ maxInFlight: 1, post });
    for (const generation of [1, 2, 3]) events.accept(object(generation));
    await new Promise((resolve) => setImmediate(resolve));
    await events.stop();
    expect([begun, events.counts()]).toEqual([1, { accepted: 3, delivered: 0, failed: 1, lost: 0, pending: 0 }]);
  });
});

describe('eventHeaders', () => {
  it('percent-encodes what a header cannot hold', () => {
    expect(eventHeaders(object(1, 'é "x" 100%'), '1')['ce-subject']).toBe('objects/%C3%A9%20%22x%22%20100%25');
  });
});
