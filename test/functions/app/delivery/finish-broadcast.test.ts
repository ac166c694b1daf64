import { finishBroadcast, mergeSession } from '../../../../functions/app/delivery/finish-broadcast';
import { updateLive } from '../../../../functions/app/delivery/update-live';
import {
  indexName,
  livePlaylistName,
  recordingName,
  segmentName,
  sessionPlaylistName,
} from '../../../../functions/contract/objects/layout';
import { parseMediaPlaylist } from '../../../../functions/core/playlist/media-playlist';
import { checkPlaylist } from '../../../../scripts/tools/check-hls/rules';
import { BROADCAST, type DeliveryWorld, deliveryWorld, linesOf, STREAM, sessionOf } from '../../../support/delivery';

const at = { policy: 'open', streamId: STREAM, broadcastId: BROADCAST } as const;
const LIVE = livePlaylistName({ ...at, rendition: 'source' });
const INDEX = indexName('open', STREAM);
const RECORDING = recordingName(at);
const RECORDED = recordingName({ ...at, rendition: 'source' });
const ref = (ordinal = 1) => ({ streamId: STREAM, sessionId: sessionOf(ordinal), rendition: 'source' });
const broadcast = (ordinals: readonly number[] = [1], recording = true) => ({
  stream: { id: STREAM, policy: 'open' as const, recording },
  broadcastId: BROADCAST,
  sessions: ordinals.map((ordinal) => ({ id: sessionOf(ordinal) })),
});
const finish = (world: DeliveryWorld, ...options: Parameters<typeof broadcast>) =>
  world.settled(finishBroadcast(world, broadcast(...options)));
const text = (world: DeliveryWorld, name: string) => world.open.entry(name)?.content.toString() ?? '';
const writes = (world: DeliveryWorld, name: string) => world.writes.filter((entry) => entry.name === name).length;

/** A world in which session 1 was published with its event, and is live. */
async function liveWorld(...durations: number[]): Promise<DeliveryWorld> {
  const world = deliveryWorld();
  await world.publish({ durations });
  await world.settled(updateLive(world, ref()));
  return world;
}

describe('finishBroadcast: the live playlist', () => {
  it('gets its ENDLIST, and nothing else changes', async () => {
    const world = await liveWorld(2, 2, 2);
    const before = world.open.entry(LIVE);
    await finish(world);
    expect(text(world, LIVE)).toBe(`${before?.content.toString()}#EXT-X-ENDLIST\n`);
    expect(world.open.entry(LIVE)).toMatchObject({
      metadata: before?.metadata,
      contentType: before?.contentType,
      cacheControl: 'public, max-age=1, s-maxage=1',
    });
  });

  it('is written once, however often and however many at once finish it', async () => {
    const world = await liveWorld(2, 2);
    await world.settled(Promise.all([1, 2, 3].map(() => finishBroadcast(world, broadcast()))));
    const versions = [LIVE, INDEX, RECORDED, RECORDING].map((name) => world.open.entry(name)?.generation);
    await finish(world);
    expect([LIVE, INDEX, RECORDED, RECORDING].map((name) => world.open.entry(name)?.generation)).toEqual(versions);
    expect([writes(world, LIVE), writes(world, RECORDED), writes(world, RECORDING)]).toEqual([2, 1, 1]);
  });

  it('gets what lost events told, and its end, in one write', async () => {
    const world = await liveWorld(2, 2);
    await world.publish({ durations: [2, 2, 2] });
    await world.publish({ ordinal: 2, durations: [2] });
    await finish(world, [1, 2]);
    const { ended, segments } = parseMediaPlaylist(text(world, LIVE));
    expect(ended).toBe(true);
    expect(segments.map(({ uri }) => uri.split('/').slice(-3).join('/'))).toEqual([
      '1-aaaaaaaa/source/0.ts',
      '1-aaaaaaaa/source/1.ts',
      '1-aaaaaaaa/source/2.ts',
      '2-aaaaaaaa/source/0.ts',
    ]);
    expect(writes(world, LIVE)).toBe(2);
  });

  it.each([
    ['two segments', [2, 2]],
    ['one segment of a session that never said it ended', [2]],
  ])('is written, ended and listed when every event was lost: %s', async (_, durations) => {
    const world = deliveryWorld();
    await world.publish({ durations });
    await finish(world);
    expect(parseMediaPlaylist(text(world, LIVE))).toMatchObject({ ended: true, segments: durations.map(() => ({})) });
    expect(text(world, INDEX)).toContain(`\n/${LIVE}\n`);
  });

  it('never changes again, whatever comes late', async () => {
    const world = await liveWorld(2, 2);
    await finish(world);
    const ended = text(world, LIVE);
    await world.publish({ durations: [2, 2, 2, 2] });
    expect(await world.settled(updateLive(world, ref()))).toBe('superseded');
    await finish(world);
    expect(text(world, LIVE)).toBe(ended);
  });

  it('is ended although its session playlists are gone', async () => {
    const world = await liveWorld(2, 2);
    await world.ingest.remove(sessionPlaylistName(ref()));
    await finish(world);
    expect(parseMediaPlaylist(text(world, LIVE)).ended).toBe(true);
  });

  it('is ended although a session playlist is malformed, which is logged', async () => {
    const world = await liveWorld(2, 2);
    const { generation = '0', metadata = {} } = (await world.ingest.stat(sessionPlaylistName(ref()))) ?? {};
    const headers = { contentType: 'text/plain', cacheControl: 'no-store' };
    await world.settled(world.clock.sleep(1000));
    await world.ingest.write(sessionPlaylistName(ref()), 'junk', {
      ...headers,
      metadata,
      ifGenerationMatch: generation,
    });
    await world.ingest.write(sessionPlaylistName(ref(2)), 'junk', { ...headers, metadata: {}, ifGenerationMatch: '0' });
    await finish(world, [1, 2]);
    expect(parseMediaPlaylist(text(world, LIVE)).ended).toBe(true);
    expect(world.log.lines.map(({ level, event }) => `${level} ${event}`)).toEqual([
      'error session_playlist_skipped',
      'error session_playlist_skipped',
    ]);
  });

  it('loses nothing when the last update and two ends meet', async () => {
    const world = await liveWorld(2, 2);
    await world.publish({ durations: [2, 2, 2] });
    await world.settled(
      Promise.all([finishBroadcast(world, broadcast()), updateLive(world, ref()), finishBroadcast(world, broadcast())]),
    );
    const { ended, segments } = parseMediaPlaylist(text(world, LIVE));
    expect([ended, segments.length]).toEqual([true, 3]);
  });
});

describe('finishBroadcast: a broadcast without a segment', () => {
  it('leaves nothing behind', async () => {
    const world = deliveryWorld();
    await world.publish({ durations: [] });
    await finish(world, [1, 2]);
    expect(world.writes).toEqual([]);
  });
});

describe('finishBroadcast: the recording', () => {
  it('a recording has all sessions in order, with discontinuities at starts, gaps and breaks', async () => {
    const world = deliveryWorld();
    await world.publish({ durations: [2, 2], breaks: [1] });
    await world.publish({ ordinal: 2, durations: [2.5, 2, 2, 1] });
    await world.open.remove(segmentName({ ...ref(2), policy: 'open', number: 1 }));
    await finish(world, [1, 2]);
    expect(linesOf(text(world, RECORDED)).map((line) => line.replace(`/open/s/${STREAM}/`, ''))).toEqual([
      '#EXT-X-TARGETDURATION:3',
      '#EXT-X-MEDIA-SEQUENCE:0',
      '#EXT-X-DISCONTINUITY-SEQUENCE:0',
      '#EXT-X-PLAYLIST-TYPE:VOD',
      ...['#EXTINF:2.000,', '1-aaaaaaaa/source/0.ts'],
      ...['#EXT-X-DISCONTINUITY', '#EXTINF:2.000,', '1-aaaaaaaa/source/1.ts'],
      ...['#EXT-X-DISCONTINUITY', '#EXTINF:2.500,', '2-aaaaaaaa/source/0.ts'],
      ...['#EXT-X-DISCONTINUITY', '#EXTINF:2.000,', '2-aaaaaaaa/source/2.ts'],
      ...['#EXTINF:1.000,', '2-aaaaaaaa/source/3.ts'],
      '#EXT-X-ENDLIST',
    ]);
    expect(text(world, RECORDED)).toContain('#EXT-X-PROGRAM-DATE-TIME:2026-11-20T13:00:00.000Z\n');
    expect(checkPlaylist(text(world, RECORDED))).toEqual([]);
  });

  it('marks where a session begins also when the numbers would follow on', async () => {
    const world = deliveryWorld();
    await world.publish({ durations: [2, 2] });
    await world.publish({ ordinal: 2, from: 2, durations: [2, 2] });
    await finish(world, [1, 2]);
    const { segments } = parseMediaPlaylist(text(world, RECORDED));
    expect(segments.map(({ discontinuity }) => discontinuity)).toEqual([false, false, true, false]);
  });

  it('holds what has long left the session playlist, 10 after 9', async () => {
    const world = deliveryWorld();
    await world.publish({ durations: [2, 2, 2, 2, 2, 2, 2, 2, 2] });
    await world.publish({ from: 9, durations: [2, 2, 2] });
    await finish(world);
    const { segments } = parseMediaPlaylist(text(world, RECORDED));
    expect(segments.map(({ uri }) => Number(/(\d+)\.ts$/.exec(uri)?.[1]))).toEqual([
      0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11,
    ]);
    expect(segments.some(({ discontinuity }) => discontinuity)).toBe(false);
  });

  it('holds the late segments of an older session, which the live playlist does not', async () => {
    const world = deliveryWorld();
    await world.publish({ ordinal: 2, durations: [2, 2] });
    await world.settled(updateLive(world, ref(2)));
    await world.publish({ durations: [2, 2] });
    await finish(world, [1, 2]);
    expect(parseMediaPlaylist(text(world, LIVE)).segments).toHaveLength(2);
    expect(parseMediaPlaylist(text(world, RECORDED)).segments).toHaveLength(4);
  });

  it('is described by what the sessions said, and kept for a day', async () => {
    const world = deliveryWorld();
    const low = { codecs: 'avc1.42c01e', width: 640, height: 360, frameRate: 25 };
    await world.publish({ durations: [2, 2], metadata: { attributes: { bandwidth: 900_000 } } });
    await world.publish({ ordinal: 2, durations: [2, 2], metadata: { attributes: { bandwidth: 600_000, ...low } } });
    await finish(world, [1, 2]);
    expect(text(world, RECORDING)).toBe(`#EXTM3U
#EXT-X-VERSION:3
#EXT-X-STREAM-INF:BANDWIDTH=900000,CODECS="avc1.42c01e",RESOLUTION=640x360,FRAME-RATE=25.000
/${RECORDED}
`);
    for (const name of [RECORDING, RECORDED]) {
      expect(world.open.entry(name)).toMatchObject({
        contentType: 'application/vnd.apple.mpegurl',
        cacheControl: 'public, max-age=86400',
      });
    }
  });

  it('is described by its segments when no session playlist is left', async () => {
    const world = deliveryWorld();
    await world.publish({ durations: [2, 2, 0.1] });
    await world.ingest.remove(sessionPlaylistName(ref()));
    await finish(world);
    expect(text(world, RECORDING)).toContain('#EXT-X-STREAM-INF:BANDWIDTH=4000\n');
  });

  it('leaves out, and logs, an object that is no segment', async () => {
    const world = await liveWorld(2, 2);
    const name = segmentName({ ...ref(), policy: 'open', number: 1 });
    await world.open.remove(name);
    await world.settled(world.clock.sleep(1000));
    await world.open.write(name, 'x', { contentType: '', cacheControl: '', metadata: {}, ifGenerationMatch: '0' });
    await finish(world);
    expect(parseMediaPlaylist(text(world, RECORDED)).segments).toHaveLength(1);
    expect(world.log.lines).toEqual([{ level: 'warn', event: 'recording_segment_skipped', fields: { name } }]);
  });

  it('grows when segments come after the end', async () => {
    const world = await liveWorld(2, 2);
    await finish(world);
    await world.publish({ durations: [2, 2, 2] });
    await finish(world);
    expect(parseMediaPlaylist(text(world, RECORDED)).segments).toHaveLength(3);
  });

  it('is not made for a stream that does not record', async () => {
    const world = await liveWorld(2, 2);
    await finish(world, [1], false);
    expect([world.open.entry(RECORDING), world.open.entry(RECORDED)]).toEqual([undefined, undefined]);
    expect(parseMediaPlaylist(text(world, LIVE)).ended).toBe(true);
  });
});

describe('mergeSession', () => {
  const merge = (world: DeliveryWorld, ordinal = 1) => world.settled(mergeSession(world, ref(ordinal)));

  it('brings in what a lost event told, of every rendition', async () => {
    const world = await liveWorld(2, 2);
    await world.publish({ durations: [2, 2, 2] });
    const source = await world.ingest.read(sessionPlaylistName(ref()));
    const low = { ...ref(), rendition: 'low' };
    await world.ingest.write(sessionPlaylistName(low), source?.text ?? '', {
      contentType: '',
      cacheControl: '',
      metadata: source?.metadata ?? {},
      ifGenerationMatch: '0',
    });
    await merge(world);
    const renditions = ['source', 'low'].map((rendition) => livePlaylistName({ ...at, rendition }));
    expect(renditions.map((name) => parseMediaPlaylist(text(world, name)).segments.length)).toEqual([3, 3]);
    for (const name of renditions) expect(text(world, INDEX)).toContain(`\n/${name}\n`);
  });

  it('writes nothing when all is contained, superseded or not there', async () => {
    const world = await liveWorld(2, 2);
    await world.publish({ ordinal: 2, durations: [2, 2] });
    await world.settled(updateLive(world, ref(2)));
    await world.publish({ durations: [2, 2, 2] });
    const before = world.writes.length;
    for (const ordinal of [1, 2, 3]) await merge(world, ordinal);
    expect(world.writes).toHaveLength(before);
  });

  it('passes over, and logs, a session playlist without metadata', async () => {
    const world = deliveryWorld();
    await world.ingest.write(sessionPlaylistName(ref()), '', {
      contentType: '',
      cacheControl: '',
      metadata: {},
      ifGenerationMatch: '0',
    });
    await merge(world);
    expect(world.log.lines).toMatchObject([{ level: 'error', event: 'session_playlist_skipped' }]);
  });
});
