import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jsonLog } from '../../functions/adapters/log';
import { createOrigin, type LocalOrigin } from '../../scripts/local/origin';
import { HookReceiver } from '../support/network/hook-receiver';
import { missingBrowser, openBrowser } from '../support/platform/browser';
import { builtPages } from '../support/platform/built-pages';
import { publish } from '../support/platform/encoder';
import { realPart } from '../support/platform/real-part';
import { freePort } from '../support/platform/worker-ports';

const ID = 'abcdefgh01234567';

/** The pages, and in place of the CDN what SRS writes: its playlist as the index, until `over` ends it. */
function pagesAndMedia(hlsRoot: string) {
  const faults = { over: false, status: 0 };
  const pages = builtPages((pathname, response) => {
    const media = /^\/open\/p\/(\w+)\/([\w.-]+)$/.exec(pathname);
    if (!media) return false;
    const file = join(hlsRoot, 'live', media[1] ?? '', (media[2] ?? '').replace('index.m3u8', 'live.m3u8'));
    const playlist = file.endsWith('.m3u8');
    try {
      if (faults.status !== 0) throw new Error('made to fail');
      const content = readFileSync(file);
      const type = playlist ? 'application/vnd.apple.mpegurl' : 'video/mp2t';
      response
        .writeHead(200, { 'content-type': type, 'cache-control': 'no-store' })
        .end(playlist && faults.over ? `${content}#EXT-X-ENDLIST\n` : content);
    } catch {
      response.writeHead(faults.status || 404).end();
    }
    return true;
  });
  return { pages, faults };
}

realPart('the page to watch, in Chromium', missingBrowser, () => {
  const receiver = new HookReceiver();
  const hlsRoot = mkdtempSync(join(tmpdir(), 'srs-live-test-'));
  const { pages, faults } = pagesAndMedia(hlsRoot);
  let origin: LocalOrigin;
  let browser: Awaited<ReturnType<typeof openBrowser>>;
  let web: string;

  beforeAll(async () => {
    web = await pages.start();
    const ports = { rtmpPort: await freePort(), apiPort: await freePort() };
    const log = jsonLog(() => undefined);
    origin = await createOrigin({
      ...ports,
      hooksUrl: await receiver.start(),
      hlsRoot,
      nodeId: 'node-1',
      docker: false,
      log,
    });
    await origin.start();
    browser = await openBrowser();
  }, 60_000);

  afterAll(async () => {
    await browser.close();
    await origin.stop();
    await receiver.stop();
    await pages.stop();
    rmSync(hlsRoot, { recursive: true });
  }, 30_000);

  it('waits for a stream, plays it, says when it is over, and plays the next broadcast', async () => {
    const page = await browser.context.newPage();
    const problems: string[] = [];
    page.on('pageerror', (error) => problems.push(error.message));
    const state = (name: string) => page.waitForSelector(`body[data-state=${name}]`, { timeout: 30_000 });
    const said = () => page.textContent('#status');
    await page.goto(`${web}/watch.html?id=${ID}`);
    await state('waiting');
    expect(await said()).toContain('not on air yet');

    const encoder = publish(`${origin.rtmpUrl}/${ID}`);
    await state('playing');
    await page.waitForFunction(() => (document.querySelector('video')?.currentTime ?? 0) > 4, undefined, {
      timeout: 30_000,
    });
    expect(await page.evaluate(() => [document.body.dataset.stalls, document.querySelector('video')?.muted])).toEqual([
      '0',
      true,
    ]);
    expect(await page.textContent('#picture')).toBe('320 × 180');
    await page.click('#unmute');
    expect(await page.evaluate(() => document.querySelector('video')?.muted)).toBe(false);
    expect(await page.isVisible('#unmute')).toBe(false);

    await encoder.stop();
    faults.over = true;
    await state('ended');
    faults.over = false;
    const next = publish(`${origin.rtmpUrl}/${ID}`);
    await state('playing');
    await next.stop();
    expect(problems).toEqual([]);
    await page.close();
  }, 120_000);

  it('says in words that the server has a problem, and goes on trying', async () => {
    const page = await browser.context.newPage();
    faults.status = 503;
    await page.goto(`${web}/watch.html?id=${ID}`);
    await page.waitForSelector('body[data-state=interrupted]');
    expect(await page.textContent('#status')).toContain('503');
    faults.status = 404;
    await page.waitForSelector('body[data-state=waiting]');
    faults.status = 0;
    await page.close();
  }, 60_000);

  it('says that a link without a stream is not complete', async () => {
    const page = await browser.context.newPage();
    await page.goto(`${web}/watch.html?id=../../secret`);
    expect(await page.textContent('#status')).toContain('incomplete');
    expect(await page.getAttribute('body', 'data-state')).toBe('failed');
    await page.close();
  }, 60_000);

  it('fetches nothing from another host', async () => {
    const page = await browser.context.newPage();
    const hosts = new Set<string>();
    page.on('request', (request) => hosts.add(new URL(request.url()).origin));
    await page.goto(`${web}/index.html`);
    await page.goto(`${web}/watch.html?id=${ID}`);
    await page.waitForSelector('body:not([data-state=starting])');
    expect([...hosts].filter((host) => host !== 'null')).toEqual([web]);
    await page.close();
  }, 60_000);
});
