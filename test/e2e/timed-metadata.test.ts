import { createServer } from 'node:http';
import type { Page } from 'playwright-core';
import { z } from 'zod';
import { parseMediaPlaylist } from '../../functions/core/playlist/media-playlist';
import { close, listen } from '../../scripts/emulators/server/listen';
import { checkPlaylist } from '../../scripts/tools/check-hls/rules';
import { missingBrowser, openBrowser } from '../support/platform/browser';
import { type Encoder, publish } from '../support/platform/encoder';
import { realPart } from '../support/platform/real-part';
import {
  type CreatedStream,
  callApi,
  createStream,
  eventually,
  livePlaylist,
  statusOf,
} from '../support/platform/viewer';
import { type ScannedPlatform, startScanned } from '../support/secrets/scanned-platform';

const Raised = z.array(z.object({ id: z.string(), data: z.string(), playing: z.number(), startsAt: z.number() }));
const Recordings = z.object({
  recordings: z.array(z.object({ playback: z.object({ hls: z.string() }).optional() })),
});
/** Marks of right-to-left text, an emoji, HTML, a quote and a line end. */
const ODD = '{"text":"\u202e<img src=x onerror=alert(1)> \ud83d\ude00 100% \\"quoted\\"\\n#EXT-X-ENDLIST"}';

realPart('timed metadata, from the request to the page', missingBrowser, () => {
  let platform: ScannedPlatform;
  let browser: Awaited<ReturnType<typeof openBrowser>>;
  let stream: CreatedStream;
  let encoder: Encoder;
  let site = '';
  const server = createServer((_request, response) => {
    const frame = `<iframe src="${platform.web}/embed.html?id=${stream.id}" allow="autoplay"></iframe>`;
    const listen = `<script>window.told = []; addEventListener('message', ({ data, origin }) =>
      data.type === 'srs-live.metadata' && told.push({ origin, id: data.metadata.id }));</script>`;
    response.writeHead(200, { 'content-type': 'text/html' }).end(`<!doctype html>${listen}${frame}`);
  });

  beforeAll(async () => {
    [platform, browser] = await Promise.all([startScanned(['--no-demo'], {}, ['webhook']), openBrowser()]);
    stream = await createStream(platform, { title: 'with metadata', reconnectWindowSeconds: 0 });
    encoder = publish(`${stream.ingest.rtmp.server}/${stream.ingest.rtmp.streamKey}`);
    site = `http://localhost:${await listen(server, 0, 'another site')}`;
    await eventually('the stream is live', 60, async () => (await statusOf(platform, stream.id)) === 'live');
  }, 150_000);
  afterAll(async () => {
    await encoder?.stop('SIGKILL');
    await browser?.close();
    await close(server);
    await platform?.end('SIGTERM');
  }, 60_000);

  const send = (body: object) =>
    callApi(platform, `/streams/${stream.id}/metadata`, { method: 'POST', body: JSON.stringify(body) });
  const served = async (url: string): Promise<string> => (await livePlaylist(url))?.text ?? '';

  async function listening(): Promise<Page> {
    const page = await browser.context.newPage();
    await page.goto(`${platform.web}/watch.html?id=${stream.id}`);
    await page.waitForSelector('body[data-state=playing]', { timeout: 60_000 });
    await page.evaluate(() => {
      const raised: unknown[] = [];
      Reflect.set(window, 'raised', raised);
      document.addEventListener('srs-live.metadata', (event) => {
        if (!(event instanceof CustomEvent)) return;
        const { id, data, startsAt } = event.detail;
        const latency = Number(document.body.dataset.latencySeconds);
        raised.push({ id, data, startsAt: startsAt.getTime(), playing: Date.now() - latency * 1000 });
      });
    });
    return page;
  }
  const raisedIn = async (page: Page) => Raised.parse(await page.evaluate(() => Reflect.get(window, 'raised')));

  it('is raised once by everybody who watches, in order, when the picture is there', async () => {
    const page = await listening();
    const embedding = await browser.context.newPage();
    await embedding.goto(site);
    await embedding.frameLocator('iframe').locator('body[data-state=playing]').waitFor({ timeout: 60_000 });
    for (const body of [
      { id: 'm1', data: ODD },
      { id: 'm2', data: 'two', durationSeconds: 30 },
      { id: 'm1', data: ODD },
    ])
      expect((await send(body)).status).toBe(202);
    expect((await send({ id: 'm1', data: 'other' })).status).toBe(409);
    await eventually('both messages', 60, async () => (await raisedIn(page)).length === 2);
    const raised = await raisedIn(page);
    expect(raised.map(({ id, data }) => [id, data])).toEqual([
      ['m1', ODD],
      ['m2', 'two'],
    ]);
    for (const { playing, startsAt } of raised) expect(playing).toBeGreaterThan(startsAt - 1000);
    const told = () => embedding.evaluate(() => Reflect.get(window, 'told'));
    await eventually('both in the embedding page', 60, async () => JSON.stringify(await told()).includes('m2'));
    expect(await told()).toEqual(['m1', 'm2'].map((id) => ({ origin: new URL(platform.web).origin, id })));
    await Promise.all([page.close(), embedding.close()]);
  }, 200_000);

  it('stands in the playlist as the rules have it, and in the recording', async () => {
    const text = await served(stream.playback.hls);
    expect(checkPlaylist(text)).toEqual([]);
    const { segments, dateRanges = [] } = parseMediaPlaylist(text);
    const first = segments[0]?.programDateTimeMs ?? 0;
    const last = segments.at(-1)?.programDateTimeMs ?? 0;
    for (const { startMs } of dateRanges) expect(startMs >= first && startMs <= last + 10_000).toBe(true);
    expect((await send({ id: 'last', data: 'x', durationSeconds: 1 })).status).toBe(202);
    const isListed = async () => (await served(stream.playback.hls)).includes('"last"');
    await eventually('the last message', 30, isListed);
    await encoder.stop('SIGTERM');
    const url = await eventually('the recording', 120, async () => {
      const answer = await callApi(platform, `/streams/${stream.id}/recordings`);
      return Recordings.parse(await answer.json()).recordings[0]?.playback?.hls;
    });
    const recorded = await served(url);
    expect(checkPlaylist(recorded)).toEqual([]);
    expect(parseMediaPlaylist(recorded).dateRanges?.map(({ id }) => id)).toEqual(['m1', 'm2', 'last']);
    expect((await send({ id: 'late', data: 'x' })).status).toBe(409);
  }, 200_000);
});
