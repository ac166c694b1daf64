import { updateLive } from '../../../../functions/app/delivery/update-live';
import {
  indexName,
  livePlaylistName,
  segmentName,
  sessionPlaylistName,
} from '../../../../functions/contract/objects/layout';
import { parseMediaPlaylist } from '../../../../functions/core/playlist/media-playlist';
import type { ObjectStore } from '../../../../functions/ports/stores';
import { BROADCAST, type DeliveryWorld, deliveryWorld, STREAM, sessionOf } from '../../../support/delivery';

const LIVE = livePlaylistName({ policy: 'open', streamId: STREAM, broadcastId: BROADCAST, rendition: 'source' });
const INDEX = indexName('open', STREAM);
const ref = (ordinal = 1) => ({ streamId: STREAM, sessionId: sessionOf(ordinal), rendition: 'source' });
const twos = (count: number): number[] => new Array<number>(count).fill(2);
const write = (world: DeliveryWorld, name: string) => world.writes.filter((entry) => entry.name === name);
const live = async (world: DeliveryWorld) => parseMediaPlaylist((await world.open.read(LIVE))?.text ?? '');

/** `store`, where somebody else writes over `name` just before each of the first writes to it. */
function disturbed(store: ObjectStore, name: string, interfere: (round: number) => Promise<void>): ObjectStore {
  let round = 0;
  return {
    ...store,
    async write(target, content, options) {
      round += 1;
      if (target === name) await interfere(round);
      return store.write(target, content, options);
    },
  };
}

describe('updateLive', () => {
  it('writes the live playlist, then the index, with the headers of playlists', async () => {
    const world = deliveryWorld();
    await world.publish({ durations: [2, 2] });
    expect(await world.settled(updateLive(world, ref()))).toBe('write');
    expect(world.writes.map(({ name }) => name)).toEqual([LIVE, INDEX]);
    for (const name of [LIVE, INDEX]) {
      expect(world.open.entry(name)).toMatchObject({
        contentType: 'application/vnd.apple.mpegurl',
        cacheControl: 'public, max-age=1, s-maxage=1',
      });
    }
    expect(world.open.entry(INDEX)?.content.toString()).toContain(`\n/${LIVE}\n`);
  });

  it('records what it took in', async () => {
    const world = deliveryWorld();
    await world.publish({ durations: [2, 2] });
    await world.settled(updateLive(world, ref()));
    const source = await world.ingest.stat(sessionPlaylistName(ref()));
    expect(world.open.entry(LIVE)?.metadata).toEqual({
      session: sessionOf(1),
      ordinal: '1',
      generation: source?.generation,
      lastNumber: '1',
    });
  });

  it('writes nothing for what it contains, and for what is not there', async () => {
    const world = deliveryWorld();
    expect(await world.settled(updateLive(world, ref()))).toBe('absent');
    await world.publish({ durations: [2] });
    expect(await world.settled(updateLive(world, ref()))).toBe('wait');
    await world.publish({ durations: [2, 2] });
    await world.settled(updateLive(world, ref()));
    expect(await world.settled(updateLive(world, ref()))).toBe('contained');
    expect(world.writes).toHaveLength(2);
  });

  it('writes the index only when it changes', async () => {
    const world = deliveryWorld();
    for (const [count, bandwidth] of [
      [2, 600_000],
      [3, 600_000],
      [4, 800_000],
      [5, 500_000],
    ] as const) {
      await world.publish({ durations: twos(count), metadata: { attributes: { bandwidth } } });
      await world.settled(updateLive(world, ref()));
    }
    expect(write(world, LIVE)).toHaveLength(4);
    expect(write(world, INDEX)).toHaveLength(2);
    expect(world.open.entry(INDEX)?.content.toString()).toContain('BANDWIDTH=800000');
  });

  it('repairs an index that an earlier run did not get to', async () => {
    const world = deliveryWorld();
    await world.publish({ durations: [2, 2] });
    await world.settled(updateLive(world, ref()));
    await world.open.remove(INDEX);
    expect(await world.settled(updateLive(world, ref()))).toBe('contained');
    expect(world.open.entry(INDEX)).toBeDefined();
  });

  it('leaves the index to the newest broadcast', async () => {
    const world = deliveryWorld();
    const newer = { broadcast: 'b2-bbbbbbbb' };
    await world.publish({ ordinal: 2, durations: [2, 2], metadata: newer });
    await world.publish({ durations: [2, 2] });
    await world.settled(updateLive(world, ref(2)));
    expect(await world.settled(updateLive(world, ref()))).toBe('write');
    expect(world.open.entry(INDEX)?.content.toString()).toContain('/b2-bbbbbbbb/source.m3u8');
    expect(world.open.entry(INDEX)?.content.toString()).not.toContain(BROADCAST);
  });

  it('waits the second out since the last write, and then takes the newest there is', async () => {
    const world = deliveryWorld();
    await world.publish({ durations: [2, 2] });
    await world.settled(updateLive(world, ref()));
    await world.publish({ durations: twos(3) });
    const update = updateLive(world, ref());
    await world.clock.run(world.clock.now() + 500);
    await world.publish({ durations: twos(5) });
    await world.settled(update);
    const [first, second, ...more] = write(world, LIVE).map(({ at }) => at);
    expect([(second ?? 0) - (first ?? 0), more]).toEqual([1000, []]);
    expect(world.refusals).toEqual([]);
    expect((await live(world)).segments).toHaveLength(5);
  });

  it('starts again when somebody else wrote meanwhile, and loses nothing of either', async () => {
    const world = deliveryWorld();
    await world.publish({ durations: [2, 2] });
    await world.publish({ ordinal: 2, durations: [2, 2] });
    const store = disturbed(world.delivery('open'), LIVE, async (round) => {
      if (round === 1) await updateLive(world, ref());
    });
    await world.settled(updateLive({ ...world, delivery: () => store }, ref(2)));
    expect((await live(world)).segments.map(({ discontinuity }) => discontinuity)).toEqual([false, false, true, false]);
  });

  it('gives up, unacknowledged, when others never let it write', async () => {
    const world = deliveryWorld();
    await world.publish({ durations: [2, 2] });
    const never: ObjectStore = { ...world.open, write: async () => ({ kind: 'conflict' }) };
    await expect(world.settled(updateLive({ ...world, delivery: () => never }, ref()))).rejects.toThrow(
      expect.objectContaining({ code: 'unavailable' }),
    );
  });

  it('waits and starts again when the store says it was too fast', async () => {
    const world = deliveryWorld();
    await world.publish({ durations: [2, 2] });
    let refusals = 3;
    const store = world.delivery('open');
    const busy: ObjectStore = {
      ...store,
      write: async (...args) => (refusals-- > 0 ? { kind: 'rate_limited' } : store.write(...args)),
    };
    const before = world.clock.now();
    expect(await world.settled(updateLive({ ...world, delivery: () => busy }, ref()))).toBe('write');
    expect(world.clock.now() - before).toBe(3000);
  });

  it('is not held up by a store whose clock is an hour ahead', async () => {
    const world = deliveryWorld();
    await world.publish({ durations: [2, 2] });
    await world.settled(updateLive(world, ref()));
    await world.publish({ durations: twos(3) });
    const late = { ...world.clock, now: () => world.clock.now() - 3_600_000 };
    expect(await world.settled(updateLive({ ...world, clock: late }, ref()))).toBe('write');
  });

  it('warns when a long segment raises the target duration', async () => {
    const world = deliveryWorld();
    await world.publish({ durations: [2, 2, 4.2] });
    await world.settled(updateLive(world, ref()));
    expect(world.log.lines).toEqual([
      { level: 'warn', event: 'target_duration_raised', fields: { ...ref(), from: 2, to: 4 } },
    ]);
  });

  it('tells of a browser’s long segment, and warns nobody: it has no keyframe interval to set', async () => {
    const world = deliveryWorld();
    await world.publish({ durations: [2, 2, 4.2], metadata: { browser: true } });
    await world.settled(updateLive(world, ref()));
    expect(world.log.lines).toMatchObject([{ level: 'info', event: 'browser_segment_long' }]);
  });

  it.each([
    ['a key is missing', { policy: 'open' }, 'broadcast: '],
    ['the ordinal is not the session’s', { ordinal: '7' }, 'ordinal: got 7, must be 1'],
    ['the attributes are no JSON', { attributes: '{' }, 'attributes: use JSON'],
  ])('refuses metadata of which %s, and changes nothing', async (_, change, problem) => {
    const world = deliveryWorld();
    await world.publish({ durations: [2, 2] });
    const name = sessionPlaylistName(ref());
    const entry = await world.ingest.read(name);
    const metadata = 'policy' in change ? change : { ...entry?.metadata, ...change };
    await world.ingest.write(name, entry?.text ?? '', {
      contentType: '',
      cacheControl: '',
      metadata,
      ifGenerationMatch: entry?.generation ?? '0',
    });
    const update = world.settled(updateLive(world, ref()));
    await expect(update).rejects.toThrow(expect.objectContaining({ code: 'bad_playlist' }));
    await expect(update).rejects.toThrow(`metadata of '${name}': `);
    await expect(update).rejects.toThrow(problem);
    expect(world.writes).toEqual([]);
  });

  it('converges, one write a second at most, when many run at once', async () => {
    const world = deliveryWorld();
    const stop = world.clock.now() + 20_000;
    const writer = (async () => {
      for (let count = 2; count <= 12; count++) {
        await world.publish({ durations: twos(count), metadata: { window: 100 } });
        await world.clock.sleep(700);
      }
    })();
    const updater = async (pauseMs: number) => {
      while (world.clock.now() < stop) {
        await updateLive(world, ref());
        await world.clock.sleep(pauseMs);
      }
    };
    await world.settled(Promise.all([writer, ...[130, 170, 400, 900, 1100].map(updater)]));
    const times = write(world, LIVE).map(({ at }) => at);
    expect(times.slice(1).every((at, index) => at - (times[index] ?? 0) >= 1000)).toBe(true);
    const { segments, mediaSequence } = await live(world);
    expect([mediaSequence, segments.length]).toEqual([0, 12]);
    expect(world.open.entry(segmentName({ ...ref(), policy: 'open', number: 11 }))).toBeDefined();
  });
});
