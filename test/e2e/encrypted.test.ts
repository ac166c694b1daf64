import { readdirSync, readFileSync } from 'node:fs';
import { z } from 'zod';
import type { GrantAnswer } from '../../functions/contract/grants';
import { checkPlaylist, checkSuccession } from '../../scripts/tools/check-hls/rules';
import { missingBrowser, openBrowser } from '../support/platform/browser';
import { type Encoder, publish } from '../support/platform/encoder';
import { decode } from '../support/platform/media';
import { realPart } from '../support/platform/real-part';
import { type CreatedStream, callApi, createStream, eventually, urisOf } from '../support/platform/viewer';
import { fetched, grantFor, urlsFrom } from '../support/platform/viewing';
import { learnContentKeys } from '../support/secrets/content-keys';
import { evidence } from '../support/secrets/evidence';
import { type ScannedPlatform, startScanned } from '../support/secrets/scanned-platform';

/** A gated stream whose segments are encrypted, with a new key every three of them. */
const ROTATION = 3;
/** The sync byte of MPEG-TS, which every packet of 188 bytes begins with. */
const SYNC = 0x47;

let platform: ScannedPlatform;
let stream: CreatedStream;
let encoder: Encoder;
let made: { grant: GrantAnswer; at: number } | undefined;

beforeAll(async () => {
  platform = await startScanned(['--no-demo']);
  const encryption = { encryption: 'aes-128', keyRotationSegments: ROTATION };
  stream = await createStream(platform, { title: 'encrypted', policy: 'gated', ...encryption });
  const { server, streamKey } = stream.ingest.rtmp;
  encoder = publish(`${server}/${streamKey}`);
}, 120_000);

afterAll(async () => {
  await encoder?.stop('SIGKILL');
  await platform?.end('SIGTERM');
}, 60_000);

/** Returns a grant that is good for a minute more at least: a busy machine takes longer than one lasts. */
async function granted(): Promise<GrantAnswer> {
  if (made === undefined || Date.now() - made.at > 60_000)
    made = { grant: await grantFor(platform, stream.id, { lifetimeSeconds: 120 }), at: Date.now() };
  return made.grant;
}

const media = async (): Promise<string> => {
  const grant = await granted();
  const [, playlist = stream.playback.hls] = await urlsFrom(stream.playback.hls, grant);
  return (await fetched(playlist, grant)).text;
};
const keysIn = (text: string): string[] => [
  ...new Set([...text.matchAll(/#EXT-X-KEY:METHOD=AES-128,URI="([^"]+)"/g)].map(([, uri = '']) => uri)),
];
const rotated = () =>
  eventually('three keys in the live playlist', 90, async () => {
    const text = await media();
    return keysIn(text).length >= 3 && text;
  });

describe('an encrypted stream', () => {
  it('has a key for each three segments, a vector for each, and breaks no rule over time', async () => {
    const versions: string[] = [];
    const text = await eventually('three keys', 90, async () => {
      const next = await media();
      if (next.startsWith('#EXTM3U') && next !== versions.at(-1)) versions.push(next);
      return keysIn(next).length >= 3 && next;
    });
    const lines = [...text.matchAll(/#EXT-X-KEY:METHOD=AES-128,URI="([^"]+)",IV=(0x[0-9a-f]{32})/g)];
    expect(lines).toHaveLength(urisOf(text).length);
    expect(new Set(lines.map(([, , iv]) => iv)).size).toBe(lines.length);
    expect(versions.flatMap((each) => checkPlaylist(each))).toEqual([]);
    const findings = versions.flatMap((each, index) =>
      index === 0 ? [] : checkSuccession(versions[index - 1] ?? '', each),
    );
    expect(findings).toEqual([]);
  }, 120_000);

  it('stores no segment in the clear', async () => {
    const [uri = ''] = urisOf(await rotated());
    const cookie = (await granted()).cookies.map(({ name, value }) => `${name}=${value}`)[1] ?? '';
    const answer = await fetch(new URL(uri, stream.playback.hls), { headers: { cookie } });
    const bytes = new Uint8Array(await answer.arrayBuffer());
    expect([answer.status, bytes.length % 16]).toEqual([200, 0]);
    const packets = Array.from({ length: Math.floor(bytes.length / 188) }, (_, index) => bytes[index * 188]);
    expect(packets.filter((byte) => byte === SYNC).length).toBeLessThan(packets.length / 2);
  }, 120_000);

  it('gives its keys to the holder of a grant, and to nobody else', async () => {
    const [uri = ''] = keysIn(await rotated());
    const url = new URL(uri, stream.playback.hls);
    const key = async (headers: Record<string, string>, query = '') => {
      const answer = await fetch(`${url}${query}`, { headers });
      return [answer.status, (await answer.arrayBuffer()).byteLength, answer.headers.get('cache-control')];
    };
    const grant = await granted();
    const [, , cookie] = grant.cookies.map(({ name, value }) => `${name}=${value}`);
    expect(await key({ cookie: cookie ?? '' })).toEqual([200, 16, 'no-store']);
    expect(await key({}, `?token=${grant.playToken}`)).toEqual([200, 16, 'no-store']);
    for (const headers of [{}, { cookie: 'srs-play-token=x' }]) expect((await key(headers))[0]).toBe(403);
    const other = await createStream(platform, { title: 'another', policy: 'gated', encryption: 'aes-128' });
    const { playToken } = await grantFor(platform, other.id);
    expect((await key({}, `?token=${playToken}`))[0]).toBe(403);
  }, 120_000);

  it('decodes in ffmpeg without a complaint, over a change of the key', async () => {
    await rotated();
    const { frames, audioSeconds, complaints } = await decode((await granted()).playback.native, 14);
    expect(complaints).toBe('');
    expect(frames).toBeGreaterThanOrEqual(340);
    expect(audioSeconds).toBeGreaterThan(13);
  }, 120_000);

  realPart('in the browser', missingBrowser, () => {
    it('plays with hls.js over five changes of the key, without a stall', async () => {
      const { context, close } = await openBrowser();
      try {
        const page = await context.newPage();
        const keys = new Map<string, number>();
        page.on('response', (answer) => {
          const { pathname } = new URL(answer.url());
          if (pathname.includes('/keys/')) keys.set(pathname, answer.status());
        });
        const { page: link } = (await grantFor(platform, stream.id)).playback;
        await page.goto(link);
        const played = () => page.evaluate(() => document.querySelector('video')?.currentTime ?? 0);
        const plays = (seconds: number, timeout: number) =>
          page.waitForFunction((to) => (document.querySelector('video')?.currentTime ?? 0) > to, seconds, { timeout });
        await plays(0.5, 40_000);
        await plays((await played()) + 5 * ROTATION * 2, 90_000);
        expect(await page.evaluate(() => Number(document.body.dataset.stalls ?? Number.NaN))).toBe(0);
        expect([...keys.values()].every((status) => status === 200)).toBe(true);
        expect(keys.size).toBeGreaterThanOrEqual(5);
      } finally {
        await close();
      }
    }, 180_000);
  });

  it('leaves its keys in no command line, and the scanner knows them', async () => {
    const learnt = await learnContentKeys(platform, evidence, await rotated());
    expect(learnt.length).toBeGreaterThanOrEqual(3);
    const commands = commandLines();
    expect(commands.length).toBeGreaterThan(5);
    for (const key of learnt) expect(commands.filter((line) => line.includes(key.toString('hex')))).toEqual([]);
    expect(commands.filter((line) => /slc_[a-z0-9]{40}/.test(line))).toEqual([]);
    expect(evidence.known()).toEqual(expect.arrayContaining([expect.stringMatching(/^content key 1-\w+\.\d+$/)]));
  }, 120_000);

  it('has a recording that plays with the keys it had', async () => {
    await encoder.stop();
    await callApi(platform, `/streams/${stream.id}/stop`, { method: 'POST' });
    const recording = await eventually('a recording', 120, async () => {
      const answer = await callApi(platform, `/streams/${stream.id}/recordings`);
      return Recordings.parse(await answer.json()).recordings[0]?.playback?.hls;
    });
    const [, playlist = ''] = await urlsFrom(recording, await granted());
    const { text } = await fetched(playlist, await granted());
    expect(checkPlaylist(text)).toEqual([]);
    expect(keysIn(text).length).toBeGreaterThanOrEqual(3);
    const fresh = await grantFor(platform, stream.id);
    const native = fresh.playback.native.replace('index.m3u8', recording.split('/').slice(-2).join('/'));
    const { frames, complaints } = await decode(native, 14);
    expect([complaints, frames >= 340]).toEqual(['', true]);
  }, 240_000);
});

const Recordings = z.object({
  recordings: z.array(z.object({ playback: z.object({ hls: z.string() }).optional() })),
});

/** Returns the command line of every process, as anybody on the machine can read it. */
const commandLines = (): string[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        return [readFileSync(`/proc/${pid}/cmdline`, 'latin1')];
      } catch {
        return []; // it has ended meanwhile
      }
    });
