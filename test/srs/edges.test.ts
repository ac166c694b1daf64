import type { Page } from 'playwright-core';
import { z } from 'zod';
import { percentile } from '../../scripts/tools/bench/figures';
import { readClock, showClock } from '../../scripts/tools/bench/webrtc-clock';
import { publishWhip } from '../../scripts/tools/bench/webrtc-page';
import { inState } from '../suites/watch-page';
import { realPart } from '../support/platform/real-part';
import { type SecondNode, secondNode, secondNodeMissing } from '../support/platform/second-node';
import { type Scene, SrsPlatform, srsMissing } from '../support/platform/srs-platform';
import { callApi, eventually } from '../support/platform/viewer';

const Ways = z.object({
  ways: z.array(z.object({ way: z.string(), url: z.string().optional(), edge: z.string().optional() })),
});
/** No list while a node that may have viewers does not answer. */
const Plays = z.object({ plays: z.array(z.object({ kind: z.string(), nodeId: z.string() })).default([]) });

/** The times at which the page showed a frame, in milliseconds since the epoch. */
interface Framed extends Window {
  shown?: number[];
}

/** Browser to origin to edge to browser, and what an edge that dies costs its viewers. Figures are printed only. */
realPart('an edge beside an origin, on a real SRS', srsMissing() ?? secondNodeMissing(), () => {
  let srs: SrsPlatform;
  let edge: SecondNode;
  beforeAll(async () => {
    srs = await SrsPlatform.start();
    edge = await secondNode(srs.platform, { id: 'edge-1', role: 'edge' });
  }, 180_000);
  afterAll(async () => {
    await edge?.vanish();
    await srs?.end();
  }, 60_000);

  const webRtc = async ({ id }: Scene) => {
    const { ways } = Ways.parse(await (await callApi(srs.platform, `/streams/${id}/playback`)).json());
    return ways.find(({ way }) => way === 'webrtc');
  };
  const playsOf = async ({ id }: Scene) =>
    Plays.parse(await (await callApi(srs.platform, `/streams/${id}/plays`)).json()).plays;
  const told = () => {
    const lines = `${srs.platform.log()}\n${edge.log()}`.split('\n');
    return lines.filter((line) => /"(push|pushes|copy|heartbeat|relay)_/.test(line)).join('\n');
  };

  async function watched({ id }: Scene): Promise<Page> {
    const page = await srs.page();
    await page.goto(`${srs.platform.web}/watch.html?id=${id}&tech=webrtc`);
    await inState(page, 'playing');
    await page.evaluate(() => {
      const view: Framed = window;
      const shown: number[] = [];
      view.shown = shown;
      const video = document.querySelector('video');
      const onFrame = () => {
        shown.push(Date.now());
        video?.requestVideoFrameCallback(onFrame);
      };
      onFrame();
    });
    return page;
  }
  const shownBy = (page: Page) =>
    page.evaluate(() => {
      const view: Framed = window;
      return view.shown ?? [];
    });

  it('plays a browser’s stream, and its viewer’s page goes to the origin by itself when it dies', async () => {
    const scene = await srs.scene('edges', { edges: 1 });
    const publisher = await srs.page();
    await showClock(publisher);
    const from = performance.now();
    expect((await publishWhip(publisher, { url: scene.ingest.whip.url, bearer: scene.key })).state).toBe('connected');
    await eventually(
      () => `the API names the edge, log: ${told()}`,
      60,
      async () => (await webRtc(scene))?.edge !== undefined,
    );
    process.stdout.write(`edges: named ${Math.round(performance.now() - from)} ms after the first offer\n`);
    const viewer = await watched(scene);
    expect(await playsOf(scene)).toMatchObject([{ kind: 'whep', nodeId: 'edge-1' }]);
    const { lags } = await readClock(viewer, 10);
    expect(lags.length).toBeGreaterThan(30);
    const p50 = percentile(lags, 0.5);
    const p95 = percentile(lags, 0.95);
    process.stdout.write(`edges: WHIP to WHEP by the clock, ${lags.length} frames: p50 ${p50}, p95 ${p95} ms\n`);
    const killedAt = Date.now();
    await edge.vanish();
    await eventually('the API names no edge', 30, async () => (await webRtc(scene))?.edge === undefined);
    const named = Date.now() - killedAt;
    await eventually('a second of picture', 60, async () => (await shownAgain(viewer, killedAt)).length > 30);
    const [first = Number.NaN] = await shownAgain(viewer, killedAt);
    process.stdout.write(`edges: killed, not named after ${named} ms, picture again after ${first - killedAt} ms\n`);
    // The browser itself gives a dead connection up after some 18 s.
    expect(first - killedAt).toBeLessThan(15_000);
    await eventually('the viewer plays from the origin', 60, async () =>
      (await playsOf(scene)).some(({ nodeId }) => nodeId === 'local-origin-1'),
    );
    expect(await viewer.evaluate(() => document.body.dataset.technology)).toBe('webrtc');
  }, 240_000);

  /** Frames behind the first second without one since `at`. */
  async function shownAgain(page: Page, at: number): Promise<number[]> {
    const shown = (await shownBy(page)).filter((time) => time > at);
    const first = shown.findIndex((time, index) => time - (shown[index - 1] ?? at) > 1000);
    return first < 0 ? [] : shown.slice(first);
  }
});
