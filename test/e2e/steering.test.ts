import type { Page } from 'playwright-core';
import { SECOND_CDN_ADDRESS } from '../../scripts/local/second-cdn';
import { type Rig, startRig } from '../../scripts/tools/faults/rig';
import { missingBrowser, openBrowser } from '../support/platform/browser';
import { type Encoder, publishPattern } from '../support/platform/encoder';
import { realPart } from '../support/platform/real-part';
import { type CreatedStream, callApi, createStream, get } from '../support/platform/viewer';
import { freeBase } from '../support/platform/worker-ports';

type Cdn = 'main' | 'second';

/** A viewer of the watch page: where its segments come from, and whether it goes on. */
interface Viewer {
  readonly page: Page;
  /** The CDN of the newest segment that came. */
  cdn(): Cdn | undefined;
  /** True while the page is the one that was opened, and its picture moved since the last look. */
  goesOn(): Promise<boolean>;
}

/** Longer than the TTL of 30 s and the 10 s that caches keep a manifest. */
const MOVE_MS = 60_000;
const EVERY_MS = 250;

realPart('two CDNs', missingBrowser, () => {
  let rig: Rig;
  let stream: CreatedStream;
  let encoder: Encoder;
  let browser: Awaited<ReturnType<typeof openBrowser>>;
  const platform = () => ({ api: rig.stack.addresses.edge, adminKey: rig.stack.addresses.adminKey });

  beforeAll(async () => {
    [rig, browser] = await Promise.all([startRig({ portBase: await freeBase(), secondCdnWeight: 0 }), openBrowser()]);
    stream = await createStream(platform(), { title: 'two CDNs' });
    encoder = publishPattern(`${stream.ingest.rtmp.server}/${stream.ingest.rtmp.streamKey}`);
    await until(async () => (await get(stream.playback.hls)) !== undefined, 'the stream plays');
  }, 180_000);

  afterAll(async () => {
    await browser?.close();
    await encoder?.stop('SIGKILL');
    await rig?.stop();
  }, 60_000);

  async function until(condition: () => boolean | Promise<boolean>, what: string, limitMs = MOVE_MS): Promise<number> {
    const began = performance.now();
    while (!(await condition())) {
      if (performance.now() - began > limitMs) throw new Error(`not within ${limitMs / 1000} s: ${what}`);
      await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
    }
    return performance.now() - began;
  }

  async function watch(): Promise<Viewer> {
    const page = await browser.context.newPage();
    let newest: Cdn | undefined;
    let steered = false;
    page.on('requestfinished', (request) => {
      const { pathname, hostname } = new URL(request.url());
      if (pathname.startsWith('/open/s/')) newest = hostname === SECOND_CDN_ADDRESS ? 'second' : 'main';
      if (pathname.startsWith('/open/p/steering/')) steered = true;
    });
    await page.goto(`${rig.stack.addresses.edge}/watch.html?id=${stream.id}`);
    await page.waitForSelector('body[data-state=playing]', { timeout: 60_000 });
    await page.evaluate(() => document.body.setAttribute('data-opened-once', ''));
    await until(() => steered, 'the player reads the steering manifest');
    let last = -1;
    return {
      page,
      cdn: () => newest,
      goesOn: async () => {
        const [isSame, at] = await page.evaluate(() => [
          document.body.hasAttribute('data-opened-once'),
          document.querySelector('video')?.currentTime ?? 0,
        ]);
        const before = last;
        last = Number(at);
        return isSame === true && last > before;
      },
    };
  }

  const order = async (priority: readonly Cdn[]) => {
    const answer = await callApi(platform(), '/cdns/priority', { method: 'PUT', body: JSON.stringify({ priority }) });
    expect(answer.status).toBe(200);
  };

  it('an index names its steering manifest, which is there, and both CDNs have both', async () => {
    const { text } = (await get(stream.playback.hls)) ?? { text: '' };
    expect(text).toContain('#EXT-X-CONTENT-STEERING:SERVER-URI="/open/p/steering/main.json",PATHWAY-ID="main"');
    const elsewhere = (path: string) => `http://${SECOND_CDN_ADDRESS}:${rig.ports.edge}${path}`;
    expect((await get(elsewhere(new URL(stream.playback.hls).pathname)))?.text).toContain('CONTENT-STEERING');
    const manifest = await fetch(elsewhere('/open/p/steering/main.json'));
    expect(await manifest.json()).toMatchObject({ 'PATHWAY-PRIORITY': ['main', 'second'] });
  });

  it('viewers move to the second CDN when the order is turned round, and go on by the first when it dies', async () => {
    const viewers = [await watch(), await watch()];
    expect(viewers.map(({ cdn }) => cdn())).toEqual(['main', 'main']);
    await order(['second', 'main']);
    const all = (cdn: Cdn) => viewers.every((viewer) => viewer.cdn() === cdn);
    const movedMs = await until(() => all('second'), 'all viewers are on the second CDN');
    await rig.stack.controls.secondCdn?.stop();
    const healedMs = await until(() => all('main'), 'all viewers are on the main CDN again');
    for (const viewer of viewers) {
      await viewer.goesOn();
      await until(() => viewer.goesOn(), 'the picture moves, on the page that was opened');
      await viewer.page.close();
    }
    await rig.stack.controls.secondCdn?.start();
    process.stdout.write(`two CDNs: moved in ${Math.round(movedMs)} ms, healed in ${Math.round(healedMs)} ms\n`);
  }, 240_000);

  it('viewers go on by the second CDN when the edge they were on dies', async () => {
    await order(['main', 'second']);
    await until(async () => {
      const manifest = await fetch(`${rig.stack.addresses.edge}/open/p/steering/main.json`);
      return (await manifest.text()).includes('["main","second"]');
    }, 'the caches have the new order');
    const viewer = await watch();
    await until(() => viewer.cdn() === 'main', 'the viewer is on the main CDN');
    await rig.stack.controls.outages.edge.stop();
    try {
      const healedMs = await until(() => viewer.cdn() === 'second', 'the viewer is on the second CDN');
      await viewer.goesOn();
      await until(() => viewer.goesOn(), 'the picture moves, on the page that was opened');
      process.stdout.write(`two CDNs: the main edge was left in ${Math.round(healedMs)} ms\n`);
    } finally {
      await rig.stack.controls.outages.edge.start();
    }
  }, 240_000);
});
