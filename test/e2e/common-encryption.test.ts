import { z } from 'zod';
import type { GrantAnswer } from '../../functions/contract/grants';
import { checkPlaylist, checkSuccession } from '../../scripts/tools/check-hls/rules';
import { playMpd } from '../support/clear-key/play-mpd';
import { checkMpd } from '../support/iso23009';
import { missingBrowser, openBrowser } from '../support/platform/browser';
import { type Encoder, publish } from '../support/platform/encoder';
import { realPart } from '../support/platform/real-part';
import { type CreatedStream, callApi, createStream, eventually } from '../support/platform/viewer';
import { fetched, grantFor, urlsFrom } from '../support/platform/viewing';
import { learnContentKeys } from '../support/secrets/content-keys';
import { evidence } from '../support/secrets/evidence';
import { type ScannedPlatform, startScanned } from '../support/secrets/scanned-platform';

const ROTATION = 3;

let platform: ScannedPlatform;
/** Gated and in `cbcs`, with a new key every three segments; open and in `cenc`, with one key. */
let gated: CreatedStream;
let open: CreatedStream;
const encoders: Encoder[] = [];
let made: { grant: GrantAnswer; at: number } | undefined;

beforeAll(async () => {
  platform = await startScanned(['--no-demo']);
  const cmaf = { packaging: 'cmaf', ladder: 'none' };
  const cbcs = { encryption: 'cbcs', keyRotationSegments: ROTATION };
  gated = await createStream(platform, { title: 'in cbcs', policy: 'gated', ...cmaf, ...cbcs });
  open = await createStream(platform, { title: 'in cenc', policy: 'open', ...cmaf, encryption: 'cenc' });
  for (const { ingest } of [gated, open]) encoders.push(publish(`${ingest.rtmp.server}/${ingest.rtmp.streamKey}`));
}, 120_000);

afterAll(async () => {
  for (const encoder of encoders) await encoder.stop('SIGKILL');
  await platform?.end('SIGTERM');
}, 60_000);

/** Returns a grant that is good for a minute more at least. */
async function granted(): Promise<GrantAnswer> {
  if (made === undefined || Date.now() - made.at > 60_000)
    made = { grant: await grantFor(platform, gated.id, { lifetimeSeconds: 120 }), at: Date.now() };
  return made.grant;
}

const mediaOf = async (): Promise<{ text: string; url: string }> => {
  const grant = await granted();
  const urls = await urlsFrom(gated.playback.hls, grant);
  const url = urls.find((each) => each.endsWith('/source.m3u8')) ?? gated.playback.hls;
  return { text: (await fetched(url, grant)).text, url };
};
const keysIn = (text: string): string[] => [
  ...new Set([...text.matchAll(/#EXT-X-KEY:METHOD=SAMPLE-AES,URI="([^"]+)"/g)].map(([, uri = '']) => uri)),
];
const rotated = () =>
  eventually('three keys in the live playlist', 90, async () => {
    const { text } = await mediaOf();
    return keysIn(text).length >= 3 && text;
  });
const kidsIn = (text: string): string[] =>
  [...text.matchAll(/KEYID=0x([0-9a-f]{32})/g)].map(([, kid = '']) => Buffer.from(kid, 'hex').toString('base64url'));

describe('a stream in Common Encryption', () => {
  it('has a key and an init segment for each three segments, and breaks no rule over time', async () => {
    const versions: string[] = [];
    const text = await eventually('three keys', 90, async () => {
      const { text: next } = await mediaOf();
      if (next.startsWith('#EXTM3U') && next !== versions.at(-1)) versions.push(next);
      return keysIn(next).length >= 3 && next;
    });
    expect(text.match(/#EXT-X-MAP/g)?.length).toBe(text.match(/#EXT-X-KEY/g)?.length);
    expect(versions.flatMap((each) => checkPlaylist(each))).toEqual([]);
    expect(versions.slice(1).flatMap((each, i) => checkSuccession(versions[i] ?? '', each))).toEqual([]);
    const { url } = await mediaOf();
    const mpd = (await fetched(url.replace('source.m3u8', 'manifest.mpd'), await granted())).text;
    expect(checkMpd(mpd)).toEqual([]);
    expect(new Set(mpd.match(/default_KID="[^"]+"/g)).size).toBeGreaterThanOrEqual(3);
  }, 120_000);

  it('gives a license to the holder of a grant, and to nobody else', async () => {
    const url = new URL(`/api/v1/streams/${gated.id}/keys/license`, gated.playback.hls);
    const ask = async (kids: readonly string[], query = '') => {
      const answer = await fetch(`${url}${query}`, { method: 'POST', body: JSON.stringify({ kids }) });
      return [answer.status, (await answer.json()).keys?.length];
    };
    const kids = kidsIn(await rotated()).slice(0, 2);
    expect(await ask(kids, `?token=${(await granted()).playToken}`)).toEqual([200, 2]);
    for (const query of ['', '?token=x']) expect(await ask(kids, query)).toEqual([403, undefined]);
    const { playToken } = await grantFor(
      platform,
      (await createStream(platform, { title: 'another', policy: 'gated' })).id,
    );
    expect(await ask(kids, `?token=${playToken}`)).toEqual([403, undefined]);
  }, 120_000);

  realPart('in the browser', missingBrowser, () => {
    it('plays with hls.js over five changes of the key, without a stall', async () => {
      await rotated();
      const { context, close } = await openBrowser();
      try {
        const page = await context.newPage();
        const licenses: number[] = [];
        page.on('response', (answer) => {
          if (answer.url().includes('/keys/license')) licenses.push(answer.status());
        });
        await page.goto((await grantFor(platform, gated.id)).playback.page);
        const played = () => page.evaluate(() => document.querySelector('video')?.currentTime ?? 0);
        const plays = (seconds: number, timeout: number) =>
          page.waitForFunction((to) => (document.querySelector('video')?.currentTime ?? 0) > to, seconds, { timeout });
        await plays(0.5, 40_000);
        await plays((await played()) + 5 * ROTATION * 2, 90_000);
        expect(await page.evaluate(() => Number(document.body.dataset.stalls ?? Number.NaN))).toBe(0);
        expect(licenses.every((status) => status === 200)).toBe(true);
        expect(licenses.length).toBeGreaterThanOrEqual(5);
      } finally {
        await close();
      }
    }, 180_000);

    it('tells viewers of a browser without ClearKey that it cannot decrypt', async () => {
      await rotated();
      const { context, close } = await openBrowser();
      try {
        const page = await context.newPage();
        await page.addInitScript(() => {
          navigator.requestMediaKeySystemAccess = () => Promise.reject(new DOMException('none', 'NotSupportedError'));
        });
        await page.goto((await grantFor(platform, gated.id)).playback.page);
        await page.getByText('This browser cannot decrypt the stream').waitFor({ timeout: 40_000 });
      } finally {
        await close();
      }
    }, 90_000);

    it('plays as DASH by the license that the MPD names, in both schemes, over a change of the key', async () => {
      await rotated();
      const { context, close } = await openBrowser();
      try {
        const page = await context.newPage();
        await page.goto((await grantFor(platform, gated.id)).playback.page);
        const begun = () => (document.querySelector('video')?.currentTime ?? 0) > 0.5;
        await page.waitForFunction(begun, undefined, { timeout: 60_000 });
        const mpdOf = ({ url }: { url: string }) => url.replace('source.m3u8', 'manifest.mpd');
        const cbcs = await playMpd(page, { mpd: mpdOf(await mediaOf()), fromEnd: 6 });
        const [, source = ''] = await urlsFrom(open.playback.hls);
        await page.goto(new URL('/404.html', open.playback.hls).href);
        const cenc = await playMpd(page, { mpd: mpdOf({ url: source.replace(/[^/]+$/, 'source.m3u8') }), fromEnd: 6 });
        for (const { seconds, pictures, waits } of [cbcs, cenc])
          expect([seconds > 10, pictures > 200, waits]).toEqual([true, true, 0]);
        expect([cbcs.keys >= 2, cenc.keys >= 1]).toEqual([true, true]);
      } finally {
        await close();
      }
    }, 180_000);
  });

  it('has its keys in nothing that the platform shows', async () => {
    expect((await learnContentKeys(platform, evidence, await rotated())).length).toBeGreaterThanOrEqual(3);
  }, 120_000);

  it('has a recording with the keys it had, in HLS and DASH', async () => {
    await encoders[0]?.stop();
    await callApi(platform, `/streams/${gated.id}/stop`, { method: 'POST' });
    const recording = await eventually('a recording', 120, async () => {
      const answer = await callApi(platform, `/streams/${gated.id}/recordings`);
      return Recordings.parse(await answer.json()).recordings[0]?.playback?.hls;
    });
    const grant = await granted();
    const [, playlist = ''] = await urlsFrom(recording, grant);
    const { text } = await fetched(playlist, grant);
    expect(checkPlaylist(text)).toEqual([]);
    expect(keysIn(text).length).toBeGreaterThanOrEqual(3);
    const mpd = (await fetched(recording.replace(/[^/]+$/, 'recording.mpd'), grant)).text;
    expect(checkMpd(mpd)).toEqual([]);
    expect(mpd.match(/<Period /g)?.length).toBe(keysIn(text).length);
    const { context, close } = await openBrowser();
    try {
      const page = await context.newPage();
      await page.goto((await grantFor(platform, gated.id)).playback.page);
      await page.waitForFunction(() => document.body.dataset.state !== 'starting', undefined, { timeout: 60_000 });
      const played = await playMpd(page, { mpd: recording.replace(/[^/]+$/, 'recording.mpd'), fromEnd: 6 });
      expect([played.seconds > 9, played.pictures > 200, played.waits]).toEqual([true, true, 0]);
    } finally {
      await close();
    }
  }, 240_000);
});

const Recordings = z.object({
  recordings: z.array(z.object({ playback: z.object({ hls: z.string() }).optional() })),
});
