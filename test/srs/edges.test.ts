import { z } from 'zod';
import { readClock, showClock } from '../../scripts/tools/bench/webrtc-clock';
import { openPage, playWhep, publishWhip } from '../../scripts/tools/bench/webrtc-page';
import { realPart } from '../support/platform/real-part';
import { type SecondNode, secondNode, secondNodeMissing } from '../support/platform/second-node';
import { SrsPlatform, srsMissing } from '../support/platform/srs-platform';
import { callApi, eventually } from '../support/platform/viewer';
import { framesOf } from '../support/webrtc-frames';

const Created = z.object({
  id: z.string(),
  key: z.string(),
  ingest: z.object({ whip: z.object({ url: z.string() }) }),
});
const Ways = z.object({
  ways: z.array(z.object({ way: z.string(), url: z.string().optional(), edge: z.string().optional() })),
});

/** Browser to origin to edge to browser, and what an edge that dies costs its viewers. */
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

  const way = async (id: string, name: string) => {
    const { ways } = Ways.parse(await (await callApi(srs.platform, `/streams/${id}/playback`)).json());
    return ways.find((each) => each.way === name);
  };

  it('plays a browser’s stream, and its viewer is at the origin soon after it died', async () => {
    const answer = await callApi(srs.platform, '/streams', { method: 'POST', body: '{"title":"edges","edges":1}' });
    const { id, key, ingest } = Created.parse(await answer.json());
    const [publisher, viewer] = [
      await openPage(srs.browser, srs.platform.web),
      await openPage(srs.browser, srs.platform.web),
    ];
    await showClock(publisher);
    const from = performance.now();
    expect((await publishWhip(publisher, { url: ingest.whip.url, bearer: key })).state).toBe('connected');
    await eventually('the API names the edge', 60, async () => (await way(id, 'webrtc'))?.edge !== undefined);
    process.stdout.write(`edges: named ${Math.round(performance.now() - from)} ms after the first offer\n`);
    const { url = '' } = (await way(id, 'webrtc')) ?? {};
    expect((await playWhep(viewer, { url })).state).toBe('connected');
    await eventually('a picture from the edge', 30, async () => (await framesOf(viewer)) > 30);
    const { plays } = await (await callApi(srs.platform, `/streams/${id}/plays`)).json();
    expect(plays).toMatchObject([{ kind: 'whep', nodeId: 'edge-1' }]);
    const { lags } = await readClock(viewer, 10);
    const sorted = lags.toSorted((a, b) => a - b);
    const at = (share: number) => Math.round(sorted[Math.floor(sorted.length * share)] ?? Number.NaN);
    process.stdout.write(
      `edges: WHIP to WHEP by the clock, ${lags.length} frames: p50 ${at(0.5)}, p95 ${at(0.95)} ms\n`,
    );
    expect(lags.length).toBeGreaterThan(30);
    const killed = performance.now();
    await edge.vanish();
    await eventually('the API names no edge', 20, async () => (await way(id, 'webrtc'))?.edge === undefined);
    const named = performance.now() - killed;
    const again = await openPage(srs.browser, srs.platform.web);
    const next = (await way(id, 'webrtc'))?.url ?? '';
    expect((await playWhep(again, { url: next })).state).toBe('connected');
    await eventually('a picture from the origin', 30, async () => (await framesOf(again)) > 1);
    const pictured = performance.now() - killed;
    process.stdout.write(
      `edges: killed, not named after ${Math.round(named)}, picture after ${Math.round(pictured)} ms\n`,
    );
  }, 240_000);
});
