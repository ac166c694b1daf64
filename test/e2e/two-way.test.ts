import { readFileSync } from 'node:fs';
import { missingBrowser, openBrowser } from '../support/platform/browser';
import { realPart } from '../support/platform/real-part';
import { eventually } from '../support/platform/viewer';
import { type ScannedPlatform, startScanned } from '../support/secrets/scanned-platform';

/** The steps of the customer's document that need no WebRTC: a real SRS has the rest, `test/srs/call-flow.test.ts`. */
realPart('the two-way page on the built-in origin', missingBrowser, () => {
  let platform: ScannedPlatform;
  let browser: Awaited<ReturnType<typeof openBrowser>>;
  beforeAll(async () => {
    [platform, browser] = await Promise.all([startScanned([], {}, ['event', 'webhook']), openBrowser()]);
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    await platform?.end('SIGTERM');
  }, 60_000);

  async function open() {
    const page = await browser.context.newPage();
    await page.goto(`${platform.web}/two-way.html`);
    const says = (line: string, words: RegExp) =>
      page.waitForFunction(
        ([id = '', text = '']) => new RegExp(text).test(document.getElementById(id)?.textContent ?? ''),
        [line, words.source],
        {
          polling: 100,
          timeout: 60_000,
        },
      );
    return { page, says };
  }

  it('plays by HLS where the node has no WebRTC, and stops', async () => {
    const { page, says } = await open();
    await page.click('#connect');
    await says('connect-status', /^ESTABLISHED$/);
    await page.fill('#stream-id', platform.demo?.streamId ?? '');
    await page.click('#play');
    await says('play-status', /^PLAYING$/);
    const from = await page.evaluate(() => document.querySelector<HTMLVideoElement>('#player video')?.currentTime ?? 0);
    await page.waitForFunction(
      (at) => (document.querySelector<HTMLVideoElement>('#player video')?.currentTime ?? 0) > at + 2,
      from,
    );
    await page.click('#play');
    await says('play-status', /^STOPPED$/);
    expect(await page.locator('#player video').count()).toBe(0);
    await page.click('#connect');
    await says('connect-status', /^DISCONNECTED$/);
  }, 180_000);

  it('says FAILED for a server that is not there, and in a sentence what is no address', async () => {
    const { page, says } = await open();
    await page.fill('#server', 'http://127.0.0.1:9');
    await page.click('#connect');
    await says('connect-status', /^FAILED$/);
    expect(await page.locator('#play').isDisabled()).toBe(true);
    await page.fill('#server', 'ftp://127.0.0.1');
    await page.click('#connect');
    await says('connect-status', /^urlServer: 'ftp:\/\/127\.0\.0\.1': use an address/);
  }, 120_000);

  it('says DISCONNECTED while its network is away, and ESTABLISHED once that is back', async () => {
    const { page, says } = await open();
    await page.click('#connect');
    await says('connect-status', /^ESTABLISHED$/);
    await page.context().setOffline(true);
    await says('connect-status', /^DISCONNECTED$/);
    await page.context().setOffline(false);
    await says('connect-status', /^ESTABLISHED$/);
    await page.close();
  }, 180_000);

  const [example = ''] = [...readFileSync('web/sdk/README.md', 'utf8').matchAll(/```js\n([\s\S]*?)```/g)].map(
    ([, code]) => code ?? '',
  );
  it.each([
    ['module', example, '<script type="module" src="/example.js"></script>'],
    [
      'global',
      example.replace(/^import (.*) from .*;$/m, 'const $1 = SrsLive;'),
      '<script src="/sdk.iife.js"></script><script src="/example.js"></script>',
    ],
  ])(
    'runs the example of the client’s own page, as %s',
    async (_name, code, scripts) => {
      const page = await browser.context.newPage();
      const said: string[] = [];
      page.on('console', (message) => said.push(message.text()));
      const id = platform.demo?.streamId ?? '';
      const body = code.replaceAll('https://live.example.com', platform.web).replace('<stream id>', id);
      await page.route('**/example.js', (route) => route.fulfill({ contentType: 'text/javascript', body }));
      const html = `<!doctype html><div id="player"></div>${scripts}`;
      await page.route('**/example.html', (route) => route.fulfill({ contentType: 'text/html', body: html }));
      await page.goto(`${platform.web}/example.html`);
      // The built-in origin has no WebRTC, and Chromium's own HLS is not everywhere.
      await eventually('an end in the words of the example', 60, async () =>
        said.some((text) => text === `${id} plays` || text.includes('WebRTC')),
      );
    },
    120_000,
  );
});
