import type { Page } from 'playwright-core';
import type { PublicStream } from '../../functions/contract/api/public-stream';
import { LongBroadcast, pictureClock } from '../support/long-broadcast';
import { missingBrowser, openBrowser } from '../support/platform/browser';
import { builtPages } from '../support/platform/built-pages';
import { realPart } from '../support/platform/real-part';
import { eventually } from '../support/platform/viewer';

const ID = 'abcdefgh01234567';
const GATED = 'gatedgatedgated0';
const TOKEN = `slr_${'g'.repeat(16)}_1900000000_${'a'.repeat(40)}`;
const REFRESH = 60_000;

/** The words of the page, and its real state. */
interface Said {
  readonly state: string;
  readonly words: string;
  readonly time: number;
  readonly rate: number;
  readonly behind: number;
  readonly stalls: number;
}

const read = (page: Page): Promise<Said> =>
  page.evaluate(() => {
    const { state = '', behindSeconds, stalls } = document.body.dataset;
    const video = document.querySelector('video');
    return {
      ...{ state, words: document.getElementById('status')?.textContent ?? '' },
      ...{ time: video?.currentTime ?? 0, rate: video?.playbackRate ?? 0 },
      ...{ behind: Number(behindSeconds), stalls: Number(stalls) },
    };
  });

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
    [web] = [await pages.start(), await broadcast.make(420)];
    browser = await openBrowser();
  }, 180_000);
  afterAll(async () => {
    await browser?.close();
    await pages.stop();
    broadcast.remove();
  }, 30_000);

  const state = (name: string, timeout = 40_000) => page.waitForSelector(`body[data-state=${name}]`, { timeout });
  const said = (words: RegExp) => eventually(`${words}`, 40, async () => words.test((await read(page)).words));
  /** Until the media's clock and the picture's own have both gone on by so much. */
  const goesOn = async (seconds: number) => {
    const [{ time }, picture] = [await read(page), await pictureClock(page)];
    const passed = (to: number) => (document.querySelector('video')?.currentTime ?? 0) >= to;
    await page.waitForFunction(passed, time + seconds, { timeout: 60_000 });
    expect((await pictureClock(page)) - picture).toBeGreaterThan(seconds - 1.5);
  };

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

  it('pause is said, keeps its place, and LIVE leads back', async () => {
    expect(await page.textContent('#title')).toBe('The long one');
    await goesOn(1);
    await page.evaluate(() => document.querySelector('video')?.pause());
    await state('paused');
    const { time } = await read(page);
    const picture = await pictureClock(page);
    // By more than the live position moves at once.
    await said(/^Paused, [0-9]{2,} s behind live\.$/);
    await page.evaluate(() => document.querySelector('video')?.play());
    await state('behind');
    expect((await read(page)).time - time).toBeLessThan(3);
    expect((await pictureClock(page)) - picture).toBeLessThan(3);
    await goesOn(3);
    await page.click('#live');
    await state('playing');
    const { behind, stalls } = await read(page);
    expect([behind < 5, stalls]).toEqual([true, 0]);
    expect(await page.isVisible('#live')).toBe(false);
  }, 120_000);

  it('a seek of 60 s back stays where the viewer put it', async () => {
    const before = await pictureClock(page);
    await page.evaluate(() => {
      const bar = document.getElementById('dvr');
      if (!(bar instanceof HTMLInputElement)) throw new Error('no bar');
      bar.value = '-60';
      for (const kind of ['input', 'change']) bar.dispatchEvent(new Event(kind));
    });
    await state('behind');
    await goesOn(8);
    const { behind, rate } = await read(page);
    expect(behind).toBeGreaterThan(45);
    expect(rate).toBe(1);
    expect(await pictureClock(page)).toBeLessThan(before - 35);
    await page.click('#live');
    await state('playing');
    expect(await pictureClock(page)).toBeGreaterThan(before);
    const bar = await page.evaluate(() => {
      const { seekable } = document.querySelector('video') ?? document.createElement('video');
      return seekable.end(0) - seekable.start(0);
    });
    expect(Math.abs(bar - 120)).toBeLessThan(5);
  }, 120_000);

  it('offline for 22 s is said, and playing goes on at the live edge', async () => {
    await browser.context.setOffline(true);
    await state('offline');
    await page.waitForTimeout(22_000);
    expect((await read(page)).state).toBe('offline');
    await browser.context.setOffline(false);
    await state('playing');
    await goesOn(3);
    expect((await read(page)).behind).toBeLessThan(12);
  }, 120_000);

  it('a tab that slept for 15 s says what is so, and plays on at the live edge', async () => {
    const tab = await browser.context.newCDPSession(page);
    const before = await pictureClock(page);
    await tab.send('Page.setWebLifecycleState', { state: 'frozen' });
    await new Promise((resolve) => setTimeout(resolve, 15_000));
    await tab.send('Page.setWebLifecycleState', { state: 'active' });
    await eventually('the live edge', 60, async () => {
      const { state, behind } = await read(page);
      return state === 'playing' && behind < 12;
    });
    await goesOn(3);
    expect(await pictureClock(page)).toBeGreaterThan(before + 10);
  }, 120_000);

  it('a page that comes back from the back/forward cache plays', async () => {
    await page.evaluate(() => {
      window.dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }));
      document.body.dataset.state = 'kept';
      window.dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }));
    });
    await state('playing');
    await goesOn(2);
    await page.goto(`${web}/index.html`);
    await page.goBack();
    await state('playing');
    await goesOn(2);
  }, 120_000);

  it('a network of 500 kbit/s is named, nothing is hurried, and it recovers', async () => {
    const network = await browser.context.newCDPSession(page);
    const limit = (kilobits: number) =>
      network.send('Network.emulateNetworkConditions', {
        ...{ offline: false, latency: 100, downloadThroughput: kilobits * 125, uploadThroughput: kilobits * 125 },
      });
    await network.send('Network.enable');
    await limit(500);
    const rates: number[] = [];
    await eventually('words for it', 100, async () => {
      const { words, rate } = await read(page);
      if (/Your connection gives about 0\.\d+ Mbit\/s, this stream needs 0\.85/.test(words)) rates.push(rate);
      return rates.length > 20;
    });
    expect(Math.max(...rates)).toBeLessThanOrEqual(1);
    await limit(100_000);
    await eventually('movement', 60, async () => ['playing', 'behind'].includes((await read(page)).state));
    await goesOn(8);
  }, 240_000);

  it('a publisher’s clock that leaps is never called live while nothing moves, and playing goes on', async () => {
    broadcast.faults.leaps = true;
    const [from, { stalls }] = [await pictureClock(page), await read(page)];
    const lies: Said[] = [];
    let last = await read(page);
    await eventually('the picture of after the leap', 90, async () => {
      await page.waitForTimeout(1500);
      const now = await read(page);
      if (now.state === 'playing' && last.state === 'playing' && now.time === last.time) lies.push(now);
      last = now;
      return now.state === 'playing' && (await pictureClock(page)) > from + 20;
    });
    expect(lies).toEqual([]);
    expect((await read(page)).stalls).toBeGreaterThanOrEqual(stalls);
    await goesOn(3);
  }, 180_000);

  it('media that cannot be decoded for a while is no final state', async () => {
    broadcast.faults.garbage = true;
    await eventually('a state that tells', 90, async () =>
      ['buffering', 'interrupted'].includes((await read(page)).state),
    );
    expect((await read(page)).words).not.toContain('cannot decode');
    broadcast.faults.garbage = false;
    await state('playing', 60_000);
    await goesOn(3);
  }, 180_000);

  it('a broadcaster who was lost is waited for until a time that is said, and one who stopped is over', async () => {
    broadcast.faults.frozen = true;
    publicState = 'reconnecting';
    await state('reconnecting');
    expect((await read(page)).words).toMatch(/lost the connection\. Waiting until .*\d/);
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
