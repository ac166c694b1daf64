import type { Page } from 'playwright-core';
import type { PublicStream } from '../../functions/contract/api/public-stream';
import {
  goesOn,
  inState,
  readPage,
  type Said,
  slowNetworkSuite,
  type Watched,
  watchPageSuite,
} from '../suites/watch-page';
import { LongBroadcast, pictureClock } from '../support/long-broadcast';
import { missingBrowser, openBrowser } from '../support/platform/browser';
import { builtPages } from '../support/platform/built-pages';
import { realPart } from '../support/platform/real-part';
import { eventually } from '../support/platform/viewer';

const ID = 'abcdefgh01234567';
const GATED = 'gatedgatedgated0';
const TOKEN = `slr_${'g'.repeat(16)}_1900000000_${'a'.repeat(40)}`;
const REFRESH = 60_000;

realPart('the words of the watch page, in Chromium', missingBrowser, () => {
  const broadcast = new LongBroadcast(ID);
  let publicState: PublicStream['state'] = 'live';
  const pages = builtPages((pathname, response) => {
    const [, id] = /^\/api\/v1\/streams\/(\w+)\/public$/.exec(pathname) ?? [];
    if (id === undefined) return broadcast.answer(pathname, response);
    const known = { id, policy: id === GATED ? 'gated' : 'open', state: publicState, title: 'The long one' };
    const until = publicState === 'reconnecting' ? { reconnectUntil: new Date(Date.now() + 60_000).toISOString() } : {};
    const isThere = id === ID || id === GATED;
    const body = isThere ? { ...known, ...until } : { code: 'stream_not_found' };
    response.writeHead(isThere ? 200 : 404, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    return true;
  });
  let browser: Awaited<ReturnType<typeof openBrowser>>;
  let web: string;
  let page: Page;
  /** Actions that the policy of the pages refused. */
  const refused: string[] = [];

  beforeAll(async () => {
    web = await pages.start();
    await broadcast.make(420);
    browser = await openBrowser();
  }, 180_000);
  afterAll(async () => {
    await browser?.close();
    await pages.stop();
    broadcast.remove();
  }, 30_000);

  const state = (name: string, timeout?: number) => inState(page, name, timeout);
  const watched = (): Watched => ({ page, context: browser.context, picture: pictureClock, web });

  beforeEach(async () => {
    publicState = 'live';
    broadcast.begin();
    page = await browser.context.newPage();
    page.on('console', (message) => /Content.Security.Policy/i.test(message.text()) && refused.push(message.text()));
    await page.goto(`${web}/watch.html?id=${ID}`);
    await state('playing');
  }, REFRESH);
  afterEach(async () => {
    await page.close();
    expect(refused).toEqual([]);
  });

  it('the title of the stream stands above it', async () => {
    expect(await page.textContent('#title')).toBe('The long one');
  });

  watchPageSuite(watched);
  slowNetworkSuite(watched, /^0\.85\b/);

  it('a publisher’s clock that leaps is never called live while nothing moves, and playing goes on', async () => {
    broadcast.faults.leaps = true;
    const from = await pictureClock(page);
    const { stalls } = await readPage(page);
    const lies: Said[] = [];
    let last = await readPage(page);
    await eventually('the picture of after the leap', 90, async () => {
      await page.waitForTimeout(1500);
      const now = await readPage(page);
      if (now.state === 'playing' && last.state === 'playing' && now.time === last.time) lies.push(now);
      last = now;
      return now.state === 'playing' && (await pictureClock(page)) > from + 20;
    });
    expect(lies).toEqual([]);
    expect((await readPage(page)).stalls).toBeGreaterThanOrEqual(stalls);
    await goesOn(watched(), 3);
  }, 180_000);

  it('media that cannot be decoded for a while is no final state', async () => {
    broadcast.faults.garbage = true;
    await eventually('a state that tells', 90, async () =>
      ['buffering', 'interrupted'].includes((await readPage(page)).state),
    );
    expect((await readPage(page)).words).not.toContain('cannot decode');
    broadcast.faults.garbage = false;
    await state('playing', 60_000);
    await goesOn(watched(), 3);
  }, 180_000);

  it('a broadcaster who was lost is waited for until a time that is said, and one who stopped is over', async () => {
    broadcast.faults.frozen = true;
    publicState = 'reconnecting';
    await state('reconnecting');
    expect((await readPage(page)).words).toMatch(/lost the connection\. Waiting until .*\d/);
    publicState = 'ended';
    await state('ended');
  }, 120_000);

  it('a link without its grant says so, and the grant in the same tab is heard', async () => {
    await page.goto(`${web}/watch.html?id=${GATED}`);
    await state('invitation');
    const renewal = page.waitForRequest((request) => request.url().includes('/grants/') && request.method() === 'POST');
    await page.evaluate((token) => {
      location.hash = `grant=${token}`;
    }, TOKEN);
    expect((await (await renewal).allHeaders()).authorization).toBe(`Bearer ${TOKEN}`);
    await page.goto(`${web}/watch.html?id=zzzzzzzzzzzzzzzz`);
    await state('unknown');
  }, 60_000);
});
