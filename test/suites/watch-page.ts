import type { BrowserContext, Page } from 'playwright-core';
import { eventually } from '../support/platform/viewer';

/** The words of the watch page, and the real state of its video. */
export interface Said {
  readonly state: string;
  readonly words: string;
  readonly time: number;
  readonly rate: number;
  readonly behind: number;
  readonly stalls: number;
}

export const readPage = (page: Page): Promise<Said> =>
  page.evaluate(() => {
    const { state = '', behindSeconds, stalls } = document.body.dataset;
    const video = document.querySelector('video');
    return {
      state,
      words: document.getElementById('status')?.textContent ?? '',
      time: video?.currentTime ?? 0,
      rate: video?.playbackRate ?? 0,
      behind: Number(behindSeconds),
      stalls: Number(stalls),
    };
  });

/** Waits for a state of the page. */
export const inState = (page: Page, name: string, timeout = 40_000) =>
  page.waitForSelector(`body[data-state=${name}]`, { timeout });

/** A watch page that plays a stream with a window of 120 s at its live edge, and what is known of it. */
export interface Watched {
  readonly page: Page;
  readonly context: BrowserContext;
  /** Returns the time that the picture itself shows, in seconds from any zero; not what the player believes. */
  readonly picture: (page: Page) => Promise<number>;
  readonly web: string;
}

/** Waits until the media's clock and the picture's own have both gone on by so much. */
export async function goesOn({ page, picture }: Watched, seconds: number): Promise<void> {
  const { time } = await readPage(page);
  const shown = await picture(page);
  const passed = (to: number) => (document.querySelector('video')?.currentTime ?? 0) >= to;
  await page.waitForFunction(passed, time + seconds, { timeout: 60_000 });
  expect((await picture(page)) - shown).toBeGreaterThan(seconds - 1.5);
}

const windowOf = (page: Page): Promise<number> =>
  page.evaluate(() => {
    const { seekable } = document.querySelector('video') ?? document.createElement('video');
    return seekable.length === 0 ? 0 : seekable.end(0) - seekable.start(0);
  });
const seekBack = (page: Page, seconds: number): Promise<void> =>
  page.evaluate((value) => {
    const bar = document.getElementById('dvr');
    if (!(bar instanceof HTMLInputElement)) throw new Error('no bar');
    bar.value = value;
    for (const kind of ['input', 'change']) bar.dispatchEvent(new Event(kind));
  }, `-${seconds}`);

/** Tests that the watch page says what is so and recovers: run on a made broadcast and on the whole platform. */
export function watchPageSuite(watched: () => Watched): void {
  it('pause is said, keeps its place, and LIVE leads back', async () => {
    const { page, picture } = watched();
    await goesOn(watched(), 1);
    const shown = await picture(page);
    await page.evaluate(() => document.querySelector('video')?.pause());
    await inState(page, 'paused');
    const { time } = await readPage(page);
    // By more than the live position moves at once.
    await eventually('words for it', 40, async () =>
      /^Paused, [0-9]{2,} s behind live\.$/.test((await readPage(page)).words),
    );
    await page.evaluate(() => document.querySelector('video')?.play());
    await inState(page, 'behind');
    expect((await readPage(page)).time - time).toBeLessThan(3);
    expect((await picture(page)) - shown).toBeLessThan(6);
    await goesOn(watched(), 3);
    await page.click('#live');
    await inState(page, 'playing');
    const { behind, stalls } = await readPage(page);
    expect([behind < 5, stalls]).toEqual([true, 0]);
    expect(await page.isVisible('#live')).toBe(false);
    // The thumb of a live viewer is at the bar's end.
    expect(await page.isVisible('#dvr')).toBe(true);
    expect(await page.inputValue('#dvr')).toBe('0');
  }, 120_000);

  it('offline for 22 s is said, and playing goes on at the live edge', async () => {
    const { page, context } = watched();
    await context.setOffline(true);
    await inState(page, 'offline');
    await page.waitForTimeout(22_000);
    expect((await readPage(page)).state).toBe('offline');
    await context.setOffline(false);
    await inState(page, 'playing');
    await goesOn(watched(), 3);
    expect((await readPage(page)).behind).toBeLessThan(12);
  }, 120_000);

  it('a tab that slept for 15 s says what is so, and plays on at the live edge', async () => {
    const { page, context, picture } = watched();
    const tab = await context.newCDPSession(page);
    const before = await picture(page);
    await tab.send('Page.setWebLifecycleState', { state: 'frozen' });
    await new Promise((resolve) => setTimeout(resolve, 15_000));
    await tab.send('Page.setWebLifecycleState', { state: 'active' });
    await eventually('the live edge', 60, async () => {
      const { state, behind } = await readPage(page);
      return state === 'playing' && behind < 12;
    });
    await goesOn(watched(), 3);
    expect(await picture(page)).toBeGreaterThan(before + 10);
  }, 120_000);

  it('a page that comes back from the back/forward cache plays', async () => {
    const { page, web } = watched();
    await page.evaluate(() => {
      window.dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }));
      document.body.dataset.state = 'kept';
      window.dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }));
    });
    await inState(page, 'playing');
    await goesOn(watched(), 2);
    await page.goto(`${web}/index.html`);
    await page.goBack();
    await inState(page, 'playing');
    await page.goForward();
    await page.goBack();
    await inState(page, 'playing');
    await goesOn(watched(), 2);
  }, 120_000);

  it('a seek of 60 s back stays where the viewer put it', async () => {
    const { page, picture } = watched();
    await eventually('the whole window', 180, async () => Math.abs((await windowOf(page)) - 120) < 5);
    const before = await picture(page);
    await seekBack(page, 60);
    await inState(page, 'behind');
    await goesOn(watched(), 8);
    const { behind, rate } = await readPage(page);
    expect(behind).toBeGreaterThan(45);
    expect(rate).toBe(1);
    expect(await picture(page)).toBeLessThan(before - 35);
    await page.click('#live');
    await inState(page, 'playing');
    expect(await picture(page)).toBeGreaterThan(before);
    expect(Math.abs((await windowOf(page)) - 120)).toBeLessThan(5);
  }, 300_000);
}

/** The time of a slow network after it was named: the picture is held back, goes on and stands again. */
const SLOW_MS = 30_000;

/** Returns the states that a page goes through in this time, each once. */
async function statesWithin(page: Page, ms: number): Promise<string[]> {
  const states = new Set<string>();
  for (const until = Date.now() + ms; Date.now() < until; await page.waitForTimeout(250))
    states.add((await readPage(page)).state);
  return [...states];
}

/** Tests that a network slower than the stream is named. `needs`: the bit rate that the stream's index tells. */
export function slowNetworkSuite(watched: () => Watched, needs: RegExp): void {
  it('a network of 500 kbit/s is named, nothing is hurried or thrown away, and it recovers', async () => {
    const { page, context } = watched();
    const network = await context.newCDPSession(page);
    const limit = (kilobits: number) =>
      network.send('Network.emulateNetworkConditions', {
        offline: false,
        latency: 100,
        downloadThroughput: kilobits * 125,
        uploadThroughput: kilobits * 125,
      });
    await network.send('Network.enable');
    await limit(500);
    const rates: number[] = [];
    await eventually('words for it', 100, async () => {
      const { words, rate } = await readPage(page);
      const [, rest = ''] = /Your connection gives about 0\.\d+ Mbit\/s, this stream needs (.*)/.exec(words) ?? [];
      if (needs.test(rest)) rates.push(rate);
      return rates.length > 20;
    });
    expect(Math.max(...rates)).toBeLessThanOrEqual(1);
    // The media that was loaded while the picture was held back is played, not loaded again by another start.
    expect(await statesWithin(page, SLOW_MS)).not.toContain('interrupted');
    await limit(100_000);
    await eventually('movement', 60, async () => ['playing', 'behind'].includes((await readPage(page)).state));
    await goesOn(watched(), 8);
  }, 240_000);
}
