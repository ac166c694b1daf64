import type { Browser } from 'playwright-core';
import { z } from 'zod';
import { chromiumPath, openPage, openWebRtcBrowser } from '../../scripts/bench/webrtc-page';
import { type Platform, startPlatform } from '../../scripts/local/run-start';
import { decode } from '../support/media';
import { realPart } from '../support/real-part';
import { callApi, eventually, statusOf } from '../support/viewer';

const PORT_BASE = 24_000;
const { SRS_BIN } = process.env;
const missing = SRS_BIN === undefined ? 'SRS_BIN not set' : chromiumPath === undefined ? 'no Chromium installed' : undefined;
const Created = z.object({ id: z.string(), key: z.string(), playback: z.object({ hls: z.string() }) });

realPart('the page to publish, on a real SRS', missing, () => {
  let platform: Platform;
  let browser: Browser;

  beforeAll(async () => {
    platform = await startPlatform(['--no-demo', '--port-base', String(PORT_BASE)]);
    browser = await openWebRtcBrowser();
    const Nodes = z.object({ nodes: z.array(z.unknown()) });
    const nodes = async () => Nodes.parse(await (await callApi(platform, '/nodes')).json()).nodes;
    await eventually('a node that is heard of', 20, async () => (await nodes()).length > 0);
  }, 180_000);
  afterAll(async () => {
    await browser?.close();
    await platform?.end('SIGTERM');
  }, 60_000);

  it('puts a camera on air, and takes it off', async () => {
    const answer = await callApi(platform, '/streams', { method: 'POST', body: JSON.stringify({ title: 'from a browser' }) });
    const { id, key, playback } = Created.parse(await answer.json());
    const page = await openPage(browser, platform.web);
    await page.goto(`${platform.web}/publish.html`);
    await page.fill('#stream-key', `${id}?key=${key}`);
    await page.click('#start');
    await page.waitForSelector('body[data-state=live]', { timeout: 20_000 });
    await eventually('an index', 40, async () => (await fetch(playback.hls)).ok);
    const { frames, audioSeconds } = await decode(playback.hls, 4);
    expect(frames).toBeGreaterThan(50);
    expect(audioSeconds).toBeGreaterThan(3);
    await page.click('#stop');
    await eventually('not live any more', 20, async () => (await statusOf(platform, id)) !== 'live');
  }, 120_000);
});
