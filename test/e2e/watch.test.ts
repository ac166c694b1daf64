import type { Page } from 'playwright-core';
import type { Platform } from '../../scripts/local/command/run-start';
import { readClock } from '../../scripts/tools/bench/webrtc-clock';
import { checkPlaylist } from '../../scripts/tools/check-hls/rules';
import { type SmokeTarget, targetOf } from '../../scripts/tools/smoke/target';
import { missingBrowser, openBrowser } from '../support/platform/browser';
import { type Encoder, FLASH_AND_BEEP, publish, publishPattern } from '../support/platform/encoder';
import { apart, decode, flashesAndBeeps } from '../support/platform/media';
import { realPart } from '../support/platform/real-part';
import {
  type CreatedStream,
  callApi,
  createStream,
  eventually,
  get,
  livePlaylist,
  statusOf,
  tagOf,
  urisOf,
} from '../support/platform/viewer';
import { watch } from '../support/platform/watcher';
import { startScanned } from '../support/secrets/scanned-platform';

/**
 * `PLATFORM_API` and `ADMIN_KEY` aim these tests at a platform that runs elsewhere, in the place of one of their own.
 */
const aimed = targetOf(process.env);
let platform: SmokeTarget;
let own: Platform | undefined;
let stream: CreatedStream;
let encoder: Encoder;

const rtmp = (path: string): string => `${stream.ingest.rtmp.server.replace(/\/live$/, '')}/${path}`;

beforeAll(async () => {
  if (aimed === undefined) own = await startScanned(['--no-demo']);
  platform = aimed ?? own ?? { api: '', adminKey: '' };
  stream = await createStream(platform, { title: 'one stream' });
}, 120_000);

afterAll(async () => {
  await encoder?.stop('SIGKILL');
  if (aimed !== undefined && stream !== undefined)
    await callApi(platform, `/streams/${stream.id}`, { method: 'DELETE' });
  await own?.end('SIGTERM');
}, 60_000);

/** Reads the clock in the picture: it moves, and what it shows happened between half a second and 20 seconds ago. */
async function expectRecent(page: Page): Promise<void> {
  await page.waitForSelector('body[data-state=playing]', { timeout: 40_000 });
  const { lags } = await readClock(page, 5);
  // A picture that stands, or is older than can be read, has no lags.
  expect(lags.length).toBeGreaterThan(20);
  expect(Math.max(...lags)).toBeLessThan(20_000);
  expect(Math.min(...lags)).toBeGreaterThan(500);
}

describe('a stream before anybody publishes', () => {
  it('is idle and has nothing to watch, which nobody caches', async () => {
    expect(await statusOf(platform, stream.id)).toBe('idle');
    const response = await fetch(stream.playback.hls);
    expect([403, 404]).toContain(response.status);
    expect(response.headers.get('x-cache')?.toLowerCase() ?? 'miss').not.toBe('hit');
  });

  it.each([
    ['a wrong key', () => rtmp(`live/${stream.id}?key=sk_${'a'.repeat(32)}`)],
    ['no key', () => rtmp(`live/${stream.id}`)],
    ['a stream nobody made', () => rtmp(`live/abcdefgh01234567?key=${stream.key}`)],
    ['another application', () => rtmp(`other/${stream.ingest.rtmp.streamKey}`)],
    ['a stream with ../ in it', () => rtmp(`live/../../${stream.ingest.rtmp.streamKey}`)],
  ])(
    'refuses a publisher with %s',
    async (_, url) => {
      const refused = publish(url(), { seconds: 8 });
      expect(await refused.exited).not.toBe(0);
      expect(await statusOf(platform, stream.id)).toBe('idle');
    },
    30_000,
  );

  realPart('its log', aimed && 'the log of a platform elsewhere is not read', () => {
    it('says why it refused, without the key', () => {
      expect(own?.log()).toContain('wrong_key');
      expect(own?.log()).not.toContain('a'.repeat(32));
    });
  });
});

describe('a stream that is published', () => {
  beforeAll(async () => {
    encoder = publish(`${stream.ingest.rtmp.server}/${stream.ingest.rtmp.streamKey}`);
    await eventually('the first playlist', 20, () => livePlaylist(stream.playback.hls));
  }, 30_000);

  it('is live', async () => {
    await eventually('live', 10, async () => (await statusOf(platform, stream.id)) === 'live');
  }, 20_000);

  it('serves playlists for a second and segments for ever', async () => {
    const index = await get(stream.playback.hls);
    const playlist = await livePlaylist(stream.playback.hls);
    const [uri = ''] = urisOf(playlist?.text ?? '');
    const segment = await fetch(new URL(uri, stream.playback.hls));
    for (const served of [index, playlist]) {
      expect(served?.headers.get('cache-control')).toBe('public, max-age=1, s-maxage=1');
      expect(served?.headers.get('content-type')).toBe('application/vnd.apple.mpegurl');
      expect(checkPlaylist(served?.text ?? '')).toEqual([]);
    }
    expect(segment.headers.get('cache-control')).toBe('public, max-age=86400, immutable');
    expect(segment.headers.get('content-type')).toBe('video/mp2t');
    expect(uri.startsWith(`/open/s/${stream.id}/`)).toBe(true);
  });

  realPart('its bucket', aimed && 'the buckets of a platform elsewhere are not known', () => {
    it('answers 403 to anyone who asks past the CDN, for the very segment the CDN serves', async () => {
      const playlist = await livePlaylist(stream.playback.hls);
      const { pathname } = new URL(urisOf(playlist?.text ?? '')[0] ?? '', stream.playback.hls);
      const served = await fetch(new URL(pathname, own?.cdn));
      const direct = await fetch(new URL(`/${own?.buckets.open}${pathname}`, own?.storage));
      expect([served.status, direct.status]).toEqual([200, 403]);
    });
  });

  it("answers a second viewer's segment from the cache", async () => {
    const playlist = await livePlaylist(stream.playback.hls);
    const url = new URL(urisOf(playlist?.text ?? '')[0] ?? '', stream.playback.hls);
    await (await fetch(url)).arrayBuffer();
    const second = await fetch(url);
    expect(second.headers.get('x-cache')?.toLowerCase()).toBe('hit');
  });

  it('decodes without a complaint, picture and sound', async () => {
    const { frames, audioSeconds, complaints } = await decode(stream.playback.hls, 6);
    expect(frames).toBeGreaterThanOrEqual(140);
    expect(audioSeconds).toBeGreaterThan(5);
    expect(complaints).toBe('');
  }, 60_000);

  it('keeps a beep within 100 ms of its flash', async () => {
    const beeping = await createStream(platform, { title: 'flash and beep' });
    const { server, streamKey } = beeping.ingest.rtmp;
    const own = publish(`${server}/${streamKey}`, { source: FLASH_AND_BEEP });
    try {
      await eventually('its playlist', 30, () => livePlaylist(beeping.playback.hls));
      const { flashes, beeps } = await flashesAndBeeps(beeping.playback.hls, 6);
      expect(flashes.length).toBeGreaterThan(3);
      expect(apart({ flashes, beeps })).toBeLessThan(0.1);
    } finally {
      await own.stop();
    }
  }, 90_000);

  it('shows a reader nothing that breaks the RFC, over time', async () => {
    const watcher = watch(stream.playback.hls);
    await eventually(
      'six segments more',
      30,
      async () => (watcher.segments(watcher.playlists()[0] ?? '').filter(Boolean).length ?? 0) >= 6,
    );
    await watcher.stop();
    expect(watcher.problems()).toEqual([]);
  }, 60_000);

  realPart('in Chromium with hls.js', missingBrowser, () => {
    it('shows what happened at most 20 seconds ago by a clock in the picture, at first and later', async () => {
      const clocked = await createStream(platform, { title: 'a clock' });
      const { server, streamKey } = clocked.ingest.rtmp;
      const pattern = publishPattern(`${server}/${streamKey}`);
      const { context, close } = await openBrowser();
      try {
        await eventually('its playlist', 30, () => livePlaylist(clocked.playback.hls));
        const page = await context.newPage();
        await page.goto(`${platform.api}/watch.html?id=${clocked.id}`);
        await expectRecent(page);
        // A delay may begin later than the first playlist.
        await eventually('sixteen segments', 90, async () => {
          const { text = '' } = (await livePlaylist(clocked.playback.hls)) ?? {};
          return tagOf(text, 'EXT-X-MEDIA-SEQUENCE') + urisOf(text).length >= 16;
        });
        await expectRecent(page);
      } finally {
        await close();
        await pattern.stop();
      }
    }, 180_000);

    it('plays 30 seconds without a stall', async () => {
      const { context, close } = await openBrowser();
      try {
        const page = await context.newPage();
        await page.goto(`${platform.api}/watch.html?id=${stream.id}`);
        await page.waitForFunction(() => (document.querySelector('video')?.currentTime ?? 0) > 0.5, undefined, {
          timeout: 20_000,
        });
        const read = () =>
          page.evaluate(() => ({
            time: document.querySelector('video')?.currentTime ?? 0,
            stalls: Number(document.body.dataset.stalls ?? Number.NaN),
          }));
        const start = await read();
        // Counted on the media's clock: a browser on a busy machine plays a little slower than the wall's.
        await page.waitForFunction((to) => (document.querySelector('video')?.currentTime ?? 0) >= to, start.time + 30, {
          timeout: 120_000,
        });
        expect((await read()).stalls).toBe(0);
      } finally {
        await close();
      }
    }, 180_000);
  });
});

describe('the API to a stranger', () => {
  it.each([
    ['no key', {}],
    ['a wrong key', { authorization: `Bearer ${'x'.repeat(40)}` }],
  ])('answers 401 with %s', async (_, headers) => {
    const response = await fetch(`${platform.api}/api/v1/streams`, { headers });
    expect(response.status).toBe(401);
    expect(response.headers.get('content-type')).toContain('application/problem+json');
  });

  it('answers health to everybody', async () => {
    const response = await fetch(`${platform.api}/api/v1/health`);
    expect(response.status).toBe(200);
  });

  it('never shows a key again after the creation', async () => {
    const one = await (await callApi(platform, `/streams/${stream.id}`)).text();
    const all = await (await callApi(platform, '/streams')).text();
    expect(one).toContain(stream.id);
    expect(all).toContain(stream.id);
    expect(one + all).not.toContain(stream.key);
  });
});
