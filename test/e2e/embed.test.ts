import { createServer } from 'node:http';
import { z } from 'zod';
import { close, listen } from '../../scripts/emulators/server/listen';
import { missingBrowser, openBrowser } from '../support/platform/browser';
import { type Encoder, publish } from '../support/platform/encoder';
import { realPart } from '../support/platform/real-part';
import { callApi, createStream, eventually, statusOf } from '../support/platform/viewer';
import { type ScannedPlatform, startScanned } from '../support/secrets/scanned-platform';

/** A page of a site of its own, `localhost` and not 127.0.0.1, with the code that the platform's page makes. */
realPart('a player in a page of another origin, in Chromium', missingBrowser, () => {
  let platform: ScannedPlatform;
  let browser: Awaited<ReturnType<typeof openBrowser>>;
  let code = '';
  let site = '';
  const encoders: Encoder[] = [];
  const server = createServer((_request, response) => {
    const html = `<!doctype html><title>A page of somebody</title><h1>Ours</h1>${code}`;
    response.writeHead(200, { 'content-type': 'text/html' }).end(html);
  });

  beforeAll(async () => {
    [platform, browser] = await Promise.all([startScanned([], {}, ['webhook']), openBrowser()]);
    site = `http://localhost:${await listen(server, 0, 'another site')}`;
  }, 120_000);
  afterAll(async () => {
    for (const encoder of encoders) await encoder.stop('SIGKILL');
    await browser?.close();
    await close(server);
    await platform?.end('SIGTERM');
  }, 60_000);

  /** Waits until the player in the frame has played for two seconds. */
  async function playsInFrame(html: string): Promise<void> {
    code = html;
    const page = await browser.context.newPage();
    await page.goto(site);
    const video = page.frameLocator('iframe').locator('#video');
    await eventually('a picture in the frame', 60, async () => {
      const time = await video.evaluate((element) => (element instanceof HTMLVideoElement ? element.currentTime : 0));
      return time > 2;
    });
    const body = page.frameLocator('iframe').locator('body');
    expect(await body.getAttribute('data-state')).toBe('playing');
    await page.close();
  }

  it('plays an open stream by the code of the generator, which is tested there first', async () => {
    const page = await browser.context.newPage();
    await page.goto(`${platform.web}/embed-code.html`);
    await page.fill('#stream-id', 'nonsense');
    await page.click('text=Test now');
    expect(await page.textContent('#status')).toBe('Stream id: use 16 of a-z, 0-9.');
    expect(await page.inputValue('#code')).toBe('');
    await page.fill('#stream-id', platform.demo?.streamId ?? '');
    await page.click('text=Test now');
    await page.frameLocator('iframe').locator('body[data-state=playing]').waitFor({ timeout: 60_000 });
    const made = await page.inputValue('#code');
    await page.fill('#server', 'https://live.example.com');
    await page.click('text=Test now');
    expect(await page.textContent('#status')).toMatch(/^Only http.* can be tested here/);
    await page.close();
    await playsInFrame(made);
  }, 180_000);

  it('plays a gated stream with its grant', async () => {
    const stream = await createStream(platform, { title: 'Gated, in a frame', policy: 'gated' });
    encoders.push(publish(`${stream.ingest.rtmp.server}/${stream.ingest.rtmp.streamKey}`));
    await eventually('live', 30, async () => (await statusOf(platform, stream.id)) === 'live');
    const answer = await callApi(platform, `/streams/${stream.id}/grants`, { method: 'POST', body: '{}' });
    const { playback } = z.object({ playback: z.object({ page: z.string() }) }).parse(await answer.json());
    const src = new URL(playback.page);
    src.pathname = '/embed.html';
    await playsInFrame(`<iframe src="${src}" allow="autoplay; fullscreen"></iframe>`);
  }, 180_000);

  it('refuses frames of the console, the home page and the page to publish', async () => {
    for (const name of ['console', 'index', 'publish', 'two-way', 'embed-code']) {
      const answer = await fetch(`${platform.web}/${name}.html`);
      expect([name, answer.headers.get('x-frame-options')]).toEqual([name, 'DENY']);
    }
  }, 30_000);
});
