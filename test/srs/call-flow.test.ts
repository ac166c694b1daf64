import type { Page } from 'playwright-core';
import { z } from 'zod';
import { openBrowser } from '../support/platform/browser';
import { realPart } from '../support/platform/real-part';
import { type SecondNode, secondNode, secondNodeMissing } from '../support/platform/second-node';
import { SrsPlatform, srsMissing } from '../support/platform/srs-platform';
import { callApi, eventually, statusOf } from '../support/platform/viewer';

/** A picture and a tone in the place of a camera and a microphone. */
const CAMERA = ['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream'];

/**
 * A network that Chromium slows and whose packets it loses, for WebRTC too: faster than anything here needs. Without a
 * limit from the start it lets a connection's packets past.
 */
const WIDE = { offline: false, latency: 1, downloadThroughput: 12_500_000, uploadThroughput: 12_500_000 };

const Ways = z.object({ ways: z.array(z.object({ way: z.string(), edge: z.string().optional() })) });
const Plays = z.object({ plays: z.array(z.object({ kind: z.string(), nodeId: z.string() })) });

/** Everything the page said so far in one of its status lines, in order. */
interface Told extends Window {
  told?: Record<string, string[]>;
}

/**
 * The call flow of the customer's document (two-way streaming at the origin, a second browser that plays), step by
 * step.
 */
realPart('the sixteen steps from a session to its end, on a real SRS', srsMissing() ?? secondNodeMissing(), () => {
  let srs: SrsPlatform;
  let edge: SecondNode;
  beforeAll(async () => {
    srs = await SrsPlatform.start();
    edge = await secondNode(srs.platform, { id: 'edge-1', role: 'edge' });
  }, 180_000);
  afterEach(() => srs?.rest());
  afterAll(async () => {
    await edge?.vanish();
    await srs?.end();
  }, 60_000);

  async function edgeOf(id: string): Promise<string | undefined> {
    const { ways } = Ways.parse(await (await callApi(srs.platform, `/streams/${id}/playback`)).json());
    return ways.find(({ way }) => way === 'webrtc')?.edge;
  }
  const placesOf = async (id: string) =>
    Plays.parse(await (await callApi(srs.platform, `/streams/${id}/plays`)).json()).plays.map(({ nodeId }) => nodeId);

  async function twoWay(): Promise<Page> {
    const browser = await openBrowser(CAMERA);
    srs.ending(() => browser.close());
    await browser.context.grantPermissions(['camera', 'microphone'], { origin: srs.platform.web });
    const page = await browser.context.newPage();
    await page.addInitScript(() => {
      const view: Told = window;
      const told: Record<string, string[]> = {};
      view.told = told;
      document.addEventListener('DOMContentLoaded', () => {
        for (const line of document.querySelectorAll('[role=status]'))
          new MutationObserver(() => {
            told[line.id] = [...(told[line.id] ?? []), line.textContent ?? ''];
          }).observe(line, { childList: true });
      });
    });
    await page.goto(`${srs.platform.web}/two-way.html`);
    return page;
  }

  const told = (page: Page, line: string): Promise<string[]> =>
    page.evaluate((id) => {
      const view: Told = window;
      return view.told?.[id] ?? [];
    }, line);
  const says = (page: Page, line: string, words: string, timeout = 30_000) =>
    page.waitForFunction(([id, text]) => document.getElementById(id ?? '')?.textContent === text, [line, words], {
      polling: 50,
      timeout,
    });
  const plays = (page: Page, side: 'local' | 'player') =>
    page.waitForFunction(
      (id) => (document.querySelector<HTMLVideoElement>(`#${id} video`)?.currentTime ?? 0) > 1,
      side,
      {
        polling: 50,
      },
    );

  it.each([
    { by: 'the origin itself', edges: 'none', place: 'local-origin-1' },
    { by: 'an edge that the API names', edges: 1, place: 'edge-1' },
  ])(
    'the two pages of a call use the words of the document, played by $by',
    async ({ edges, place }) => {
      const { id, key } = await srs.scene('two ways', { edges });
      const publisher = await twoWay();
      // 1, 2
      await publisher.click('#connect');
      await says(publisher, 'connect-status', 'ESTABLISHED');
      // 3, 4, 5
      await publisher.fill('#stream-key', `${id}?key=${key}`);
      await publisher.click('#publish');
      await says(publisher, 'publish-status', 'PUBLISHING');
      await plays(publisher, 'local');
      // 6 and 7 are the platform's: the node plays what it publishes, or pushes it to an edge.
      await eventually('live', 10, async () => (await statusOf(srs.platform, id)) === 'live');
      if (edges !== 'none') await eventually('an edge', 60, async () => (await edgeOf(id)) !== undefined);
      // 8, 9
      const viewer = await twoWay();
      await viewer.click('#connect');
      await says(viewer, 'connect-status', 'ESTABLISHED');
      // 10, 11, 12
      await viewer.fill('#stream-id', id);
      await viewer.click('#available');
      await says(viewer, 'play-status', 'AVAILABLE');
      await viewer.click('#play');
      await says(viewer, 'play-status', 'PLAYING');
      await plays(viewer, 'player');
      expect(await placesOf(id)).toEqual([place]);
      // 13, 14
      await viewer.click('#play');
      await says(viewer, 'play-status', 'STOPPED');
      // A viewer who stays hears of the end.
      await viewer.click('#play');
      await says(viewer, 'play-status', 'PLAYING');
      // 15, 16
      await publisher.click('#publish');
      await says(publisher, 'publish-status', 'UNPUBLISHED');
      await eventually('over', 10, async () => (await statusOf(srs.platform, id)) === 'ended');
      await says(viewer, 'play-status', 'STOPPED');
      await publisher.click('#connect');
      await says(publisher, 'connect-status', 'DISCONNECTED');
      expect(await told(publisher, 'connect-status')).toEqual(['PENDING', 'ESTABLISHED', 'DISCONNECTED']);
      expect(await told(publisher, 'publish-status')).toEqual(['PENDING', 'PUBLISHING', 'UNPUBLISHED']);
    },
    180_000,
  );

  it('fail in a sentence with a wrong key, and for a stream that nobody publishes', async () => {
    const { id } = await srs.scene('nobody');
    const page = await twoWay();
    await page.click('#connect');
    await says(page, 'connect-status', 'ESTABLISHED');
    await page.fill('#stream-key', `${id}?key=sk_${'a2'.repeat(16)}`);
    await page.click('#publish');
    await page.fill('#stream-id', id);
    await page.click('#play');
    for (const line of ['publish-status', 'play-status'])
      await page.waitForFunction((name) => document.getElementById(name)?.textContent?.startsWith('FAILED: '), line);
  }, 120_000);

  it.each(['viewer', 'publisher'] as const)(
    'say NOT_ENOUGH_BANDWIDTH while the network of the %s loses packets, and go on when it is over',
    async (who) => {
      const { id, key } = await srs.scene(`loses at ${who}`);
      const pages = { publisher: await twoWay(), viewer: await twoWay() };
      const network = await pages[who].context().newCDPSession(pages[who]);
      const lose = (packetLoss: number) => network.send('Network.emulateNetworkConditions', { ...WIDE, packetLoss });
      await network.send('Network.enable');
      await lose(0);
      for (const page of Object.values(pages)) {
        await page.click('#connect');
        await says(page, 'connect-status', 'ESTABLISHED');
      }
      await pages.publisher.fill('#stream-key', `${id}?key=${key}`);
      await pages.publisher.click('#publish');
      await says(pages.publisher, 'publish-status', 'PUBLISHING');
      await pages.viewer.fill('#stream-id', id);
      await pages.viewer.click('#play');
      await says(pages.viewer, 'play-status', 'PLAYING', 60_000);
      const [line, before] =
        who === 'viewer' ? (['play-status', 'PLAYING'] as const) : (['publish-status', 'PUBLISHING'] as const);
      await lose(40);
      await says(pages[who], line, 'NOT_ENOUGH_BANDWIDTH', 60_000);
      await lose(0);
      await says(pages[who], line, before, 60_000);
      expect(await told(pages[who], line)).toEqual(['PENDING', before, 'NOT_ENOUGH_BANDWIDTH', before]);
    },
    240_000,
  );

  it('survive the loss of the connection: PENDING, and PUBLISHING again', async () => {
    const { id, key } = await srs.scene('cut');
    const page = await twoWay();
    await page.click('#connect');
    await says(page, 'connect-status', 'ESTABLISHED');
    await page.fill('#stream-key', `${id}?key=${key}`);
    await page.click('#publish');
    await says(page, 'publish-status', 'PUBLISHING');
    process.kill(await srs.srsPid(), 'SIGKILL');
    await says(page, 'publish-status', 'PENDING', 60_000);
    await says(page, 'publish-status', 'PUBLISHING', 60_000);
  }, 180_000);
});
