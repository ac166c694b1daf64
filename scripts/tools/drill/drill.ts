import { setTimeout as sleep } from 'node:timers/promises';
import { createStream } from '../../local/command/demo';
import { Encoder } from '../faults/encoder';
import type { Rig } from '../faults/rig';
import { LiveViewer } from '../faults/viewer';
import type { EmulatorData } from './emulator-data';

/** Seconds for which the database stays empty. */
const EMPTY_SECONDS = 8;
const LIMIT_SECONDS = 60;
const POLL_INTERVAL_MS = 200;

/** Record of a drill. Times in seconds. */
export interface DrillRecord {
  readonly exportSeconds: number;
  readonly importSeconds: number;
  /** From the first document deleted until the documents were back. */
  readonly emptySeconds: number;
  /** From the import's end until a stream created and published then played. */
  readonly newStreamSeconds: number;
  /** The seconds for which the picture stood still for the viewer of the stream that was live throughout. */
  readonly stallSeconds: number;
  /** Sentences about faults; an empty list is right. */
  readonly wrong: readonly string[];
}

const tenths = (milliseconds: number): number => Math.round(milliseconds / 100) / 10;

async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return tenths(performance.now() - began);
}

async function holds(condition: () => boolean | Promise<boolean>): Promise<boolean> {
  const until = performance.now() + LIMIT_SECONDS * 1000;
  while (!(await condition())) {
    if (performance.now() > until) return false;
    await sleep(POLL_INTERVAL_MS);
  }
  return true;
}

/** Repeats an attempt that a starting or empty database may refuse; throws the last error. */
async function persistently<T>(attempt: () => Promise<T>): Promise<T> {
  const until = performance.now() + LIMIT_SECONDS * 1000;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (performance.now() > until) throw error;
      await sleep(1000);
    }
  }
}

/**
 * Takes the steps of "Restore Firestore" of the runbook, as far as an emulator has them, while a stream is live: the
 * documents are exported, all of them deleted, and imported again.
 */
export async function drill(rig: Rig, data: EmulatorData, folder: string): Promise<DrillRecord> {
  const { addresses } = rig.stack;
  const create = (title: string) =>
    persistently(() => createStream(new URL(addresses.edge), addresses.adminKey, title));
  const publish = (key: string) => new Encoder({ url: `${addresses.rtmp}/${key}` });
  const status = async (id: string): Promise<number> => {
    const headers = { authorization: `Bearer ${addresses.adminKey}` };
    return (await fetch(new URL(`/api/v1/streams/${id}`, addresses.edge), { headers })).status;
  };
  const wrong: string[] = [];
  const expected = async (sentence: string, condition: () => boolean | Promise<boolean>) => {
    if (!(await holds(condition))) wrong.push(`not within ${LIMIT_SECONDS} s: ${sentence}`);
  };
  const kept = await create('drill: live throughout');
  const viewer = new LiveViewer(kept.playback.hls);
  const encoders = [publish(kept.ingest.rtmp.streamKey)];
  const viewers = [viewer];
  try {
    await expected('the stream plays', () => viewer.played >= 4);
    const exportSeconds = await timed(() => data.exportTo(folder));
    const younger = await create('drill: created after the export');
    let importSeconds = 0;
    const emptySeconds = await timed(async () => {
      await data.empty();
      await sleep(EMPTY_SECONDS * 1000);
      if ((await status(kept.id)) !== 404) wrong.push('the database was not empty');
      importSeconds = await timed(() => data.importFrom(folder));
    });
    const newStreamSeconds = await timed(async () => {
      const next = await create('drill: created after the import');
      encoders.push(publish(next.ingest.rtmp.streamKey));
      const other = new LiveViewer(next.playback.hls);
      viewers.push(other);
      await expected('a new stream plays', () => other.played >= 1);
    });
    await expected('the API knows the stream again', async () => (await status(kept.id)) === 200);
    await expected('a stream younger than the export is gone', async () => (await status(younger.id)) === 404);
    const known = viewer.listed;
    await encoders[0]?.crash();
    await expected('its encoder may come back', () => viewer.listed > known + 2 && viewer.isFresh);
    wrong.push(...viewer.broken.map(({ clause, message }) => `${clause}: ${message}`));
    return { exportSeconds, importSeconds, emptySeconds, newStreamSeconds, stallSeconds: viewer.stallSeconds, wrong };
  } finally {
    await Promise.all([...encoders.map((encoder) => encoder.stop()), ...viewers.map((one) => one.stop())]);
  }
}
