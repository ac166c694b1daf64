import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { path as ffmpeg } from '@ffmpeg-installer/ffmpeg';
import { missingBrowser, openBrowser } from '../support/platform/browser';
import { builtPages } from '../support/platform/built-pages';
import { realPart } from '../support/platform/real-part';
import { eventually } from '../support/platform/viewer';

const ID = 'abcdefgh01234567';
const INDEX = `#EXTM3U
#EXT-X-VERSION:6
#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="sound",NAME="sound",DEFAULT=YES,AUTOSELECT=YES,URI="sound/live.m3u8"
#EXT-X-STREAM-INF:BANDWIDTH=200000,RESOLUTION=160x90,AUDIO="sound"
high/live.m3u8
#EXT-X-STREAM-INF:BANDWIDTH=90000,RESOLUTION=80x46,AUDIO="sound"
low/live.m3u8
`;
/** As many segments are listed when a player asks first; one more every two seconds, as in a live broadcast. */
const AT_FIRST = 6;
const SEGMENT_MS = 2000;
/** The segment that the better rendition lacks. */
const HOLE = 8;

async function encode(folder: string, source: string): Promise<void> {
  mkdirSync(folder);
  const coded = ['-c:v', 'libx264', '-g', '20', '-pix_fmt', 'yuv420p', '-preset', 'ultrafast', '-c:a', 'aac'];
  const cut = ['-f', 'hls', '-hls_time', '2', '-hls_list_size', '0', join(folder, 'live.m3u8')];
  await promisify(execFile)(ffmpeg, [
    '-nostdin',
    '-v',
    'error',
    '-f',
    'lavfi',
    '-i',
    source,
    '-t',
    '150',
    ...coded,
    ...cut,
  ]);
}
const MEDIA = { high: 'testsrc2=s=160x90:r=10', low: 'testsrc2=s=80x46:r=10', sound: 'sine=r=48000' };

/** The playlist of a finished broadcast as it was so long after its first look. */
function asLive(playlist: string, sinceMs: number): string {
  const end = playlist.indexOf(`live${AT_FIRST + Math.floor(sinceMs / SEGMENT_MS)}.ts`);
  return end < 0 ? playlist : playlist.slice(0, playlist.lastIndexOf('#EXTINF', end));
}

/** A gap in place of one segment (rfc8216bis 4.4.4.7), as of a rung that was given up for it. */
const withHole = (playlist: string): string =>
  playlist
    .replace('VERSION:3', 'VERSION:8')
    .replace(new RegExp(`#EXTINF:[^\\n]*\\nlive${HOLE}\\.ts`), '#EXT-X-GAP\n$&');

realPart('renditions on the page to watch, in Chromium', missingBrowser, () => {
  const root = mkdtempSync(join(tmpdir(), 'srs-live-rungs-'));
  const asked: string[] = [];
  let startedAt: number | undefined;
  const pages = builtPages((pathname, response) => {
    const [, path] = /^\/open\/p\/\w+\/(.+)$/.exec(pathname) ?? [];
    if (path === undefined) return false;
    const type = path.endsWith('.ts') ? 'video/mp2t' : 'application/vnd.apple.mpegurl';
    if (path.endsWith('.ts')) asked.push(path);
    startedAt ??= Date.now();
    const playlist = (): string => {
      const text = asLive(readFileSync(join(root, path), 'utf8'), Date.now() - (startedAt ?? 0));
      return path.startsWith('high/') ? withHole(text) : text;
    };
    const content = path === 'index.m3u8' ? INDEX : path.endsWith('.ts') ? readFileSync(join(root, path)) : playlist();
    response.writeHead(200, { 'content-type': type, 'cache-control': 'no-store' }).end(content);
    return true;
  });
  let browser: Awaited<ReturnType<typeof openBrowser>>;

  beforeAll(async () => {
    for (const [name, source] of Object.entries(MEDIA)) await encode(join(root, name), source);
    browser = await openBrowser();
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    await pages.stop();
    rmSync(root, { recursive: true });
  }, 30_000);

  const isLow = (path: string) => path.startsWith('low/');
  const isAsked = (pattern: RegExp) => async () => asked.some((path) => pattern.test(path));

  it('are heard, and one that lacks a segment is left for it and played again after it', async () => {
    const page = await browser.context.newPage();
    await page.goto(`${await pages.start()}/watch.html?id=${ID}`);
    await eventually('the sound', 60, isAsked(/^sound\//));
    await eventually('the other rendition in the gap', 60, isAsked(new RegExp(`^low/live${HOLE}\\.ts`)));
    const from = asked.length;
    await eventually('the better rendition again', 120, async () =>
      asked.slice(from).some((path) => path.startsWith('high/')),
    );
    expect(asked).not.toContain(`high/live${HOLE}.ts`);
    expect(await page.locator('#quality option').allTextContents()).toEqual(['Auto', '90p', '46p']);
    await page.selectOption('#quality', '46p');
    const chosen = asked.length;
    await eventually('the chosen rendition', 60, async () => asked.slice(chosen).some((path) => /^low\//.test(path)));
    await page.waitForFunction(() => document.querySelector('video')?.videoHeight === 46, undefined, {
      timeout: 60_000,
    });
    const lower = asked.length;
    await eventually('three segments of it', 60, async () => asked.slice(lower).filter(isLow).length >= 3);
    expect(asked.slice(lower).filter((path) => path.startsWith('high/'))).toEqual([]);
    await page.selectOption('#quality', 'Auto');
    await eventually('the better one by itself', 90, async () =>
      asked.slice(lower).some((path) => path.startsWith('high/')),
    );
  }, 300_000);
});
