import { z } from 'zod';
import { type Encoder, publish } from '../support/platform/encoder';
import { decode } from '../support/platform/media';
import { realPart } from '../support/platform/real-part';
import { secondNode, secondNodeMissing } from '../support/platform/second-node';
import {
  type CreatedStream,
  callApi,
  createStream,
  eventually,
  get,
  livePlaylist,
  pause,
  statusOf,
  tagOf,
  urisOf,
} from '../support/platform/viewer';
import { type Watcher, watch } from '../support/platform/watcher';
import { type ScannedPlatform, startScanned } from '../support/secrets/scanned-platform';

/**
 * Faults on real media. The scenarios run side by side, each with a stream of its own, on one platform; what hits the
 * whole node comes after them.
 */
let platform: ScannedPlatform;
const encoders: Encoder[] = [];
const watchers: Watcher[] = [];

interface Scene {
  stream: CreatedStream;
  watcher: Watcher;
  /** `server`: another node's than the one the API names. */
  publish(options?: Parameters<typeof publish>[1], server?: string): Encoder;
  /** Waits until the live playlist names at least so many segments more than now. */
  grows(count: number): Promise<string>;
}

async function scene(title: string, body: Readonly<Record<string, unknown>> = {}): Promise<Scene> {
  const stream = await createStream(platform, { title, ...body });
  const watcher = watch(stream.playback.hls);
  watchers.push(watcher);
  const own: Encoder[] = [];
  const length = () => watcher.playlists().reduce((sum, path) => sum + watcher.segments(path).length, 0);
  return {
    stream,
    watcher,
    publish(options, server = stream.ingest.rtmp.server) {
      const encoder = publish(`${server}/${stream.ingest.rtmp.streamKey}`, options);
      encoders.push(encoder);
      own.push(encoder);
      return encoder;
    },
    async grows(count) {
      const from = length();
      const awaited = () =>
        `${title}: ${count} segments after ${from}; encoders said: ${own.map((one) => one.stderr())}`;
      await eventually(awaited, 40, async () => length() >= from + count);
      return watcher.playlists().at(-1) ?? '';
    },
  };
}

const LOST_REGION = 'europe-west4';
const NodeStates = z.object({ nodes: z.array(z.object({ id: z.string(), state: z.string() })) });
const sessionOf = (uri: string): string => uri.split('/')[4] ?? '';
const sessionsIn = (segments: readonly string[]): string[] => [...new Set(segments.map(sessionOf))];

/** Segment numbers of every session in the order seen: each must count up by one from 0. */
function gaps(segments: readonly string[]): string[] {
  const next = new Map<string, number>();
  return segments.filter((uri) => {
    const number = Number(/(\d+)\.ts$/.exec(uri)?.[1]);
    const expected = next.get(sessionOf(uri)) ?? 0;
    next.set(sessionOf(uri), number + 1);
    return number !== expected;
  });
}

async function returnsAfter(
  seconds: number,
): Promise<{ playlists: readonly string[]; segments: readonly string[]; text: string; problems: readonly string[] }> {
  const { watcher, grows, publish: start } = await scene(`returns after ${seconds} s`);
  const first = start();
  const path = await grows(3);
  await first.stop();
  await pause(seconds * 1000);
  const second = start();
  await eventually(
    'the second session in the playlist',
    20,
    async () => sessionsIn(watcher.segments(path)).length === 2,
  );
  await grows(2);
  await second.stop();
  await pause(2500);
  return {
    playlists: watcher.playlists(),
    segments: watcher.segments(path),
    text: watcher.newest(path),
    problems: watcher.problems(),
  };
}

async function returnsAfterTheWindow() {
  const {
    stream,
    watcher,
    grows,
    publish: start,
  } = await scene('returns after the window', { reconnectWindowSeconds: 5 });
  const first = start();
  await grows(3);
  await first.stop();
  await pause(7000);
  const between = await statusOf(platform, stream.id);
  const second = start();
  await eventually('a second live playlist', 20, async () => watcher.playlists().length === 2);
  const [old = '', fresh = ''] = watcher.playlists();
  await eventually('ENDLIST of the first broadcast', 75, async () => watcher.newest(old).includes('#EXT-X-ENDLIST'));
  const recording = await eventually('the recording', 10, () =>
    get(new URL(old.replace(/[^/]+$/, 'recording.m3u8'), stream.playback.hls).href),
  );
  const [media = ''] = urisOf(recording.text);
  const vod = await get(new URL(media, stream.playback.hls).href);
  await second.stop();
  return { between, old: watcher.segments(old), fresh: watcher.segments(fresh), vod, problems: watcher.problems() };
}

async function twoPublishers() {
  const { stream, watcher, grows, publish: start } = await scene('two publishers');
  const first = start();
  const path = await grows(2);
  const second = start();
  const loser = await Promise.race([first.exited.then(() => 'first'), second.exited.then(() => 'second')]);
  const published = () => sessionsIn(watcher.segments(path)).length;
  await eventually('segments of the second publisher', 40, async () => published() === 2);
  await grows(2);
  const status = await statusOf(platform, stream.id);
  await second.stop();
  return {
    loser,
    status,
    playlists: watcher.playlists(),
    sessions: sessionsIn(watcher.segments(path)),
    problems: watcher.problems(),
  };
}

const SessionRegion = z.object({ session: z.object({ region: z.string() }) });
const regionOf = async ({ id }: CreatedStream): Promise<string> =>
  SessionRegion.parse(await (await callApi(platform, `/streams/${id}`)).json()).session.region;

/** A publisher that begins after the loss; resolves to the seconds until its first segment can be played. */
async function arrives(): Promise<number> {
  const { grows, publish: start } = await scene('arrives after the loss');
  const from = performance.now();
  start();
  await grows(1);
  return (performance.now() - from) / 1000;
}

/** All nodes of a region are gone. One of their encoders comes back in the other at once, one stays away. */
async function regionVanishes() {
  const node = await secondNode(platform, { region: LOST_REGION });
  const moving = await scene('moves to the other node');
  const staying = await scene('stays away');
  const first = moving.publish({}, node.rtmp);
  staying.publish({}, node.rtmp);
  const [path] = await Promise.all([moving.grows(3), staying.grows(3)]);
  const before = await regionOf(moving.stream);
  await node.vanish();
  const arrival = arrives();
  const goneAt = performance.now();
  await first.exited;
  moving.publish();
  await eventually(
    'a segment from the other node',
    30,
    async () => sessionsIn(moving.watcher.segments(path)).length === 2,
  );
  const takeoverSeconds = (performance.now() - goneAt) / 1000;
  const arrivalSeconds = await arrival;
  const regions = [before, await regionOf(moving.stream)];
  await moving.grows(3);
  const stateOf = async () => {
    const { nodes } = NodeStates.parse(await (await callApi(platform, '/nodes')).json());
    return nodes.find(({ id }) => id === node.id)?.state;
  };
  await eventually(
    'not live any more',
    40,
    async () => (await statusOf(platform, staying.stream.id)) === 'reconnecting',
  );
  const notLiveAfterSeconds = (performance.now() - goneAt) / 1000;
  await eventually('a lost node', 30, async () => (await stateOf()) === 'lost');
  await moving.grows(3);
  staying.publish();
  await staying.grows(2);
  const seen = ({ watcher, stream }: Scene) =>
    statusOf(platform, stream.id).then((status) => ({
      status,
      playlists: watcher.playlists(),
      problems: watcher.problems(),
    }));
  return {
    notLiveAfterSeconds,
    takeoverSeconds,
    arrivalSeconds,
    regions,
    moving: {
      ...(await seen(moving)),
      segments: moving.watcher.segments(path),
      text: moving.watcher.newest(path),
    },
    staying: await seen(staying),
  };
}

beforeAll(async () => {
  platform = await startScanned(['--no-demo']);
}, 120_000);

afterAll(async () => {
  await Promise.all(encoders.map((encoder) => encoder.stop('SIGKILL')));
  await Promise.all(watchers.map((watcher) => watcher.stop()));
  await platform?.end('SIGTERM');
}, 60_000);

describe('publishers that come and go', () => {
  const scenes: Partial<{
    two: ReturnType<typeof returnsAfter>;
    twenty: ReturnType<typeof returnsAfter>;
    late: ReturnType<typeof returnsAfterTheWindow>;
    rivals: ReturnType<typeof twoPublishers>;
    vanished: ReturnType<typeof regionVanishes>;
  }> = {};
  beforeAll(() => {
    scenes.two = returnsAfter(2);
    scenes.twenty = returnsAfter(20);
    scenes.late = returnsAfterTheWindow();
    scenes.rivals = twoPublishers();
    if (secondNodeMissing() === undefined) scenes.vanished = regionVanishes();
    // Each test awaits its own; one that fails meanwhile is not unhandled.
    for (const run of Object.values(scenes)) run.catch(() => undefined);
  });

  it.each([['two' as const], ['twenty' as const]])(
    'goes on in the same live playlist with a discontinuity after %s seconds',
    async (name) => {
      const result = await scenes[name];
      expect(result?.problems).toEqual([]);
      expect(result?.playlists).toHaveLength(1);
      expect(sessionsIn(result?.segments ?? [])).toHaveLength(2);
      expect(gaps(result?.segments ?? [])).toEqual([]);
      expect(result?.text).toContain('#EXT-X-DISCONTINUITY\n');
      expect(result?.text).not.toContain('#EXT-X-ENDLIST');
    },
    120_000,
  );

  it('opens a new broadcast after the window, ends the old playlist and records it whole', async () => {
    const result = await scenes.late;
    expect(result?.problems).toEqual([]);
    expect(result?.between).toBe('ended');
    expect(tagOf(result?.vod?.text ?? '', 'EXT-X-MEDIA-SEQUENCE')).toBe(0);
    expect(urisOf(result?.vod?.text ?? '')).toEqual(result?.old);
    expect(result?.vod?.text).toContain('#EXT-X-ENDLIST');
    expect(result?.vod?.headers.get('cache-control')).toBe('public, max-age=86400');
    expect(sessionsIn(result?.fresh ?? [])).not.toEqual(sessionsIn(result?.old ?? []));
    expect((await decode(result?.vod?.url ?? '', 4)).frames).toBeGreaterThanOrEqual(90);
  }, 180_000);

  it('lets the newest of two publishers win, in the same live playlist', async () => {
    const result = await scenes.rivals;
    expect(result?.loser).toBe('first');
    expect(result?.status).toBe('live');
    expect(result?.playlists).toHaveLength(1);
    expect(result?.sessions).toHaveLength(2);
    expect(result?.problems).toEqual([]);
  }, 120_000);

  realPart('of two regions, of which one is lost', secondNodeMissing(), () => {
    it('continue their live playlist in the other, and begin there; without a return they are not live', async () => {
      const result = await scenes.vanished;
      expect(result?.notLiveAfterSeconds).toBeLessThan(30);
      for (const one of [result?.moving, result?.staying]) {
        expect(one).toMatchObject({ status: 'live', problems: [] });
        expect(one?.playlists).toHaveLength(1);
      }
      expect(sessionsIn(result?.moving.segments ?? [])).toHaveLength(2);
      expect(gaps(result?.moving.segments ?? [])).toEqual([]);
      expect(result?.moving.text.match(/^#EXT-X-DISCONTINUITY$/gm)).toHaveLength(1);
      expect(result?.regions).toEqual([LOST_REGION, 'europe-west1']);
      // A takeover that waits until the dead node is lost takes 30 s.
      expect(result?.takeoverSeconds).toBeLessThan(20);
      expect(result?.arrivalSeconds).toBeLessThan(20);
    }, 180_000);
  });
});

describe('parts that die', () => {
  it('keeps running streams whole while the hook function is away for 20 seconds', async () => {
    const { stream, watcher, grows, publish: start } = await scene('hooks away');
    const encoder = start();
    const path = await grows(2);
    const pid = platform.processes['srs-hooks'];
    expect(pid).toBeDefined();
    process.kill(pid ?? 0, 'SIGSTOP');
    await pause(20_000);
    process.kill(pid ?? 0, 'SIGCONT');
    await grows(3);
    await eventually('live again', 15, async () => (await statusOf(platform, stream.id)) === 'live');
    await encoder.stop();
    expect(sessionsIn(watcher.segments(path))).toHaveLength(1);
    expect(watcher.segments(path).length).toBeGreaterThanOrEqual(12);
    expect(gaps(watcher.segments(path))).toEqual([]);
    expect(watcher.problems()).toEqual([]);
  }, 120_000);

  it('goes on without a gap or a renamed segment when the agent is killed', async () => {
    const { watcher, grows, publish: start } = await scene('agent killed');
    const encoder = start();
    const path = await grows(2);
    process.kill(platform.processes.agent ?? 0, 'SIGKILL');
    await grows(6);
    await encoder.stop();
    expect(watcher.playlists()).toEqual([path]);
    expect(sessionsIn(watcher.segments(path))).toHaveLength(1);
    expect(gaps(watcher.segments(path))).toEqual([]);
    expect(watcher.newest(path)).not.toContain('#EXT-X-DISCONTINUITY\n');
    expect(watcher.problems()).toEqual([]);
  }, 120_000);

  it('is reconnecting when SRS is killed, ended after the window, and recorded to the last whole segment', async () => {
    const { stream, watcher, grows, publish: start } = await scene('origin killed', { reconnectWindowSeconds: 10 });
    start();
    const path = await grows(4);
    process.kill(platform.processes.origin ?? 0, 'SIGKILL');
    await eventually('reconnecting', 30, async () => (await statusOf(platform, stream.id)) === 'reconnecting');
    await eventually('ended', 30, async () => (await statusOf(platform, stream.id)) === 'ended');
    await eventually('ENDLIST', 75, async () => watcher.newest(path).includes('#EXT-X-ENDLIST'));
    const recording = await eventually('the recording', 10, () =>
      get(new URL(path.replace(/[^/]+$/, 'recording-source.m3u8'), stream.playback.hls).href),
    );
    expect(urisOf(recording.text)).toEqual(watcher.segments(path));
    expect(watcher.problems()).toEqual([]);
  }, 180_000);
});

describe('a stream that is deleted', () => {
  it('is gone for publishers and viewers', async () => {
    const { stream, grows, publish: start } = await scene('deleted');
    const encoder = start();
    await grows(1);
    expect((await callApi(platform, `/streams/${stream.id}`, { method: 'DELETE' })).status).toBe(204);
    await encoder.exited;
    await eventually('nothing left to watch', 10, async () => (await livePlaylist(stream.playback.hls)) === undefined);
    expect((await callApi(platform, `/streams/${stream.id}`)).status).toBe(404);
  }, 90_000);
});
