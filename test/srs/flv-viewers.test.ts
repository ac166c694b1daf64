import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { z } from 'zod';
import { realPart } from '../support/platform/real-part';
import { type Scene, SrsPlatform, srsMissing } from '../support/platform/srs-platform';
import { eventually } from '../support/platform/viewer';

/** The limit of one address in the environment `dev`: `api.limits.flv.perAddress`. */
const OF_AN_ADDRESS = 12;
const Clients = z.object({ clients: z.array(z.object({ publish: z.boolean(), url: z.string() })) });

/** HTTP-FLV viewers on a real SRS: what they hold there ends with them. */
realPart('viewers by HTTP-FLV on a real SRS', srsMissing(), () => {
  let srs: SrsPlatform;
  let scene: Scene;
  const open: IncomingMessage[] = [];

  beforeAll(async () => {
    srs = await SrsPlatform.start();
    scene = await srs.scene('watched by FLV');
    // Constant and large, so that a reader who takes nothing is noticed before the buffers on the way have held it all.
    scene.rtmp({ bitrate: '8M' });
    await scene.grows(2);
  }, 180_000);
  afterAll(() => srs?.end(), 60_000);
  afterEach(async () => {
    for (const viewer of open.splice(0)) viewer.destroy();
    await eventually('that nobody plays', 30, async () => (await playing()) === 0);
  }, 40_000);

  /** Connections at SRS that play the stream. */
  async function playing(): Promise<number> {
    const answer = await fetch(`${srs.srsApi}/api/v1/clients/?start=0&count=1000`);
    const { clients } = Clients.parse(await answer.json());
    return clients.filter(({ publish, url }) => !publish && url.includes(scene.id)).length;
  }

  async function view(): Promise<IncomingMessage> {
    const [answer] = await once(get(scene.playback.flv, { agent: false }), 'response');
    const viewer: IncomingMessage = answer;
    viewer.on('error', () => undefined);
    open.push(viewer);
    return viewer;
  }

  it('leave nothing open that only asked by HEAD, twenty times', async () => {
    const asked = Array.from({ length: 20 }, () => fetch(scene.playback.flv, { method: 'HEAD' }));
    const answers = await Promise.all(asked);
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(await playing()).toBe(0);
  }, 60_000);

  it('are as many of an address as it may have; a place that is given back is taken again', async () => {
    const viewers = await Promise.all(Array.from({ length: OF_AN_ADDRESS }, view));
    for (const viewer of viewers) viewer.resume();
    expect(new Set(viewers.map(({ statusCode }) => statusCode))).toEqual(new Set([200]));
    expect((await view()).statusCode).toBe(429);
    viewers[0]?.destroy();
    await eventually('a place', 20, async () => {
      const viewer = await view();
      viewer.resume();
      return viewer.statusCode === 200;
    });
    await eventually('who plays at SRS', 20, async () => (await playing()) === OF_AN_ADDRESS);
  }, 90_000);

  it('are cut when they read nothing, and keep no other from reading', async () => {
    const stalled = await view();
    const reader = await view();
    let bytes = 0;
    reader.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
    });
    stalled.pause();
    await eventually('that one plays, not two', 110, async () => (await playing()) === 1);
    const before = bytes;
    await eventually('that the other reads on', 20, async () => bytes > before + 1_000_000);
    expect(scene.watcher.problems()).toEqual([]);
  }, 150_000);
});
