import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import axe from 'axe-core';
import type { Page } from 'playwright-core';
import { StreamAnswer } from '../../functions/contract/api/streams';
import { missingBrowser, openBrowser } from '../support/platform/browser';
import { builtPages } from '../support/platform/built-pages';
import { realPart } from '../support/platform/real-part';

const ID = 'abcdefgh01234567';
const WEBHOOK = 'wh_abcdefgh01234567';
const TIME = '2026-11-20T10:00:00.000Z';
const STREAM = StreamAnswer.parse({
  id: ID,
  title: 'Town hall',
  status: 'live',
  policy: 'gated',
  recording: true,
  dvrWindowSeconds: 30,
  reconnectWindowSeconds: 60,
  packaging: 'ts',
  ladder: 'none',
  latency: 'normal',
  edges: 'none',
  hotBackup: false,
  encryption: 'none',
  keyRotationSegments: 0,
  chat: { enabled: true, slowSeconds: 0, retentionHours: 24 },
  metadata: {},
  createdAt: TIME,
  session: { id: '1-abcdefgh', broadcastId: 'b1-abcdefgh', nodeId: 'node-1', startedAt: TIME },
  ingest: { rtmp: { server: 'rtmp://127.0.0.1/live' }, whip: { url: 'http://127.0.0.1/api/v1/whip/x' } },
  playback: {
    hls: 'http://127.0.0.1/gated/p/x/index.m3u8',
    whep: 'http://127.0.0.1/api/v1/whep/x',
    webrtc: 'webrtc://127.0.0.1/live/x',
    flv: 'http://127.0.0.1/api/v1/flv/x.flv',
  },
});
const state = 'ok';
const latencyMs = 3;
/** Answers of the API to the console, by path. */
const ANSWERS: Readonly<Record<string, object>> = {
  '/api/v1/streams': { streams: [STREAM, { ...STREAM, status: 'idle', suspended: { at: TIME } }], nextCursor: 'x' },
  [`/api/v1/streams/${ID}`]: STREAM,
  [`/api/v1/streams/${ID}/viewers`]: {
    viewers: 3,
    methods: { beacons: { hls: 2 }, connections: { webrtc: 1, flv: 0, rtmp: 0 } },
    estimated: false,
    broadcast: {
      id: 'b1-abcdefgh',
      peak: { viewers: 9, at: TIME },
      viewings: 12,
      minutesWatched: 34.5,
      startupMs: 900,
      stallsPerHour: 0.4,
      stalledPercent: 0.1,
    },
    lastHour: [2, 9, 3].map((viewers, minute) => ({ at: `2026-11-20T10:0${minute}:00.000Z`, viewers })),
  },
  [`/api/v1/streams/${ID}/health`]: {
    now: {
      inBitsPerSecond: 2_500_000,
      framesPerSecond: 30,
      keyframeSeconds: 2,
      lostSegments: 0,
      uploadLagSeconds: 0.4,
    },
    warnings: [],
    lastHour: [2_400_000, 900_000, 2_500_000].map((inBitsPerSecond, minute) => ({
      at: `2026-11-20T10:0${minute}:00.000Z`,
      inBitsPerSecond,
      outBitsPerSecond: 0,
      framesPerSecond: 30,
      keyframeSeconds: 2,
      lostSegments: minute,
      uploadLagSeconds: 0.4,
    })),
  },
  [`/api/v1/streams/${ID}/recordings`]: { recordings: [{ id: 'b1-abcdefgh', state: 'processing', startedAt: TIME }] },
  '/api/v1/nodes': {
    nodes: [
      {
        id: 'node-1',
        role: 'origin',
        state: 'up',
        heartbeatAt: TIME,
        publishing: 1,
        pendingSegments: 0,
        spoolBytes: 0,
      },
    ],
  },
  '/api/v1/webhooks': {
    webhooks: [
      {
        id: WEBHOOK,
        url: 'https://customer.example/a-long-path-to-a-receiver-of-events',
        types: [],
        streams: [],
        enabled: true,
        createdAt: TIME,
      },
    ],
  },
  [`/api/v1/webhooks/${WEBHOOK}/deliveries`]: {
    deliveries: (['delivered', 'dead'] as const).map((state) => ({
      eventId: 'evt_5f0c9a1be27d4c8893ab61f2d0e47a15',
      type: 'stream.ended',
      state,
      createdAt: TIME,
      attempts: [{ at: TIME, latencyMs: 120, ...(state === 'dead' ? { failure: 'timeout' } : { status: 200 }) }],
      event: {
        type: 'stream.ended',
        id: 'evt_5f0c9a1be27d4c8893ab61f2d0e47a15',
        version: 1,
        occurredAt: TIME,
        streamId: ID,
        data: { broadcastId: 'b1-abcdefgh' },
      },
    })),
  },
  '/api/v1/api-keys': {
    apiKeys: [{ prefix: 'abcdefgh', name: 'ours', role: 'publisher', subject: 'x', createdAt: TIME }],
  },
  '/api/v1/health': {
    status: 'ok',
    checks: {
      firestore: { state, latencyMs },
      storage: { state, latencyMs },
      nodes: { state, latencyMs, up: 1 },
      rtmp: { state, latencyMs },
      hls: { state: 'idle', latencyMs },
    },
  },
};

/** Every page, and what shows that it stands. */
const PAGES: readonly (readonly [name: string, url: string, ready: string])[] = [
  ['home', 'index.html', 'h1'],
  ['publish', 'publish.html', 'body[data-state=idle]'],
  ['two-way', 'two-way.html', 'h1'],
  ['watch', `watch.html?id=${ID}`, 'body[data-state=waiting]'],
  ['watch-incomplete', 'watch.html', 'body[data-state=failed]'],
  ['embed', `embed.html?id=${ID}`, 'body[data-state=waiting]'],
  ['embed-code', `embed-code.html?id=${ID}`, '#copy-code:enabled'],
  ['not-found', '404.html', 'h1'],
  ['console-key', 'console.html', '#key-form'],
  ['console-streams', 'console.html#streams', '#view li'],
  ['console-stream', `console.html#stream=${ID}`, '#view h3'],
  ['console-nodes', 'console.html#nodes', '#view li'],
  ['console-webhooks', 'console.html#webhooks', '#view li'],
  ['console-keys', 'console.html#keys', '#view li'],
  ['console-health', 'console.html#health', '#view li'],
];

interface WithAxe extends Window {
  axe?: typeof axe;
}
const violationsIn = (page: Page): Promise<string[]> =>
  page.evaluate(async () => {
    const view: WithAxe = window;
    const { violations = [] } = (await view.axe?.run(document)) ?? {};
    return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
  });

realPart('every page in Chromium', missingBrowser, () => {
  const pages = builtPages((pathname, response) => {
    const answer = ANSWERS[pathname];
    if (answer === undefined) return false;
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
    return true;
  });
  let browser: Awaited<ReturnType<typeof openBrowser>>;
  let page: Page;
  let web: string;
  beforeAll(async () => {
    web = await pages.start();
    browser = await openBrowser();
    page = await browser.context.newPage();
  }, 60_000);
  afterAll(async () => {
    await browser?.close();
    await pages.stop();
  }, 30_000);

  const WAYS = (['light', 'dark'] as const).flatMap((colorScheme) =>
    [390, 1280].map((width) => ({ colorScheme, width })),
  );

  /** `SCREENSHOTS`: a folder for the pictures of all pages, to look at. */
  async function picture(name: string): Promise<void> {
    const folder = process.env.SCREENSHOTS;
    if (folder === undefined) return;
    mkdirSync(folder, { recursive: true });
    await page.screenshot({ path: join(folder, `${name}.png`), fullPage: true });
  }

  it.each(PAGES)(
    '%s has no fault of accessibility and stays within its width, light and dark',
    async (name, url, ready) => {
      await page.goto(`${web}/style.css`);
      await page.evaluate(
        (key) => {
          sessionStorage.clear();
          if (key !== '') sessionStorage.setItem('admin-key', key);
        },
        /^console-(?!key$)/.test(name) ? 'an-admin-key' : '',
      );
      for (const { colorScheme, width } of WAYS) {
        await page.emulateMedia({ colorScheme });
        await page.setViewportSize({ width, height: 844 });
        await page.goto('about:blank');
        await page.goto(`${web}/${url}`);
        await page.waitForSelector(ready, { timeout: 30_000 });
        await picture(`${name}-${width}-${colorScheme}`);
        await page.evaluate(axe.source);
        expect(await page.evaluate(() => 'axe' in window)).toBe(true);
        const found = await violationsIn(page);
        expect([colorScheme, width, found]).toEqual([colorScheme, width, []]);
        expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
      }
    },
    120_000,
  );

  // The page for addresses without one has no script.
  const scripted = new Set(PAGES.map(([, url]) => url.replace(/[?#].*$/, '')).filter((url) => url !== '404.html'));
  it.each([...scripted])(
    '%s says without JavaScript that it needs it',
    async (name) => {
      const script = await page.context().newCDPSession(page);
      await script.send('Emulation.setScriptExecutionDisabled', { value: true });
      try {
        await page.goto(`${web}/${name}`);
        // Playwright asks by script, in a world of its own that the page's setting does not stop.
        expect(await page.locator('noscript').first().isVisible()).toBe(true);
      } finally {
        await script.send('Emulation.setScriptExecutionDisabled', { value: false });
        await script.detach();
      }
    },
    30_000,
  );
});
