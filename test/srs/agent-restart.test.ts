import { z } from 'zod';
import { openWebRtcBrowser } from '../../scripts/tools/bench/webrtc-page';
import { publish } from '../support/platform/encoder';
import { realPart } from '../support/platform/real-part';
import { SrsPlatform, srsMissing } from '../support/platform/srs-platform';
import { type CreatedStream, callApi, createStream, eventually, statusOf } from '../support/platform/viewer';
import { grantFor, type Viewer, type Viewing, watchRtmp, watchWhep } from '../support/platform/viewing';

/** Seconds within which nothing of a revoked grant plays. */
const REVOKED_SECONDS = 30;
const Plays = z.object({ plays: z.array(z.object({ kind: z.string(), grantId: z.string().optional() })) });

/** Players of a real SRS outlive the agent beside it, and so must the right to end them. */
realPart('players of a node whose agent was killed', srsMissing(), () => {
  let srs: SrsPlatform;
  let stream: CreatedStream;

  beforeAll(async () => {
    srs = await SrsPlatform.start();
    stream = await createStream(srs.platform, { title: 'agent killed', policy: 'gated' });
    const { server, streamKey } = stream.ingest.rtmp;
    const encoder = publish(`${server}/${streamKey}`);
    srs.ending(() => encoder.stop('SIGKILL'));
    await eventually('a live stream', 60, async () => (await statusOf(srs.platform, stream.id)) === 'live');
  }, 180_000);
  afterAll(() => srs?.end(), 60_000);

  async function plays(): Promise<string[]> {
    const { plays } = Plays.parse(await (await callApi(srs.platform, `/streams/${stream.id}/plays`)).json());
    return plays.map(({ kind, grantId = 'no grant' }) => `${kind} ${grantId}`).sort();
  }

  async function watching(watch: (viewer: Viewer) => Promise<Viewing>, viewer: Viewer): Promise<Viewing> {
    const viewing = await watch(viewer);
    srs.ending(async () => viewing.close());
    await eventually('media', 30, () => viewing.playing());
    return viewing;
  }

  it('are known to the next agent by their grants, and end when these are revoked', async () => {
    const browser = await openWebRtcBrowser();
    srs.ending(() => browser.close());
    const revoked = await grantFor(srs.platform, stream.id);
    const kept = await grantFor(srs.platform, stream.id);
    const viewer = { platform: srs.platform, stream, browser };
    const ending = [
      await watching(watchRtmp, { ...viewer, grant: revoked }),
      await watching(watchWhep, { ...viewer, grant: revoked }),
    ];
    const staying = await watching(watchRtmp, { ...viewer, grant: kept });
    const known = [`rtmp ${kept.id}`, `rtmp ${revoked.id}`, `whep ${revoked.id}`].sort();
    expect(await plays()).toEqual(known);

    process.kill(srs.platform.processes.agent ?? 0, 'SIGKILL');
    await eventually('the next agent', 30, async () => srs.platform.log().split('"agent_started"').length > 2);
    await eventually('who plays', 30, async () => JSON.stringify(await plays()) === JSON.stringify(known));
    for (const viewing of [...ending, staying]) expect(await viewing.playing()).toBe(true);

    await callApi(srs.platform, `/streams/${stream.id}/grants/${revoked.id}`, { method: 'DELETE' });
    for (const viewing of ending)
      await eventually(
        'the end of a revoked viewer',
        REVOKED_SECONDS,
        async () => (await viewing.overSince()) !== undefined,
      );
    expect(await staying.playing()).toBe(true);
    expect(await plays()).toEqual([`rtmp ${kept.id}`]);
  }, 180_000);
});
