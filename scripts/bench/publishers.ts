import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs, promisify } from 'node:util';
import { path as ffmpegPath } from '@ffmpeg-installer/ffmpeg';
import { createStream } from '../local/demo';
import { portsFrom } from '../local/ports';
import { type Platform, startPlatform } from '../local/run-start';
import { watchCpu } from './cpu';

/**
 * How many publishers one machine takes: `node scripts/build/run.mjs scripts/bench/publishers.ts [--publishers N] [--seconds S]`, with
 * `SRS_BIN` as for `./scripts/start`. Each publisher sends the same 600 kbit/s over RTMP, encoded once before, so that what is measured
 * is SRS, agent, functions and edge; the publishers' own work on the same cores is told beside it.
 */
const { values } = parseArgs({
  options: { publishers: { type: 'string', default: '100' }, seconds: { type: 'string', default: '60' } },
});
const PORT_BASE = 26_000;
/** All at once would measure the admission of a hundred publishers in a second. */
const STARTS_PER_SECOND = 5;

function wholeNumber(name: 'publishers' | 'seconds', most: number): number {
  const value = Number(values[name]);
  if (Number.isInteger(value) && value >= 1 && value <= most) return value;
  throw new Error(`--${name} ${values[name]}: use a whole number from 1 to ${most}`);
}

/** 20 s of picture at 536 kbit/s and sound at 64 kbit/s, a keyframe every 2 s. */
async function encode(file: string): Promise<void> {
  const rate = ['-b:v', '536k', '-minrate', '536k', '-maxrate', '536k', '-bufsize', '536k', '-x264-params', 'nal-hrd=cbr'];
  await promisify(execFile)(ffmpegPath, [
    ...[
      '-nostdin',
      '-loglevel',
      'error',
      '-f',
      'lavfi',
      '-i',
      'testsrc2=size=640x360:rate=25',
      '-f',
      'lavfi',
      '-i',
      'sine=frequency=440',
    ],
    ...['-c:v', 'libx264', '-preset', 'veryfast', '-pix_fmt', 'yuv420p', '-g', '50', '-sc_threshold', '0', '-bf', '0', ...rate],
    ...['-c:a', 'aac', '-b:a', '64k', '-t', '20', '-f', 'flv', file],
  ]);
}

interface Publishing {
  id: string;
  hls: string;
  child: ChildProcess;
}

async function start(platform: Platform, file: string, count: number): Promise<Publishing[]> {
  const all: Publishing[] = [];
  for (let at = 0; at < count; at += 1) {
    const { id, ingest, playback } = await createStream(new URL(platform.api), platform.adminKey, `bench: publisher ${at}`);
    const url = `${ingest.rtmp.server}/${ingest.rtmp.streamKey}`;
    const args = ['-nostdin', '-loglevel', 'error', '-re', '-stream_loop', '-1', '-i', file, '-c', 'copy', '-f', 'flv', url];
    all.push({ id, hls: playback.hls, child: spawn(ffmpegPath, args, { stdio: 'ignore' }) });
    await sleep(1000 / STARTS_PER_SECOND);
  }
  return all;
}

/** Values of the agent's metrics by name and labels. */
async function metrics(): Promise<Map<string, number>> {
  const text = await (await fetch(`http://127.0.0.1:${portsFrom(PORT_BASE).agentHooks}/metrics`)).text();
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ') + 1))]));
}

/** The bound below which this share of the values of a histogram lie, among those added since `before`. */
function bound(
  name: string,
  share: number,
  [before, after]: readonly [ReadonlyMap<string, number>, ReadonlyMap<string, number>],
): string {
  const grown = (key: string) => (after.get(key) ?? 0) - (before.get(key) ?? 0);
  const count = grown(`${name}_count`);
  const buckets = [...after.keys()].filter((key) => key.startsWith(`${name}_bucket{`));
  const enough = buckets.find((key) => grown(key) >= count * share);
  return /le="([^"]+)"/.exec(enough ?? '')?.[1] ?? 'none';
}

/** Numbers that are missing in what the live playlist lists, and publishers without one. */
async function look(all: readonly Publishing[]): Promise<{ missing: number; silent: number }> {
  let [missing, silent] = [0, 0];
  for (const { hls } of all) {
    const index = await fetch(hls).then((answer) => (answer.ok ? answer.text() : ''));
    const variant = index.split('\n').find((line) => line.startsWith('/'));
    const playlist = variant === undefined ? '' : await (await fetch(new URL(variant, hls))).text();
    const numbers = [...playlist.matchAll(/\/(\d+)\.ts$/gm)].map(([, number]) => Number(number));
    if (numbers.length === 0) silent += 1;
    missing += numbers.reduce((sum, number, at) => sum + (at === 0 ? 0 : number - (numbers[at - 1] ?? 0) - 1), 0);
  }
  return { missing, silent };
}

async function main(): Promise<void> {
  const [publishers, seconds] = [wholeNumber('publishers', 200), wholeNumber('seconds', 3600)];
  const folder = await mkdtemp(join(tmpdir(), 'srs-live-bench-'));
  const platform = await startPlatform(['--no-demo', '--port-base', String(PORT_BASE)]);
  const all: Publishing[] = [];
  try {
    await encode(join(folder, 'source.flv'));
    all.push(...(await start(platform, join(folder, 'source.flv'), publishers)));
    const before = await metrics();
    const encoders = Object.fromEntries(all.map(({ child, id }) => [`encoder ${id}`, child.pid ?? 0]));
    const [ours, theirs] = [watchCpu(platform.processes), watchCpu(encoders)];
    await sleep(seconds * 1000);
    const [cores, sending, after] = [ours(), theirs(), await metrics()];
    const sum = (shares: Record<string, number>) => Math.round(Object.values(shares).reduce((a, b) => a + b, 0) * 100) / 100;
    console.log(
      JSON.stringify(
        {
          origin: platform.origin,
          cpus: availableParallelism(),
          publishers,
          seconds,
          ended: all.filter(({ child }) => child.exitCode !== null).length,
          uploadedSegments:
            (after.get('srs_agent_uploaded_segments_total') ?? 0) - (before.get('srs_agent_uploaded_segments_total') ?? 0),
          lostSegments: after.get('srs_agent_lost_segments_total'),
          pendingSegments: after.get('srs_agent_pending_segments'),
          storageRetries: after.get('srs_agent_storage_retries_total'),
          uploadLagSeconds: {
            p50: `<= ${bound('srs_agent_upload_lag_seconds', 0.5, [before, after])}`,
            p99: `<= ${bound('srs_agent_upload_lag_seconds', 0.99, [before, after])}`,
          },
          playlists: await look(all),
          cores: { ...cores, encoders: sum(sending), all: Math.round((sum(cores) + sum(sending)) * 100) / 100 },
        },
        null,
        2,
      ),
    );
  } finally {
    for (const { child } of all) child.kill('SIGKILL');
    await platform.end('SIGTERM');
    await rm(folder, { recursive: true, force: true });
  }
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
