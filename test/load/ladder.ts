import { execFile, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs, promisify } from 'node:util';
import { type Platform, startPlatform } from '../../scripts/local/command/run-start';
import { type CreatedStream, createStream, eventually, get, urisOf } from '../support/platform/viewer';
import { freeBase } from '../support/platform/worker-ports';
import { watchCpu } from './cpu';
import { betweenVariants, cutOf, Lane, type Listed } from './ladder-lane';

/**
 * One encoder into two streams, `packaging: ts` and `packaging: cmaf` with `ladder: sd`, on the SRS that `SRS_BIN`
 * names or the built-in origin: `node scripts/build/run.mjs test/load/ladder.ts --seconds 600`. Follows every version
 * of every playlist and MPD, compares the cuts of the rungs with the source's, and says how late each is. Ends with 1
 * for a broken rule, a missing number of a source, or a rung that is cut elsewhere.
 */
const { values } = parseArgs({
  options: { seconds: { type: 'string', default: '600' }, ladder: { type: 'string', default: 'sd' } },
});
const FFMPEG = process.env.FFMPEG_BIN ?? 'ffmpeg';
const POLL_INTERVAL_MS = 100;
const POLLS_A_SECOND = 1000 / POLL_INTERVAL_MS;

/** 20 s of 720p25 with B-frames at 2.5 Mbit/s, and sound: made once, sent round and round. */
async function record(file: string): Promise<void> {
  const source = ['-f', 'lavfi', '-i', 'testsrc2=size=1280x720:rate=25', '-f', 'lavfi', '-i', 'sine=r=48000'];
  const rate = ['-b:v', '2500k', '-minrate', '2500k', '-maxrate', '2500k', '-bufsize', '2500k'];
  const video = ['-c:v', 'libx264', '-preset', 'veryfast', '-bf', '2', '-g', '50', '-sc_threshold', '0'];
  const filled = ['-x264-params', 'nal-hrd=cbr', '-pix_fmt', 'yuv420p', '-c:a', 'aac', '-b:a', '96k', '-t', '20'];
  await promisify(execFile)(FFMPEG, ['-nostdin', '-v', 'error', '-y', ...source, ...video, ...rate, ...filled, file]);
}

function publishTo(file: string, streams: readonly CreatedStream[]) {
  const targets = streams.map(({ ingest: { rtmp } }) => `[f=flv]${rtmp.server}/${rtmp.streamKey}`).join('|');
  const input = ['-nostdin', '-v', 'error', '-re', '-stream_loop', '-1', '-i', file, '-c', 'copy', '-map', '0'];
  const child = spawn(FFMPEG, [...input, '-f', 'tee', targets], { stdio: ['ignore', 'ignore', 'inherit'] });
  return () => child.kill('SIGKILL');
}

/** One stream as the store has it: read past the edge, whose second of cache would hide what is measured. */
class Followed {
  readonly index: Lane;
  readonly mpd: Lane;
  readonly media = new Map<string, Lane>();
  readonly between = new Set<string>();
  private looks = 0;

  constructor(
    private readonly platform: Platform,
    readonly name: string,
    private readonly stream: CreatedStream,
  ) {
    this.index = new Lane(`${name} index`, 'index');
    this.mpd = new Lane(`${name} MPD`, 'mpd');
  }

  async look(): Promise<void> {
    if (this.looks++ % POLLS_A_SECOND === 0) await this.lookAtIndex();
    const playlists = [...this.media].map(async ([path, lane]) => lane.take(await this.read(path), Date.now()));
    await Promise.all(playlists);
  }

  private async lookAtIndex(): Promise<void> {
    const index = await get(this.stream.playback.hls);
    if (index === undefined) return;
    this.index.take(index.text, Date.now());
    const others = [...index.text.matchAll(/^#EXT-X-MEDIA:.*URI="([^"]*)"/gm)].map(([, uri = '']) => uri);
    for (const uri of [...urisOf(index.text), ...others]) {
      const path = new URL(uri, index.url).pathname;
      const rendition = path.split('/').at(-1)?.replace('.m3u8', '') ?? path;
      if (!this.media.has(path)) this.media.set(path, new Lane(`${this.name} ${rendition}`, 'media'));
    }
    const [variant = ''] = urisOf(index.text);
    const beside = new URL(variant, index.url);
    const manifest = await get(new URL('manifest.mpd', beside).href);
    if (manifest !== undefined) this.mpd.take(manifest.text, Date.now());
    const lanes = urisOf(index.text).flatMap((uri) => this.media.get(new URL(uri, index.url).pathname) ?? []);
    for (const problem of betweenVariants(lanes.filter(({ newest }) => newest !== ''))) this.between.add(problem);
  }

  private async read(path: string): Promise<string> {
    const { storage, buckets } = this.platform;
    const name = encodeURIComponent(path.slice(1));
    const answer = await fetch(`${storage}/storage/v1/b/${buckets.open}/o/${name}?alt=media`);
    return answer.status === 200 ? answer.text() : '';
  }

  lane(rendition: string): Lane {
    const found = [...this.media.values()].find(({ name }) => name === `${this.name} ${rendition}`);
    return found ?? new Lane(`${this.name} ${rendition}`, 'media');
  }

  get rungs(): string[] {
    return [...this.media.values()].map(({ name }) => name.split(' ').at(-1) ?? '').filter((name) => /^\d/.test(name));
  }

  get problems(): string[] {
    const lanes = [this.index, this.mpd, ...this.media.values()];
    return [...lanes.flatMap(({ problems }) => problems), ...this.between];
  }
}

const numberOf = (uri: string): string =>
  uri
    .split('/')
    .at(-1)
    ?.replace(/\.\w+$/, '') ?? uri;
const latenessOf = ({ seenMs, startMs, durationMs }: Listed): number => Math.round(seenMs - startMs - durationMs);

function percentiles(all: readonly number[]) {
  const sorted = all.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
  return { count: sorted.length, p50: at(0.5), p95: at(0.95), max: sorted.at(-1) };
}

/** Segments of both streams that end within half a second of each other are the same pictures. */
function laterThanTs(ts: Lane, cmaf: Lane): number[] {
  const ofTs = [...ts.listed.values()];
  return [...cmaf.listed.values()].flatMap((each) => {
    const pair = ofTs.find(({ startMs }) => Math.abs(startMs - each.startMs) < 500);
    return pair === undefined ? [] : [each.seenMs - pair.seenMs];
  });
}

const laterThanSource = (source: Lane, rung: Lane): number[] => {
  const seen = new Map([...source.listed.values()].map(({ uri, seenMs }) => [numberOf(uri), seenMs]));
  return [...rung.listed.values()].flatMap(({ uri, seenMs }) => seenMs - (seen.get(numberOf(uri)) ?? seenMs));
};

async function media(origin: string, uri: string | undefined): Promise<Uint8Array> {
  const answer = await fetch(new URL(uri ?? '', origin));
  if (answer.status !== 200) throw new Error(`${uri} answers ${answer.status}`);
  return new Uint8Array(await answer.arrayBuffer());
}

/** Segments of a rung whose first or last picture, their number or keyframes are not the source's. */
async function cutElsewhere(origin: string, source: Lane, rung: Lane): Promise<string[]> {
  const wrong: string[] = [];
  const sources = new Map([...source.listed.values()].map((each) => [numberOf(each.uri), each]));
  for (const each of rung.listed.values()) {
    const other = sources.get(numberOf(each.uri));
    if (other === undefined) continue;
    const [mine, wanted] = await Promise.all(
      [each, other].map(async ({ map, uri }) => cutOf(await media(origin, map), await media(origin, uri))),
    );
    if (JSON.stringify(mine) !== JSON.stringify(wanted))
      wrong.push(`${each.uri}: ${JSON.stringify(mine)}, its source ${JSON.stringify(wanted)}`);
  }
  return wrong;
}

async function report(origin: string, ts: Followed, cmaf: Followed) {
  const plain = ts.lane('source');
  const source = cmaf.lane('source');
  const wrong: string[] = [];
  const rungs: Record<string, unknown> = {};
  for (const name of cmaf.rungs) {
    const rung = cmaf.lane(name);
    wrong.push(...(await cutElsewhere(origin, source, rung)));
    const share = `${rung.listed.size} of ${source.listed.size}`;
    rungs[name] = { made: share, laterThanSourceMs: percentiles(laterThanSource(source, rung)) };
  }
  const lanes = [ts, cmaf].flatMap(({ index, mpd, media }) => [index, mpd, ...media.values()]);
  const lateMs = { ts: plain, cmaf: source };
  return {
    versions: Object.fromEntries(lanes.map(({ name, versions }) => [name, versions])),
    problems: [...new Set([...ts.problems, ...cmaf.problems])],
    missing: { ts: plain.missing(), cmaf: source.missing() },
    lateMs: Object.fromEntries(
      Object.entries(lateMs).map(([name, { listed }]) => [name, percentiles([...listed.values()].map(latenessOf))]),
    ),
    cmafLaterThanTsMs: percentiles(laterThanTs(plain, source)),
    rungs,
    cutElsewhere: wrong,
  };
}

async function main(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'ladder-'));
  const platform = await startPlatform(['--no-demo', '--port-base', `${await freeBase()}`]);
  let stop = () => true;
  try {
    const file = join(folder, 'source.flv');
    await record(file);
    const ts = await createStream(platform, { title: 'ts' });
    const cmaf = await createStream(platform, { title: 'cmaf', packaging: 'cmaf', ladder: values.ladder });
    stop = publishTo(file, [ts, cmaf]);
    const followed = [new Followed(platform, 'ts', ts), new Followed(platform, 'cmaf', cmaf)] as const;
    await eventually('both on air', 60, async () => (await get(ts.playback.hls)) && (await get(cmaf.playback.hls)));
    const cpu = watchCpu(platform.processes);
    const until = Date.now() + Number(values.seconds) * 1000;
    while (Date.now() < until) await Promise.all([...followed.map((each) => each.look()), sleep(POLL_INTERVAL_MS)]);
    const cores = cpu();
    stop();
    const found = await report(new URL(cmaf.playback.hls).origin, ...followed);
    console.log(
      JSON.stringify({ seconds: Number(values.seconds), srs: process.env.SRS_BIN, cores, ...found }, null, 2),
    );
    const isGood = found.problems.length + found.cutElsewhere.length + found.missing.ts + found.missing.cmaf === 0;
    process.exitCode = isGood && Object.keys(found.rungs).length > 0 ? 0 : 1;
  } finally {
    stop();
    await platform.end('SIGTERM');
    await rm(folder, { recursive: true, force: true });
  }
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
