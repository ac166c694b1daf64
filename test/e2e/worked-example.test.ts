import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { GrantAnswer } from '../../functions/contract/grants';
import { close, listen } from '../../scripts/emulators/server/listen';
import { checkPlaylist } from '../../scripts/tools/check-hls/rules';
import { missingBrowser, openBrowser } from '../support/platform/browser';
import { decode } from '../support/platform/media';
import { realPart } from '../support/platform/real-part';
import { callApi, createStream, eventually, pause, urisOf } from '../support/platform/viewer';
import { shellBlocks, Terminal } from '../support/platform/worked-example';
import { type ScannedPlatform, startScanned } from '../support/secrets/scanned-platform';

/** Commands of the guide to a gated stream, from nothing to a stream that plays, and who is kept out. */
const [
  start = '',
  definitions = '',
  make = '',
  send = '',
  ask = '',
  grantIt = '',
  byCookie = '',
  chromium = '',
  ffplay = '',
  revoke = '',
] = shellBlocks(join(__dirname, '../../docs/guides/gated-stream.md'), 'A gated stream, with curl alone');
const FFPLAY = '/usr/bin/ffplay';

let platform: ScannedPlatform;
let terminal: Terminal;
let encoder: ChildProcess;
let id = '';

beforeAll(async () => {
  expect(start.trim()).toBe('./scripts/start --no-demo');
  platform = await startScanned(['--no-demo']);
  terminal = new Terminal(definitions, platform);
  const created = await terminal.run(`${make}\nfield id stream.json`);
  id = created;
  // As a terminal has it: in the background until the terminal is closed.
  encoder = spawn('bash', ['-c', `${terminal.script(send)}\nwait`], {
    ...terminal.options,
    timeout: undefined,
    detached: true,
    stdio: 'ignore',
  });
}, 120_000);

afterAll(async () => {
  if (encoder?.pid !== undefined) process.kill(-encoder.pid, 'SIGKILL');
  terminal?.close();
  expect(await platform?.end('SIGTERM')).toBe(0);
}, 60_000);

const grant = async (streamId: string, body: object = {}): Promise<GrantAnswer> => {
  const answer = await callApi(platform, `/streams/${streamId}/grants`, { method: 'POST', body: JSON.stringify(body) });
  expect(answer.status).toBe(201);
  return GrantAnswer.parse(await answer.json());
};
const cookieOf = ({ cookies }: GrantAnswer, kind: 'p' | 's', streamId = id): Record<string, string> => {
  const found = cookies.find(({ path }) => path === `/gated/${kind}/${streamId}/`);
  return { cookie: `${found?.name}=${found?.value}` };
};
const queryOf = ({ queries }: GrantAnswer, kind: 'p' | 's'): string =>
  queries.find(({ pathPrefix }) => pathPrefix.startsWith(`/gated/${kind}/`))?.query ?? '';

/** The newest segment's URL, as this viewer reads the playlists. */
async function newestSegment(viewer: GrantAnswer): Promise<string> {
  const read = async (url: string) => (await fetch(url, { headers: cookieOf(viewer, 'p') })).text();
  const [variant = ''] = urisOf(await read(viewer.playback.hls));
  const uri = urisOf(await read(new URL(variant, viewer.playback.hls).href)).at(-1);
  return new URL(uri ?? '', viewer.playback.hls).href;
}
const statusOf = async (url: string, headers: Record<string, string> = {}): Promise<number> =>
  (await fetch(url, { headers })).status;

describe('the commands of the guide to a gated stream', () => {
  it('publish a stream that is closed to everybody', async () => {
    await eventually('the stream live', 30, async () => {
      const answer = await callApi(platform, `/streams/${id}`);
      return (await answer.text()).includes('"status":"live"');
    });
    expect(await terminal.run(ask)).toBe('403');
  }, 60_000);

  it('make a grant whose cookies play it with curl', async () => {
    await terminal.run(grantIt);
    const playlist = await eventually('the index', 20, () => terminal.run(byCookie).catch(() => undefined));
    expect(checkPlaylist(playlist)).toEqual([]);
    expect(playlist).toContain(`/gated/p/${id}/`);
  }, 60_000);

  realPart('in Chromium', missingBrowser, () => {
    it('play on the page, by cookies, without a stall', async () => {
      const { context, close } = await openBrowser();
      try {
        const page = await context.newPage();
        const urls: string[] = [];
        page.on('request', (request) => urls.push(request.url()));
        await page.goto(await terminal.argumentOf(chromium, 'chromium'));
        await playsOn(page, 8);
        expect(await page.evaluate(() => document.body.dataset.stalls)).toBe('0');
        expect(urls.filter((url) => url.includes('/gated/s/')).length).toBeGreaterThan(3);
        expect(urls.filter((url) => /Signature=|slr_/.test(url.replace(/#.*/, '')))).toEqual([]);
      } finally {
        await close();
      }
    }, 90_000);
  });

  it('play with ffmpeg, by the URL of this viewer', async () => {
    const { frames, audioSeconds, complaints } = await decode(await terminal.argumentOf(ffplay, 'ffplay'), 5);
    expect([frames >= 115, audioSeconds > 4, complaints]).toEqual([true, true, '']);
  }, 60_000);

  realPart('in ffplay', existsSync(FFPLAY) ? undefined : 'no ffplay installed; ffmpeg plays the same URL above', () => {
    it('play by the URL of this viewer', async () => {
      const env = { ...terminal.options.env, SDL_VIDEODRIVER: 'dummy', SDL_AUDIODRIVER: 'dummy' };
      const player = spawn('bash', ['-c', terminal.script(ffplay)], { cwd: terminal.options.cwd, env, detached: true });
      let said = '';
      player.stderr.setEncoding('utf8').on('data', (text: string) => {
        said += text;
      });
      try {
        // Its status line: the clock, then the drift between picture and sound.
        const clocks = () => [...said.matchAll(/(\d+\.\d+) (?:A-V|M-V|M-A):/g)].map(([, clock]) => Number(clock));
        await eventually('five seconds of ffplay', 40, async () => {
          const all = clocks();
          return Math.max(...all) - Math.min(...all) >= 5;
        });
      } finally {
        if (player.pid !== undefined) process.kill(-player.pid, 'SIGKILL');
      }
    }, 60_000);
  });

  realPart('and in Chromium again', missingBrowser, () => {
    it('revoke the grant, whose page stops', async () => {
      const { context, close } = await openBrowser();
      try {
        const page = await context.newPage();
        await page.goto(await terminal.argumentOf(chromium, 'chromium'));
        await playsOn(page, 1);
        await terminal.run(revoke);
        await page.waitForSelector('body[data-state=refused]', { timeout: 45_000 });
        expect(await page.textContent('#status')).toContain('Your access to this stream is over');
      } finally {
        await close();
      }
    }, 90_000);
  });
});

/** Plays this many seconds more. */
async function playsOn(page: Pick<Page, 'waitForFunction'>, more: number): Promise<void> {
  const time = () => document.querySelector('video')?.currentTime ?? 0;
  await page.waitForFunction(() => (document.querySelector('video')?.currentTime ?? 0) > 0.5, undefined, {
    timeout: 30_000,
  });
  const from = await (await page.waitForFunction(time)).jsonValue();
  const until = from + more;
  await page.waitForFunction((wanted) => (document.querySelector('video')?.currentTime ?? 0) >= wanted, until, {
    timeout: (more + 20) * 1000,
  });
}

describe('the gate', () => {
  it('lets nobody in without a grant, nor with that of another stream', async () => {
    const viewer = await grant(id);
    const segment = await newestSegment(viewer);
    const other = await createStream(platform, { title: 'another', policy: 'gated' });
    const stranger = await grant(other.id);
    const playlist = viewer.playback.hls;
    expect(await Promise.all([statusOf(playlist), statusOf(segment)])).toEqual([403, 403]);
    expect(await statusOf(playlist, cookieOf(stranger, 'p', other.id))).toBe(403);
    expect(await statusOf(`${segment}?${queryOf(stranger, 's')}`)).toBe(403);
    // That of the playlists opens no segment.
    expect(await statusOf(segment, cookieOf(viewer, 'p'))).toBe(403);
    expect(
      await statusOf(
        viewer.playback.native.replace(/token=.*/, `token=${stranger.playback.native.split('token=')[1]}`),
      ),
    ).toBe(401);
    expect(
      await Promise.all([statusOf(playlist, cookieOf(viewer, 'p')), statusOf(segment, cookieOf(viewer, 's'))]),
    ).toEqual([200, 200]);
  }, 30_000);

  it("answers a second viewer's segment from the cache, whichever way the grant is shown", async () => {
    const first = await grant(id);
    const second = await grant(id);
    const segment = await newestSegment(first);
    await (await fetch(segment, { headers: cookieOf(first, 's') })).arrayBuffer();
    const answer = await fetch(`${segment}?${queryOf(second, 's')}`);
    expect([answer.status, answer.headers.get('x-cache')?.toLowerCase()]).toEqual([200, 'hit']);
    expect(await statusOf(segment)).toBe(403);
  }, 30_000);

  it('is closed again when a grant ends, for what is cached too', async () => {
    const viewer = await grant(id, { lifetimeSeconds: 10 });
    const segment = await newestSegment(viewer);
    expect(await statusOf(segment, cookieOf(viewer, 's'))).toBe(200);
    await pause(Date.parse(viewer.expiresAt) - Date.now() + 1100);
    expect(await statusOf(segment, cookieOf(viewer, 's'))).toBe(403);
    expect(await statusOf(`${viewer.playback.hls}?${queryOf(viewer, 'p')}`)).toBe(403);
    // Ended, or already forgotten: expired grants are removed by the database.
    const over = [404, 410];
    expect(over).toContain(await statusOf(viewer.playback.native));
    const renewal = await fetch(`${platform.api}/api/v1/streams/${id}/grants/${viewer.id}/renewal`, {
      method: 'POST',
      headers: { authorization: `Bearer ${viewer.renewalToken}` },
    });
    expect(over).toContain(renewal.status);
  }, 40_000);

  realPart('in Chromium', missingBrowser, () => {
    it('stays open for a page that renews, within a page of another site too', async () => {
      const { playback } = await grant(id, { lifetimeSeconds: 10 });
      // Another host by name, so that cookies with SameSite=Lax do not come along.
      const embedding = createServer((_request, response) =>
        response
          .setHeader('content-type', 'text/html')
          .end(`<iframe src="${playback.page}" width="640" height="480" allow="autoplay"></iframe>`),
      );
      const other = `http://localhost:${await listen(embedding, 0, 'another site')}/`;
      const { context, close: closeBrowser } = await openBrowser();
      try {
        const page = await context.newPage();
        await page.goto(other);
        const frame = await eventually('the frame', 10, async () =>
          page.frames().find((each) => each.url().startsWith(platform.api)),
        );
        await playsOn(frame, 14);
        expect(await frame.evaluate(() => [document.body.dataset.state, document.body.dataset.stalls])).toEqual([
          'playing',
          '0',
        ]);
      } finally {
        await closeBrowser();
        await close(embedding);
      }
    }, 90_000);
  });
});
