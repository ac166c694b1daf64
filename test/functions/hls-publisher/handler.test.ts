import { readFileSync } from 'node:fs';
import { RunawayNotice } from '../../../functions/contract/events';
import { livePlaylistName, sessionPlaylistName } from '../../../functions/contract/objects/layout';
import { runawayCounter } from '../../../functions/core/budget/runaway';
import { parseMediaPlaylist } from '../../../functions/core/playlist/media-playlist';
import { type HlsPublisherDeps, hlsPublisherHandler } from '../../../functions/hls-publisher/handler';
import { BROADCAST, type DeliveryWorld, deliveryWorld, STREAM, sessionOf } from '../../support/delivery';

const NAME = sessionPlaylistName({ streamId: STREAM, sessionId: sessionOf(1), rendition: 'source' });
const LIVE = livePlaylistName({ policy: 'open', streamId: STREAM, broadcastId: BROADCAST, rendition: 'source' });
const data = { bucket: 'ingest', name: NAME, generation: '1587627537231057', metageneration: '1', size: '352' };

const headers = {
  'ce-specversion': '1.0',
  'ce-id': 'e1',
  'ce-source': '//storage.googleapis.com/projects/_/buckets/ingest',
  'ce-type': 'google.cloud.storage.object.v1.finalized',
  'ce-subject': `objects/${NAME}`,
  'content-type': 'application/json',
};
const event = (body: unknown, more: Record<string, string> = {}) =>
  new Request('http://function/', {
    method: 'POST',
    headers: { ...headers, ...more },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });

function open(more: Partial<HlsPublisherDeps> = {}): {
  world: DeliveryWorld;
  send: (body: unknown, more?: Record<string, string>) => Promise<Response>;
} {
  const world = deliveryWorld();
  const handler = hlsPublisherHandler({
    ...world,
    ingestBucket: 'ingest',
    randomId: (length) => 'r'.repeat(length),
    ...more,
  });
  return { world, send: (body, more) => world.settled(handler(event(body, more))) };
}
const segments = (world: DeliveryWorld) =>
  parseMediaPlaylist(world.open.entry(LIVE)?.content.toString() ?? '').segments.length;

describe('hls-publisher', () => {
  it.each([
    ['as text', data],
    ['as numbers', { ...data, generation: 1587627537231057, metageneration: 1, size: 352 }],
  ])('brings a session playlist into the live playlist, int64 fields %s', async (_, body) => {
    const { world, send } = open();
    await world.publish({ durations: [2, 2] });
    expect((await send(body)).status).toBe(204);
    expect(segments(world)).toBe(2);
  });

  it('reads the newest there is, whatever generation the event is about', async () => {
    const { world, send } = open();
    await world.publish({ durations: [2, 2] });
    await world.publish({ durations: [2, 2, 2] });
    await send({ ...data, generation: '1' });
    expect(segments(world)).toBe(3);
  });

  it('acknowledges doubled, late and superseded events, and those of deleted objects, without a write', async () => {
    const { world, send } = open();
    await world.publish({ durations: [2, 2] });
    await send(data);
    const before = world.writes.length;
    expect((await send(data)).status).toBe(204);
    await world.ingest.remove(NAME);
    expect((await send(data)).status).toBe(204);
    expect(world.writes).toHaveLength(before);
  });

  it('leaves an event to the home region first where it stands by, and then finds it done', async () => {
    const { world, send } = open();
    await world.publish({ durations: [2, 2] });
    const standby = hlsPublisherHandler({
      ...world,
      ingestBucket: 'ingest',
      randomId: () => 'r',
      standbyMs: 2000,
    });
    const waiting = standby(event(data));
    await send(data);
    const writes = world.writes.length;
    expect((await world.settled(waiting)).status).toBe(204);
    expect(world.writes).toHaveLength(writes);
  });

  it('does the whole work where the home region is gone', async () => {
    const { world, send } = open({ standbyMs: 2000 });
    await world.publish({ durations: [2, 2] });
    const from = world.clock.now();
    expect((await send(data)).status).toBe(204);
    expect(segments(world)).toBe(2);
    expect(world.clock.now() - from).toBeGreaterThanOrEqual(2000);
  });

  it('brings the next segment of the source in while its other renditions hang', async () => {
    const world = deliveryWorld();
    const hanging: HlsPublisherDeps['delivery'] = (policy) => {
      const store = world.delivery(policy);
      return { ...store, read: (name) => (name.endsWith('.mpd') ? new Promise(() => undefined) : store.read(name)) };
    };
    const handler = hlsPublisherHandler({ ...world, delivery: hanging, ingestBucket: 'ingest', randomId: () => 'r' });
    const metadata = { renditions: [{ name: 'source', kind: 'video' as const, attributes: { bandwidth: 600_000 } }] };
    for (const durations of [
      [2, 2],
      [2, 2, 2],
    ]) {
      await world.publish({ durations, metadata });
      void handler(event(data));
      await world.clock.run(world.clock.now() + 2000);
    }
    expect(segments(world)).toBe(3);
  });

  it('spends one write on the events that wait behind one that runs', async () => {
    const { world, send } = open();
    await world.publish({ durations: [2, 2] });
    await send(data);
    await world.publish({ durations: [2, 2, 2] });
    const answers = await Promise.all(Array.from({ length: 20 }, () => send(data)));
    expect(answers.every(({ status }) => status === 204)).toBe(true);
    expect(world.writes.filter(({ name }) => name === LIVE)).toHaveLength(2);
  });

  it.each(['probe.txt', `${STREAM}/x.m3u8`, `${STREAM}/../${STREAM}/1-aaaaaaaa/source.m3u8`, `${NAME}.tmp`])(
    'acknowledges and logs an object that is no session playlist: %s',
    async (name) => {
      const { world, send } = open();
      expect((await send({ ...data, name })).status).toBe(204);
      expect(world.log.lines).toEqual([
        { level: 'warn', event: 'object_ignored', fields: { name, reason: 'not a session playlist' } },
      ]);
    },
  );

  it.each([
    ['no JSON', 'junk', 400, 'body: use JSON'],
    ['a megabyte of junk', 'x'.repeat(1 << 20), 413, 'body: '],
    ['no object', [], 400, 'data: '],
    ['no name', { ...data, name: undefined }, 400, 'name: '],
    ['a name of the wrong type', { ...data, name: 5 }, 400, 'name: '],
    ['a very long name', { ...data, name: 'x'.repeat(2000) }, 400, 'name: '],
    ['a generation that is no number', { ...data, generation: 'new' }, 400, 'generation: use a whole number'],
    ['a negative generation', { ...data, generation: -1 }, 400, 'generation: use a whole number'],
    ['another bucket', { ...data, bucket: 'open' }, 400, "bucket: got 'open', must be 'ingest'"],
    ['a huge object', { ...data, size: '99999999' }, 400, 'size: got 99999999, at most 4194304 are allowed'],
  ])('refuses an event with %s, naming it, and changes nothing', async (_, body, status, detail) => {
    const { world, send } = open();
    await world.publish({ durations: [2, 2] });
    const answer = await send(body);
    expect(answer.status).toBe(status);
    expect((await answer.json()).detail).toContain(detail);
    expect(world.writes).toEqual([]);
    expect(world.log.lines).toMatchObject([{ event: 'request_refused' }]);
  });

  it('refuses an event of another type', async () => {
    const { world, send } = open();
    const answer = await send(data, { 'ce-type': 'google.cloud.storage.object.v1.deleted' });
    expect(answer.status).toBe(400);
    expect((await answer.json()).detail).toContain("type: got 'google.cloud.storage.object.v1.deleted'");
    expect(world.writes).toEqual([]);
  });

  it('refuses a malformed session playlist, naming the line, and leaves the live playlist', async () => {
    const { world, send } = open();
    await world.publish({ durations: [2, 2] });
    await send(data);
    const before = world.open.entry(LIVE)?.content.toString();
    const source = await world.ingest.stat(NAME);
    await world.ingest.write(NAME, '#EXTM3U\nrubbish\n', {
      contentType: '',
      cacheControl: '',
      metadata: source?.metadata ?? {},
      ifGenerationMatch: source?.generation ?? '0',
    });
    const answer = await send(data);
    expect(answer.status).toBe(422);
    expect((await answer.json()).detail).toContain("line 2 'rubbish'");
    expect(world.open.entry(LIVE)?.content.toString()).toBe(before);
  });

  it('ends a run that storage never answers, and takes the next event of the same playlist', async () => {
    const world = deliveryWorld();
    await world.publish({ durations: [2, 2] });
    let silent = true;
    const read = (name: string) => (silent ? new Promise<never>(() => undefined) : world.ingest.read(name));
    const ingest = { ...world.ingest, read };
    const handler = hlsPublisherHandler({
      ...world,
      ingest,
      ingestBucket: 'ingest',
      randomId: (length) => 'r'.repeat(length),
    });
    const answer = await world.settled(handler(event(data)));
    expect(answer.status).toBe(503);
    expect((await answer.json()).detail).toContain('the playlist did not answer within 45000 ms');
    silent = false;
    expect((await world.settled(handler(event(data)))).status).toBe(204);
    expect(segments(world)).toBe(2);
  });

  it('refuses a seventh event of a stream whose updates hang, so that other streams find a place', async () => {
    const world = deliveryWorld();
    await world.publish({ durations: [2, 2] });
    const hangs = (name: string) => name.startsWith(STREAM);
    const read = (name: string) => (hangs(name) ? new Promise<never>(() => undefined) : world.ingest.read(name));
    const ingest = { ...world.ingest, read };
    const handler = hlsPublisherHandler({
      ...world,
      ingest,
      ingestBucket: 'ingest',
      randomId: (length) => 'r'.repeat(length),
    });
    const hanging = Array.from({ length: 6 }, () => handler(event(data)));
    void world.clock.sleep(6000);
    await world.clock.run(world.clock.now() + 6000);
    const seventh = await handler(event(data));
    expect(seventh.status).toBe(503);
    expect((await seventh.json()).detail).toContain('6 are under way and do not end');
    const other = { ...data, name: NAME.replace(STREAM, 'z'.repeat(16)) };
    expect((await handler(event(other))).status).toBe(204);
    expect(new Set((await world.settled(Promise.all(hanging))).map(({ status }) => status))).toEqual(new Set([503]));
  });

  describe('with more events of a stream than an encoder makes', () => {
    const count = () => runawayCounter({ eventsPerMinute: 3 });

    it('says so once a minute, in the log and to who can suspend the stream, and goes on', async () => {
      const notices: RunawayNotice[] = [];
      const { world, send } = open({ count: count(), reportRunaway: async (notice) => void notices.push(notice) });
      await world.publish({ durations: [2, 2] });
      for (let sent = 0; sent < 6; sent++) expect((await send(data)).status).toBe(204);
      expect(notices).toEqual([{ streamId: STREAM, events: 4, since: expect.any(String) }]);
      expect(RunawayNotice.parse(notices[0])).toEqual(notices[0]);
      expect(world.log.lines.filter((line) => line.event === 'runaway_trigger')).toMatchObject([{ level: 'error' }]);
      expect(segments(world)).toBe(2);
    });

    it('goes on when nobody can be told', async () => {
      const { world, send } = open({ count: count(), reportRunaway: () => Promise.reject(new Error('away')) });
      await world.publish({ durations: [2, 2] });
      for (let sent = 0; sent < 5; sent++) expect((await send(data)).status).toBe(204);
      expect(world.log.lines.map((line) => line.event)).toContain('runaway_not_reported');
    });
  });

  it('reads the events Google documents', async () => {
    const cases: { name: string; data?: unknown }[] = JSON.parse(
      readFileSync('test/fixtures/storage-finalized-events.json', 'utf8'),
    ).cases;
    for (const { data: body } of cases.filter((entry) => entry.data !== undefined)) {
      const { send } = open();
      expect((await (await send(body)).json()).detail).toContain("must be 'ingest'");
    }
  });
});
