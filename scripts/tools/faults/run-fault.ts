import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createStream } from '../../local/command/demo';
import { Closings } from './closings';
import { Encoder } from './encoder';
import type { Fault, Mend, Scene } from './fault';
import type { Rig } from './rig';
import type { Outcome } from './verdict';
import { LiveViewer } from './viewer';
import { openWire } from './wire';

/** Seconds until a new stream plays; a platform that recovers from the previous fault takes longer. */
const BEGIN_SECONDS = 40;
const HEAL_SECONDS = 45;
/** Seconds within which the last closed segment is uploaded and named. */
const SETTLE_SECONDS = 15;
const POLL_INTERVAL_MS = 200;

/** Waits until `condition` holds; returns the seconds it took, or `undefined` when it did not within `seconds`. */
async function within(seconds: number, condition: () => boolean): Promise<number | undefined> {
  for (const began = performance.now(); ; await sleep(POLL_INTERVAL_MS)) {
    const took = (performance.now() - began) / 1000;
    if (condition()) return Math.round(took * 10) / 10;
    if (took > seconds) return undefined;
  }
}

/** Runs a fault on a stream of its own with a viewer, and returns what was seen until the stream was well again. */
export async function runFault(rig: Rig, fault: Fault): Promise<Outcome> {
  const { addresses, controls } = rig.stack;
  const stream = await createStream(new URL(addresses.edge), addresses.adminKey, `faults: ${fault.name}`);
  const wire = await openWire(Number(new URL(addresses.rtmp).port));
  const closings = new Closings(join(addresses.hlsRoot, 'live', stream.id));
  const { streamKey } = stream.ingest.rtmp;
  const publisher = new Encoder({ url: `rtmp://127.0.0.1:${wire.port}/live/${streamKey}` });
  const viewer = new LiveViewer(stream.playback.hls);
  const scene = { controls, addresses, streamId: stream.id, streamKey, publisher, wire, pid: rig.pid };
  try {
    if ((await within(BEGIN_SECONDS, () => viewer.played >= 4)) === undefined)
      return { ...seen(viewer, closings), healSeconds: undefined, broken: ['the stream did not begin to play'] };
    const healSeconds = await strikeAndHeal(fault, scene, viewer);
    await within(SETTLE_SECONDS, () => viewer.listed >= closings.count);
    return { ...seen(viewer, closings), healSeconds };
  } finally {
    await publisher.stop();
    await Promise.all([viewer.stop(), wire.close()]);
    closings.stop();
  }
}

async function strikeAndHeal(fault: Fault, scene: Scene, viewer: LiveViewer): Promise<number | undefined> {
  const mend: Mend = await fault.strike(scene);
  await sleep(fault.lastsSeconds * 1000);
  await mend();
  const known = viewer.listed;
  return within(HEAL_SECONDS, () => viewer.listed > known + 1 && viewer.isFresh);
}

const seen = (viewer: LiveViewer, closings: Closings): Omit<Outcome, 'healSeconds'> => ({
  stallSeconds: viewer.stallSeconds,
  lostSegments: Math.max(0, closings.count - viewer.listed),
  discontinuities: viewer.discontinuities,
  unanswered: viewer.unanswered,
  broken: viewer.broken.map(({ url, clause, message }) => `${new URL(url).pathname}: ${clause}: ${message}`),
});
