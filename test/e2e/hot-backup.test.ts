import { z } from 'zod';
import { probe } from '../../srs-image/agent/inspect/probe';
import { type Encoder, publishToAll } from '../support/platform/encoder';
import { type Listed, listedIn } from '../support/platform/media-rules';
import { realPart } from '../support/platform/real-part';
import { type SecondNode, secondNode, secondNodeMissing } from '../support/platform/second-node';
import { type CreatedStream, callApi, createStream, eventually, pause, statusOf } from '../support/platform/viewer';
import { type Watcher, watch } from '../support/platform/watcher';
import { type ScannedPlatform, startScanned } from '../support/secrets/scanned-platform';

/** One encoder that sends the same pictures to two nodes, of which the one on air vanishes. */
let platform: ScannedPlatform;
let node: SecondNode | undefined;
let encoder: Encoder | undefined;
let watcher: Watcher | undefined;

beforeAll(async () => {
  platform = await startScanned(['--no-demo']);
}, 280_000);

afterAll(async () => {
  await encoder?.stop('SIGKILL');
  await watcher?.stop();
  await platform?.end('SIGTERM');
}, 60_000);

const Sessions = z.object({
  session: z.object({ id: z.string(), nodeId: z.string(), role: z.string() }),
  backup: z.object({ id: z.string(), nodeId: z.string(), role: z.string() }).optional(),
});
const sessionsOf = async ({ id }: CreatedStream) =>
  Sessions.safeParse(await (await callApi(platform, `/streams/${id}`)).json()).data;
const sessionIn = (uri: string): string => uri.split('/')[4] ?? '';

/** The encoder's clock at the first and after the last picture of a segment: it is the same at both nodes. */
async function picturesOf({ uri }: Listed, hls: string): Promise<{ startMs: number; endMs: number }> {
  const bytes = new Uint8Array(await (await fetch(new URL(uri, hls))).arrayBuffer());
  const { startMs = 0, endMs = 0 } = probe(bytes, 15_000)?.video ?? {};
  return { startMs, endMs };
}

/** The pictures that are missing (or, below 0, twice) at the change, and how much the nodes' dates are apart. */
async function changeIn(segments: readonly Listed[], hls: string) {
  const at = segments.findIndex(({ discontinuity }) => discontinuity);
  const last = segments[at - 1];
  const first = segments[at];
  if (last === undefined || first === undefined) throw new Error('there is no discontinuity in the playlist');
  const [before, after] = await Promise.all([picturesOf(last, hls), picturesOf(first, hls)]);
  return {
    betweenPicturesMs: after.startMs - before.endMs,
    offsetMs: first.date - after.startMs - (last.date - before.startMs),
  };
}

realPart('hot backup on two nodes', secondNodeMissing(), () => {
  it('the playlist goes on with the backup when the node on air vanishes, each picture in it once', async () => {
    node = await secondNode(platform);
    const stream = await createStream(platform, { title: 'two ingests', hotBackup: true, recording: true });
    const { streamKey, server } = stream.ingest.rtmp;
    encoder = publishToAll([`${node.rtmp}/${streamKey}`, `${server}/${streamKey}`]);
    const both = await eventually('two publishers', 30, async () => {
      const found = await sessionsOf(stream);
      return found?.backup === undefined ? undefined : found;
    });
    expect(both).toMatchObject({
      session: { nodeId: node.id, role: 'primary' },
      backup: { role: 'backup' },
    });
    const seen = watch(stream.playback.hls);
    watcher = seen;
    const path = await eventually('a live playlist', 30, async () => seen.playlists().at(0));
    await eventually('four segments', 40, async () => seen.segments(path).length >= 4);
    expect(new Set(seen.segments(path).map(sessionIn))).toEqual(new Set([both.session.id]));

    await node.vanish();
    await eventually('a segment of the backup', 30, async () =>
      seen.segments(path).some((uri) => sessionIn(uri) === both.backup?.id),
    );
    await pause(4000);
    const hls = stream.playback.hls;
    const { betweenPicturesMs, offsetMs } = await changeIn(listedIn(seen.newest(path)), hls);
    // The nodes date their segments themselves. Within a second of each other, no picture is lost or shown twice.
    expect(Math.abs(betweenPicturesMs)).toBeLessThanOrEqual(2 * Math.abs(offsetMs) + 100);
    expect(seen.newest(path).match(/^#EXT-X-DISCONTINUITY$/gm)).toHaveLength(1);
    expect(seen.problems()).toEqual([]);
    expect(seen.playlists()).toEqual([path]);
    expect(await statusOf(platform, stream.id)).toBe('live');
    await eventually('the backup on air', 90, async () => (await sessionsOf(stream))?.session.id === both.backup?.id);
    expect(await statusOf(platform, stream.id)).toBe('live');
  }, 240_000);
});
