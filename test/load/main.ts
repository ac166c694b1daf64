import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { createStream } from '../../scripts/local/command/demo';
import { type Platform, startPlatform } from '../../scripts/local/command/run-start';
import { portsFrom } from '../../scripts/local/ports';
import { percentile } from '../../scripts/tools/bench/figures';
import { Closings } from './closings';
import { watchCpu } from './cpu';
import { profileAll } from './profile';
import { type Recording, RtmpSender } from './rtmp-sender';
import { encode } from './source';
import { storedSegments } from './stored';
import { type Viewed, viewAll } from './viewer';

/**
 * Measures how many publishers one machine takes: `npm run load -- [--publishers N] [--seconds S] [--profile FOLDER]`,
 * with `SRS_BIN` as for `./scripts/start`. Each publisher sends the same 600 kbit/s over RTMP, encoded once before;
 * every segment SRS closes is looked for in the bucket, and every playlist is checked. Ends with 1 if anything is lost,
 * wrong, or later than one segment. With `--without` (on a real SRS) a second turn follows on the same platform, with
 * as many publishers straight to SRS: what the gate costs stands between them.
 */
const { values } = parseArgs({
  options: {
    publishers: { type: 'string', default: '100' },
    seconds: { type: 'string', default: '60' },
    profile: { type: 'string' },
    without: { type: 'boolean', default: false },
  },
});
const PORT_BASE = 26_000;
/** All at once would measure the admission of a hundred publishers in a second. */
const STARTS_PER_SECOND = 5;
const TICK_MS = 40;
const SEGMENT_MS = 2000;
/** Each stream is looked at as often as a player does with segments of 2 s, halved. */
const POLL_INTERVAL_MS = 4000;
/** The time for the last closed segments to arrive before the count is taken. */
const SETTLE_MS = 10_000;
const PROFILE_SECONDS = 10;
/**
 * SRS writes HLS in its one media thread: in memory on a VM, and so here. Segments stay there too, 4.5 GB of 100
 * publishers in 10 minutes.
 */
const IN_MEMORY: Readonly<Record<string, string>> = existsSync('/dev/shm') ? { TMPDIR: '/dev/shm' } : {};

function wholeNumber(name: 'publishers' | 'seconds', most: number): number {
  const value = Number(values[name]);
  if (Number.isInteger(value) && value >= 1 && value <= most) return value;
  throw new Error(`--${name} ${values[name]}: use a whole number from 1 to ${most}`);
}

interface Publishing {
  id: string;
  hls: string;
  sender: RtmpSender;
  closings: Closings;
}

interface Turn {
  readonly platform: Platform;
  readonly recording: Recording;
  readonly count: number;
  /** The RTMP address to send to instead of the one that the API names. */
  readonly server?: string;
}

async function start({ platform, recording, count, server }: Turn, all: Publishing[]): Promise<void> {
  for (let at = 0; at < count; at += 1) {
    const { id, ingest, playback } = await createStream(
      new URL(platform.api),
      platform.adminKey,
      `load: publisher ${at}`,
    );
    const sender = await RtmpSender.publish(server ?? ingest.rtmp.server, ingest.rtmp.streamKey, recording);
    all.push({ id, hls: playback.hls, sender, closings: new Closings(join(platform.hlsRoot, 'live', id)) });
    await sleep(1000 / STARTS_PER_SECOND);
  }
}

interface Uploads {
  /** Milliseconds from the last byte SRS wrote of a segment to its place in the bucket. */
  lagsMs: number[];
  closed: number;
  lost: string[];
}

/** Every segment closed between `from` and `to`, and whether and when it came. */
async function uploads(platform: Platform, all: readonly Publishing[], from: number, to: number): Promise<Uploads> {
  const found: Uploads = { lagsMs: [], closed: 0, lost: [] };
  for (const { id, closings } of all) {
    const stored = await storedSegments(platform, id);
    // SRS 5 counts its segments on over publishes, the platform from 0.
    const closed = [...closings.at].sort(([a], [b]) => a - b);
    for (const [number, [, at]] of closed.entries()) {
      if (at < from || at > to) continue;
      const storedAt = stored.get(number);
      found.closed += 1;
      if (storedAt === undefined) found.lost.push(`${id} ${number}`);
      else found.lagsMs.push(storedAt - at);
    }
  }
  return found;
}

/** To stderr: the result alone goes to stdout. */
const say = (what: string): void => console.error(`${new Date().toISOString().slice(11, 19)} ${what}`);

const sum = (shares: Readonly<Record<string, number>>): number =>
  Math.round(Object.values(shares).reduce((a, b) => a + b, 0) * 100) / 100;

interface Load {
  uploads: Uploads;
  viewed: Viewed[];
  cores: Record<string, number>;
  ended: number;
  busiest?: Record<string, string[]>;
}

async function measure(platform: Platform, all: readonly Publishing[], seconds: number): Promise<Load> {
  const from = Date.now();
  say(`${all.length} publishers, ${seconds} s`);
  const views = viewAll(all, POLL_INTERVAL_MS);
  const processes = { ...platform.processes, 'stand-ins, edge': platform.pid, 'publishers, viewers': process.pid };
  const cores = watchCpu(processes);
  await sleep(seconds * 1000);
  const used = cores();
  const to = Date.now();
  if (values.profile !== undefined) say('profiling');
  const busiest = await profiles(platform);
  await sleep(SETTLE_MS);
  say('counting');
  const ended = all.filter(({ sender }) => sender.ended).length;
  const found = await uploads(platform, all, from, to);
  return { uploads: found, viewed: await views.stop(), cores: used, ended, ...(busiest && { busiest }) };
}

/** After what counts, because a profiled process is slower. */
async function profiles(platform: Platform): Promise<Record<string, string[]> | undefined> {
  if (values.profile === undefined) return undefined;
  await mkdir(values.profile, { recursive: true });
  const { agent = 0, 'srs-hooks': hooks = 0, 'hls-publisher': publisher = 0 } = platform.processes;
  const processes = { agent, 'srs-hooks': hooks, 'hls-publisher': publisher, 'stand-ins': platform.pid };
  return profileAll(processes, { folder: values.profile, seconds: PROFILE_SECONDS });
}

function report({ uploads: { lagsMs, closed, lost }, viewed, cores, ended, busiest }: Load, publishers: number) {
  const problems = viewed.flatMap((each) => each.problems);
  const at = (share: number) => Math.round(percentile(lagsMs, share));
  return {
    publishers,
    endedPublishers: ended,
    segments: closed,
    lostSegments: lost.length,
    lost: lost.slice(0, 10),
    uploadLagMs: { p50: at(0.5), p95: at(0.95), p99: at(0.99), max: at(1) },
    playlists: {
      streams: viewed.length,
      looks: viewed.reduce((looks, each) => looks + each.looks, 0),
      unanswered: viewed.reduce((sum, each) => sum + each.unanswered, 0),
      silent: viewed.filter(({ last }) => last < 0).length,
      problems: problems.length,
      first: problems.slice(0, 10),
    },
    cores: { ...cores, all: sum(cores) },
    ...(busiest && { busiest }),
  };
}

type Told = ReturnType<typeof report>;

/** Ends every publisher of a turn, and says what was seen of them. */
async function take(turn: Turn, seconds: number): Promise<Told> {
  const all: Publishing[] = [];
  const ticking = setInterval(() => {
    for (const { sender } of all) sender.tick();
  }, TICK_MS);
  try {
    await start(turn, all);
    return report(await measure(turn.platform, all, seconds), turn.count);
  } finally {
    clearInterval(ticking);
    for (const { sender, closings } of all) {
      sender.stop();
      closings.stop();
    }
  }
}

const isRight = (told: Told): boolean =>
  told.lostSegments + told.endedPublishers + told.playlists.problems + told.playlists.silent === 0 &&
  told.segments > 0 &&
  told.uploadLagMs.p99 < SEGMENT_MS;

async function main(): Promise<void> {
  const count = wholeNumber('publishers', 200);
  const seconds = wholeNumber('seconds', 3600);
  const folder = await mkdtemp(join(tmpdir(), 'srs-live-load-'));
  const platform = await startPlatform(['--no-demo', '--port-base', String(PORT_BASE)], IN_MEMORY);
  try {
    const turn = { platform, recording: await encode(join(folder, 'source.flv')), count };
    const told = [await take(turn, seconds)];
    const server = `rtmp://127.0.0.1:${portsFrom(PORT_BASE).srsRtmp}/live`;
    if (values.without) told.push(await take({ ...turn, server }, seconds));
    const [publishing, without] = told;
    const machine = { origin: platform.origin, cpus: availableParallelism(), seconds };
    console.log(JSON.stringify({ ...machine, ...publishing, ...(without && { without }) }, null, 2));
    if (told.every(isRight)) return;
    process.exitCode = 1;
    const log = join(tmpdir(), 'srs-live-load.log');
    await writeFile(log, platform.log());
    say(`not as it should be; what the platform said: ${log}`);
  } finally {
    await platform.end('SIGTERM');
    await rm(folder, { recursive: true, force: true });
  }
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
