import type { Page } from 'playwright-core';
import { ViewersAnswer } from '../../functions/contract/api/viewers';
import { missingBrowser, openBrowser } from '../support/platform/browser';
import { type Encoder, publish } from '../support/platform/encoder';
import { realPart } from '../support/platform/real-part';
import {
  type CreatedStream,
  callApi,
  createStream,
  eventually,
  livePlaylist,
  statusOf,
} from '../support/platform/viewer';
import { type ScannedPlatform, startScanned } from '../support/secrets/scanned-platform';

/** The console on a phone: at night an operator may have nothing else at hand. */
realPart('the console in Chromium, 390 pixels wide', missingBrowser, () => {
  let platform: ScannedPlatform;
  let browser: Awaited<ReturnType<typeof openBrowser>>;
  let page: Page;
  const encoders: Encoder[] = [];

  beforeAll(async () => {
    [platform, browser] = await Promise.all([startScanned(['--no-demo'], {}, ['webhook']), openBrowser()]);
    page = await browser.context.newPage();
    await page.setViewportSize({ width: 390, height: 844 });
    await page.goto(`${platform.web}/console.html`);
    await page.fill('#admin-key', platform.adminKey);
    await page.click('#key-form button');
  }, 120_000);
  afterAll(async () => {
    for (const encoder of encoders) await encoder.stop('SIGKILL');
    await browser?.close();
    await platform?.end('SIGTERM');
  }, 60_000);

  const send = (stream: CreatedStream, key = stream.ingest.rtmp.streamKey): Encoder => {
    const encoder = publish(`${stream.ingest.rtmp.server}/${key}`);
    encoders.push(encoder);
    return encoder;
  };
  const live = (stream: CreatedStream) =>
    eventually('live', 30, async () => (await statusOf(platform, stream.id)) === 'live');
  /** Opens one stream from the list, found by the beginning of its title. */
  async function open(title: string): Promise<void> {
    await page.click('nav a[href="#streams"]');
    await page.fill('#filter-title', title.slice(0, 6));
    await page.click('text=Search');
    await page.click(`#view a:has-text("${title}")`);
    await page.waitForSelector(`h2:has-text("${title}")`);
  }
  /** Clicks a button that asks for a second click, twice. */
  async function sure(word: string): Promise<void> {
    await page
      .locator('#view button', { hasText: new RegExp(`^${word}$`) })
      .first()
      .click();
    await page
      .locator('#view button', { hasText: `Really ${word.toLowerCase()}?` })
      .first()
      .click();
  }

  it('takes a stream down and brings it back', async () => {
    const stream = await createStream(platform, { title: 'Unwanted' });
    send(stream);
    await live(stream);
    await eventually('a playlist', 30, () => livePlaylist(stream.playback.hls));
    await open('Unwanted');
    await page.waitForSelector('#view .status-live');
    await sure('Suspend');
    await page.waitForSelector('text=/, suspended$/');
    await eventually('no playlist', 30, async () => (await livePlaylist(stream.playback.hls)) === undefined);
    await page.click('text=Resume');
    await page.waitForSelector('#view button:has-text("Suspend")');
  }, 120_000);

  it('shows how many watch, by the beacons of their players, until they close the page', async () => {
    const stream = await createStream(platform, { title: 'Watched' });
    send(stream);
    await live(stream);
    const viewers = async () => {
      const answer = await callApi(platform, `/streams/${stream.id}/viewers`);
      return ViewersAnswer.parse(await answer.json());
    };
    const watching = await Promise.all([browser.context.newPage(), browser.context.newPage()]);
    for (const each of watching) await each.goto(`${platform.web}/watch.html?id=${stream.id}`);
    for (const each of watching) await each.waitForSelector('body[data-state=playing]', { timeout: 90_000 });
    await eventually('two viewers', 60, async () => (await viewers()).viewers === 2);
    const { methods, broadcast } = await viewers();
    expect(methods.beacons).toEqual({ hls: 2 });
    expect(broadcast).toMatchObject({ viewings: 2, peak: { viewers: 2 } });
    await open('Watched');
    await page.waitForSelector('text=/^2 now/');
    for (const each of watching) await each.close({ runBeforeUnload: true });
    await eventually('nobody', 60, async () => (await viewers()).viewers === 0);
  }, 300_000);

  it('gives a new key, with which a publisher is on air, and ends the old one at once', async () => {
    const stream = await createStream(platform, { title: 'Leaked' });
    await open('Leaked');
    await sure('New key, end the old one now');
    const key = await page.locator('label:has-text("Stream key") input').inputValue();
    expect(key).toMatch(new RegExp(`^${stream.id}\\?key=sk_[a-z2-7]{32}$`));
    expect(key).not.toBe(stream.ingest.rtmp.streamKey);
    expect(await send(stream).exited).not.toBe(0);
    send(stream, key);
    await live(stream);
    expect(page.url()).not.toContain('sk_');
    await page.click('nav a[href="#nodes"]');
    await page.waitForSelector('#view .status-up');
    expect(await page.locator('#view input').count()).toBe(0);
    await open('Leaked');
    await sure('Stop');
    await eventually('over', 30, async () => (await statusOf(platform, stream.id)) === 'ended');
  }, 120_000);

  it.each(['open', 'gated'] as const)(
    'plays a recording of a stream that is %s, and deletes it',
    async (policy) => {
      const title = `Recorded ${policy}`;
      const stream = await createStream(platform, { title, policy, reconnectWindowSeconds: 0 });
      const encoder = send(stream);
      await live(stream);
      await new Promise((resolve) => setTimeout(resolve, 8000));
      await encoder.stop();
      await page.click('nav a[href="#streams"]');
      await page.fill('#filter-title', title);
      await page.click('text=Search');
      await page.click(`#view a:has-text("${title}")`);
      const play = page.locator('#view button', { hasText: /^Play$/ });
      await play.waitFor({ timeout: 90_000 });
      await play.click();
      const passed = () => (document.querySelector<HTMLVideoElement>('#recording')?.currentTime ?? 0) > 2;
      await page.waitForFunction(passed, undefined, { timeout: 40_000 });
      await page.click('#close-player');
      await page.locator('#view li button', { hasText: /^Delete$/ }).click();
      await page.locator('#view li button', { hasText: 'Really delete?' }).click();
      await page.waitForSelector('text=There are no recordings.');
    },
    180_000,
  );

  it('shows a title of wide letters and marks whole, without moving the page sideways', async () => {
    const title = `${'𝕎'.repeat(60)} \u202eevil\u202c 🎬 <img src=x onerror=alert(1)>`;
    const stream = await createStream(platform, { title });
    await page.goto(`${platform.web}/console.html#stream=${stream.id}`);
    await page.waitForFunction((text) => document.querySelector('#view h2')?.textContent === text, title);
    expect(await page.locator('#view img').count()).toBe(0);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
  }, 60_000);

  it('forgets a key that the API refuses, and says so', async () => {
    await page.click('#leave');
    await page.fill('#admin-key', 'x'.repeat(40));
    await page.click('#key-form button');
    await page.waitForSelector('text=This key is not valid.');
    expect(await page.isVisible('#console')).toBe(false);
    expect(await page.evaluate(() => sessionStorage.getItem('admin-key'))).toBeNull();
  }, 60_000);
});
