import type { Page } from 'playwright-core';
import { realPart } from '../support/platform/real-part';
import { problemsOf, type Scene, SrsPlatform, sessionsIn, srsMissing } from '../support/platform/srs-platform';
import { eventually, pause, statusOf } from '../support/platform/viewer';
import { goLive, publishingBrowser } from '../support/publishing/publishing-page';

/** Mishaps of a streamer with the page to publish, as viewers see them. */
realPart('a streamer in trouble, on a real SRS', srsMissing(), () => {
  let srs: SrsPlatform;
  beforeAll(async () => {
    srs = await SrsPlatform.start();
  }, 180_000);
  afterEach(() => srs?.rest());
  afterAll(() => srs?.end(), 60_000);

  const state = (page: Page, name: string) => page.waitForSelector(`body[data-state=${name}]`, { timeout: 30_000 });
  const keyOf = ({ id, key }: Scene) => `${id}?key=${key}`;
  const stop = async (page: Page) => {
    await page.bringToFront();
    await page.click('#stop');
    await state(page, 'idle');
  };

  it('is on air with a key that was pasted with blanks and line ends', async () => {
    const scene = await srs.scene('pasted');
    const page = await (await publishingBrowser(srs)).newPage();
    await goLive(page, srs, ` \t${srs.platform.rtmp}/ \r\n${scene.id} ?key=\n${scene.key}\r\n `);
    await scene.grows(2);
    await stop(page);
  }, 120_000);

  it('whose camera is pulled out goes on in the same broadcast once it is connected again', async () => {
    const scene = await srs.scene('pulled out');
    const page = await (await publishingBrowser(srs)).newPage();
    await goLive(page, srs, keyOf(scene));
    await scene.grows(2);
    await pullOut(page);
    await state(page, 'unplugged');
    await pause(10_000);
    await page.evaluate('connectAgain()');
    await state(page, 'live');
    await scene.grows(3);
    expect(scene.watcher.playlists()).toHaveLength(1);
    expect(problemsOf(scene, srs.platform)).toEqual([]);
    await stop(page);
  }, 180_000);

  it('whose tab sleeps for 15 s stays on air, and the tab still stops it', async () => {
    const scene = await srs.scene('asleep');
    const context = await publishingBrowser(srs);
    const page = await context.newPage();
    await goLive(page, srs, keyOf(scene));
    await scene.grows(2);
    const tab = await context.newCDPSession(page);
    await tab.send('Page.setWebLifecycleState', { state: 'frozen' });
    await scene.grows(5);
    await pause(5000);
    await tab.send('Page.setWebLifecycleState', { state: 'active' });
    await scene.grows(2);
    expect(await statusOf(srs.platform, scene.id)).toBe('live');
    expect(sessionsIn(scene.segments())).toHaveLength(1);
    await stop(page);
    await eventually('over', 5, async () => (await statusOf(srs.platform, scene.id)) === 'ended');
  }, 180_000);

  it('two browsers publish two streams beside a viewer by WebRTC, and no segment is ignored', async () => {
    const scenes = [await srs.scene('one'), await srs.scene('another')] as const;
    const pages: Page[] = [];
    for (const scene of scenes) {
      const page = await (await publishingBrowser(srs)).newPage();
      await goLive(page, srs, keyOf(scene));
      pages.push(page);
    }
    await srs.whep(scenes[0]);
    for (const scene of scenes) await scene.grows(6, 60);
    for (const page of pages) await stop(page);
    expect(srs.platform.log()).not.toContain('"segment_ignored"');
    for (const scene of scenes) expect(problemsOf(scene, srs.platform)).toEqual([]);
  }, 240_000);

  it('viewers of two tabs with one stream go on with the newer one, and the older one leaves it alone', async () => {
    const scene = await srs.scene('two tabs');
    const context = await publishingBrowser(srs);
    const older = await context.newPage();
    const newer = await context.newPage();
    await goLive(older, srs, keyOf(scene));
    await scene.grows(2);
    await newer.bringToFront();
    await goLive(newer, srs, keyOf(scene));
    await eventually('the newer one’s segments', 60, async () => sessionsIn(scene.segments()).length === 2);
    await scene.grows(6, 60);
    expect(sessionsIn(scene.segments())).toHaveLength(2);
    expect(scene.watcher.playlists()).toHaveLength(1);
    expect(problemsOf(scene, srs.platform)).toEqual([]);
    expect(await older.getAttribute('body', 'data-state')).toBe('taken');
    await stop(newer);
  }, 240_000);

  it('viewers of two browsers with one stream stay with the newer one, and the older one keeps away', async () => {
    const scene = await srs.scene('two browsers');
    const first = await publishingBrowser(srs);
    const second = await publishingBrowser(srs);
    const older = await first.newPage();
    const newer = await second.newPage();
    await goLive(older, srs, keyOf(scene));
    await scene.grows(2);
    await newer.bringToFront();
    await goLive(newer, srs, keyOf(scene));
    await state(older, 'taken');
    await scene.grows(10, 90);
    expect(sessionsIn(scene.segments())).toHaveLength(2);
    expect(scene.watcher.playlists()).toHaveLength(1);
    expect(problemsOf(scene, srs.platform)).toEqual([]);
    expect(await newer.getAttribute('body', 'data-state')).toBe('live');
    await stop(newer);
  }, 240_000);
});

/** Takes camera and microphone away as a pulled plug does; `connectAgain()` in the page gives them back. */
const pullOut = (page: Page): Promise<void> =>
  page.evaluate(() => {
    const { mediaDevices } = navigator;
    const take = mediaDevices.getUserMedia.bind(mediaDevices);
    const gone = () => Promise.reject(new DOMException('no camera', 'NotFoundError'));
    Object.assign(mediaDevices, { getUserMedia: gone });
    Object.assign(window, { connectAgain: () => Object.assign(mediaDevices, { getUserMedia: take }) });
    const { srcObject } = document.querySelector('video') ?? {};
    if (!(srcObject instanceof MediaStream)) throw new Error('no preview');
    for (const track of srcObject.getTracks()) {
      track.stop();
      track.dispatchEvent(new Event('ended'));
    }
  });
