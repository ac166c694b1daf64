import type { Page, Route } from 'playwright-core';
import { readClock } from '../../scripts/tools/bench/webrtc-clock';
import { openBrowser } from '../support/platform/browser';
import { type Encoder, publishPattern } from '../support/platform/encoder';
import { realPart } from '../support/platform/real-part';
import { srsMissing } from '../support/platform/srs-platform';
import { type CreatedStream, callApi, createStream, eventually, get } from '../support/platform/viewer';
import { type ScannedPlatform, startScanned } from '../support/secrets/scanned-platform';

interface Said {
  readonly technology: string;
  readonly words: string;
  readonly latency: number;
  readonly behind: number;
  readonly time: number;
}

const read = (page: Page): Promise<Said> =>
  page.evaluate(() => {
    const { technology = '', latencySeconds, behindSeconds } = document.body.dataset;
    return {
      technology,
      words: document.getElementById('status')?.textContent ?? '',
      latency: Number(latencySeconds || Number.NaN),
      behind: Number(behindSeconds),
      time: document.querySelector('video')?.currentTime ?? 0,
    };
  });
const middle = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0;

/** One stream of low latency, on the whole platform, watched by the page as a viewer opens it. */
realPart('a stream of low latency, in Chromium', srsMissing(), () => {
  let platform: ScannedPlatform;
  let browser: Awaited<ReturnType<typeof openBrowser>>;
  let stream: CreatedStream;
  let encoder: Encoder;
  let page: Page;
  const plays = (technology: string, seconds = 40) =>
    eventually(`played by ${technology}`, seconds, async () => (await read(page)).technology === technology);
  const goesOn = async () => {
    const { time } = await read(page);
    await eventually('the picture goes on', 40, async () => Math.abs((await read(page)).time - time) > 1.5);
  };
  const open = async (query = '', file = 'watch.html') => {
    page = await browser.context.newPage();
    await page.goto(`${platform.web}/${file}?id=${stream.id}${query}`);
    await page.waitForSelector('body[data-state=playing]', { timeout: 40_000 });
  };

  beforeAll(async () => {
    [platform, browser] = await Promise.all([startScanned(['--no-demo'], {}, ['webhook']), openBrowser()]);
    stream = await createStream(platform, { title: 'seconds matter', latency: 'low' });
    encoder = publishPattern(`${stream.ingest.rtmp.server}/${stream.ingest.rtmp.streamKey}`);
    const { lowLatencyHls = '' } = stream.playback;
    await eventually('its playlists', 40, async () => {
      const served = await Promise.all([get(stream.playback.hls), get(lowLatencyHls)]);
      return served.every((each) => each !== undefined);
    });
  }, 150_000);
  afterAll(async () => {
    await encoder?.stop('SIGKILL');
    await browser?.close();
    await platform?.end('SIGTERM');
  }, 60_000);
  afterEach(() => page?.close());

  it.each(['watch.html', 'embed.html'])(
    'plays so by itself in %s, and says a delay that is true',
    async (file) => {
      await open('', file);
      expect((await read(page)).technology).toBe('low-latency');
      await eventually('near the broadcast', 40, async () => (await read(page)).behind < 1);
      const said: number[] = [];
      const sampling = setInterval(() => void read(page).then(({ latency }) => said.push(latency)), 250);
      const { lags } = await readClock(page, 5);
      clearInterval(sampling);
      expect(lags.length).toBeGreaterThan(20);
      expect((await read(page)).technology).toBe('low-latency');
      // The encoder and the way to the media server come before the time that a playlist tells.
      expect(Math.abs(middle(lags) / 1000 - middle(said))).toBeLessThan(0.75);
    },
    120_000,
  );

  it('plays by the bucket where the viewer says so', async () => {
    await open('&tech=hls');
    await goesOn();
    expect((await read(page)).technology).toBe('hls');
  }, 120_000);

  it.each([
    ['low latency', ''],
    ['the bucket', '&tech=hls'],
  ])(
    'raises timed metadata by %s when the picture shows the moment at which it was sent',
    async (way, query) => {
      await open(query);
      await eventually('near the broadcast', 40, async () => (await read(page)).behind < 1);
      const raised = page.evaluate(
        () => new Promise<number>((resolve) => addEventListener('srs-live.metadata', () => resolve(Date.now()))),
      );
      const sentAt = Date.now();
      const body = JSON.stringify({ id: way.replace(' ', '-'), data: 'now' });
      expect((await callApi(platform, `/streams/${stream.id}/metadata`, { method: 'POST', body })).status).toBe(202);
      const shownAt = (await raised) - middle((await readClock(page, 3)).lags);
      // Raised when the playlist lists it, it would come some six seconds too early by the bucket.
      expect(Math.abs(shownAt - sentAt)).toBeLessThan(3000);
    },
    120_000,
  );

  it.each<[string, (route: Route) => Promise<void>]>([
    ['answers nobody', (route) => route.abort('connectionrefused')],
    ['is not there', (route) => route.fulfill({ status: 503, headers: { 'cache-control': 'no-store' } })],
    ['answers nothing', () => new Promise(() => undefined)],
  ])(
    'goes on by the bucket while the node %s, says so, and comes back, without a reload',
    async (_what, fail) => {
      await open();
      await plays('low-latency');
      await goesOn();
      await page.evaluate(() => Object.assign(document.body.dataset, { opened: 'once' }));
      await page.route('**/live/**', fail);
      await plays('hls');
      await eventually('the reason', 20, async () => /later than usual/.test((await read(page)).words));
      await goesOn();
      await page.unroute('**/live/**');
      await plays('low-latency', 60);
      await goesOn();
      await eventually('near the broadcast', 40, async () => (await read(page)).behind < 1);
      expect(await page.getAttribute('body', 'data-opened')).toBe('once');
    },
    200_000,
  );

  it('goes on after the agent of its node was killed, without a reload', async () => {
    await open();
    await plays('low-latency', 60);
    await page.evaluate(() => Object.assign(document.body.dataset, { opened: 'once' }));
    const { lowLatencyHls = '' } = stream.playback;
    const before = (await get(lowLatencyHls))?.text;
    process.kill(platform.processes.agent ?? 0, 'SIGKILL');
    await eventually('another playlist of low latency', 40, async () => {
      const now = (await get(lowLatencyHls))?.text;
      return now !== undefined && now !== before;
    });
    await plays('low-latency', 60);
    await goesOn();
    await eventually('near the broadcast', 40, async () => (await read(page)).behind < 1);
    expect(await page.getAttribute('body', 'data-opened')).toBe('once');
  }, 200_000);
});
