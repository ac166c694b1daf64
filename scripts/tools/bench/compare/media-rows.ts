import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { path as ffmpegPath } from '@ffmpeg-installer/ffmpeg';
import { createStream, firstUri, publishArguments } from '../../../local/command/demo';
import type { Platform } from '../../../local/command/run-start';
import { percentile } from '../figures';
import { compared, type Row } from './comparison';
import { inTurns } from './in-turns';
import type { MediaMtx } from './media-mtx';

const STARTS = 5;
const PUBLISHERS = 10;
const SETTLE_MS = 10_000;
const MEASURED_MS = 20_000;
const FIRST_PICTURE_LIMIT_MS = 40_000;
const SOURCE_SECONDS = 20;
/** The processes of the machine that takes the publishers. */
const ON_THE_NODE = ['origin', 'gate', 'agent'];

/** The addresses of one publisher: where to send, and the index of its HLS. */
interface Place {
  readonly rtmp: string;
  readonly hls: string;
}

type NewPlace = () => Promise<Place>;

function placesOf(platform: Platform): NewPlace {
  return async () => {
    const stream = await createStream(new URL(platform.api), platform.adminKey, 'bench: beside MediaMTX');
    const { server, streamKey } = stream.ingest.rtmp;
    return { rtmp: `${server}/${streamKey}`, hls: stream.playback.hls };
  };
}

function placesAt(peer: MediaMtx): NewPlace {
  let count = 0;
  return async () => {
    count += 1;
    return { rtmp: peer.rtmp(`bench${count}`), hls: peer.hls(`bench${count}`) };
  };
}

/** Both on one machine, one beside the other: MediaMTX and this platform on a real SRS. */
export async function mediaRows(platform: Platform, peer: MediaMtx): Promise<Row[]> {
  const ours = placesOf(platform);
  const theirs = placesAt(peer);
  const first = await inTurns(
    STARTS,
    () => firstPicture(ours),
    () => firstPicture(theirs),
  );
  const row = compared({
    name: 'encoder started to first segment of HLS, p50',
    peer: 'MediaMTX, segments of 2 s in MPEG-TS, in its memory',
    ours: percentile(first.ours, 0.5),
    theirs: percentile(first.theirs, 0.5),
    unit: 'ms',
    goal: 1,
  });
  return [row, await costRow({ platform, peer, ours, theirs })];
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}

/** From the start of an encoder to the last byte of the first segment that its playlist names, in milliseconds. */
async function firstPicture(place: NewPlace): Promise<number> {
  const { rtmp, hls } = await place();
  const began = performance.now();
  const encoder = spawn(ffmpegPath, publishArguments(rtmp), { stdio: 'ignore' });
  try {
    while (performance.now() - began < FIRST_PICTURE_LIMIT_MS) {
      if (await hasSegment(hls)) return performance.now() - began;
      await sleep(20);
    }
    throw new Error(`nothing to play at ${hls}`);
  } finally {
    await end(encoder);
  }
}

/** The segment a player would take first: MediaMTX begins its playlist with filler of an `EXT-X-GAP`. */
async function hasSegment(index: string): Promise<boolean> {
  const playlist = await firstUri(index);
  const answer = playlist === undefined ? undefined : await fetch(playlist);
  const text = (await answer?.text()) ?? '';
  const uri = answer?.ok ? playableUri(text) : undefined;
  if (uri === undefined) return false;
  const segment = await fetch(new URL(uri, playlist));
  return segment.ok && (await segment.arrayBuffer()).byteLength > 0;
}

/** The first URI of a media playlist that is not marked as a gap. */
export function playableUri(playlist: string): string | undefined {
  let isGap = false;
  for (const line of playlist.split(/\r?\n/)) {
    if (line === '#EXT-X-GAP') isGap = true;
    if (line === '' || line.startsWith('#')) continue;
    if (!isGap) return line;
    isGap = false;
  }
  return undefined;
}

interface Sides {
  readonly platform: Platform;
  readonly peer: MediaMtx;
  readonly ours: NewPlace;
  readonly theirs: NewPlace;
}

/** Processor time of the node's processes for each publisher, in turns of one side at a time. */
async function costRow({ platform, peer, ours, theirs }: Sides): Promise<Row> {
  const folder = await mkdtemp(join(tmpdir(), 'srs-live-bench-'));
  try {
    const file = join(folder, 'source.flv');
    const args = publishArguments(file);
    execFileSync(ffmpegPath, [...args.slice(0, -1), '-t', `${SOURCE_SECONDS}`, file], { timeout: 120_000 });
    const pids = ON_THE_NODE.flatMap((name) => platform.processes[name] ?? []);
    const mine = await coreShare(file, ours, pids);
    const other = await coreShare(file, theirs, [peer.pid]);
    return compared({
      name: `processor time of a publisher at 600 kbit/s, of ${PUBLISHERS}`,
      peer: 'MediaMTX, which takes RTMP and serves HLS out of its memory',
      ours: mine,
      theirs: other,
      unit: 'ms a second',
      goal: 1,
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const sends = (file: string, url: string): string[] => [
  ...['-hide_banner', '-nostdin', '-loglevel', 'error', '-re', '-stream_loop', '-1', '-i', file],
  ...['-c', 'copy', '-f', 'flv', url],
];

async function coreShare(file: string, place: NewPlace, pids: readonly number[]): Promise<number> {
  const encoders: ChildProcess[] = [];
  try {
    for (let count = 0; count < PUBLISHERS; count++) {
      const { rtmp } = await place();
      encoders.push(spawn(ffmpegPath, sends(file, rtmp), { stdio: 'ignore' }));
    }
    await sleep(SETTLE_MS);
    const before = await cpuMs(pids);
    await sleep(MEASURED_MS);
    const used = (await cpuMs(pids)) - before;
    if (encoders.some(({ exitCode }) => exitCode !== null)) throw new Error('a publisher of the comparison ended');
    return used / (MEASURED_MS / 1000) / PUBLISHERS;
  } finally {
    await Promise.all(encoders.map(end));
  }
}

/** Ticks of /proc/<pid>/stat: `getconf CLK_TCK` is 100 on every Linux that Node runs on. */
const TICK_MS = 10;

/** Processor time that processes have used, in milliseconds. */
async function cpuMs(pids: readonly number[]): Promise<number> {
  let sum = 0;
  for (const pid of pids) {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    sum += (Number(fields[11]) + Number(fields[12])) * TICK_MS;
  }
  return sum;
}
