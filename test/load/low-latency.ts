import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { path as ffmpegPath } from '@ffmpeg-installer/ffmpeg';
import { StreamWithKey } from '../../functions/contract/api/streams';
import { publishArguments } from '../../scripts/local/command/demo';
import { type Platform, startPlatform } from '../../scripts/local/command/run-start';
import { percentile } from '../../scripts/tools/bench/figures';
import { readClock } from '../../scripts/tools/bench/webrtc-clock';
import { openPage, openWebRtcBrowser } from '../../scripts/tools/bench/webrtc-page';
import { watchCpu } from './cpu';
import { follow, nothingAsked } from './low-latency-viewer';

/**
 * Measures low latency on one machine: `npm run load:low-latency -- [--viewers N] [--seconds S] [--watch SECONDS]`,
 * with `SRS_BIN` as for `./scripts/start`. CPU of agent and media server with an ordinary stream, with one of low
 * latency, and with N viewers of it behind the local edge; the requests that reach the node; then what a Chromium sees
 * for so long, by the clock in a picture of 1280 x 720. Ends with 1 if a viewer was answered with an error.
 */
const { values } = parseArgs({
  options: {
    viewers: { type: 'string', default: '200' },
    seconds: { type: 'string', default: '30' },
    watch: { type: 'string', default: '60' },
  },
});
const PORT_BASE = 26_000;
const SETTLE_MS = 10_000;
/** A page reads the clock for so long at a time. */
const READ_SECONDS = 30;

function wholeNumber(name: keyof typeof values, most: number): number {
  const value = Number(values[name]);
  if (Number.isInteger(value) && value >= 0 && value <= most) return value;
  throw new Error(`--${name} ${values[name]}: use a whole number from 0 to ${most}`);
}

async function createStream(platform: Platform, latency: 'normal' | 'low') {
  const headers = { authorization: `Bearer ${platform.adminKey}`, 'content-type': 'application/json' };
  const body = JSON.stringify({ title: `load: ${latency}`, latency });
  const answer = await fetch(`${platform.api}/api/v1/streams`, { method: 'POST', headers, body });
  return StreamWithKey.parse(await answer.json());
}

/** The test pattern in 1280 x 720, 2 Mbit/s. */
function publish({ ingest }: StreamWithKey): ChildProcess {
  const { server, streamKey } = ingest.rtmp;
  const large = ['-vf', 'scale=1280:720:flags=neighbor', '-b:v', '2M', '-maxrate', '2M', '-bufsize', '2M'];
  const args = publishArguments(`${server}/${streamKey}`);
  const output = args.splice(-3);
  return spawn(ffmpegPath, [...args, ...large, ...output], { stdio: 'ignore' });
}

/** Publishes a stream while `run` goes on. */
async function published<T>(platform: Platform, latency: 'normal' | 'low', run: (stream: StreamWithKey) => Promise<T>) {
  const stream = await createStream(platform, latency);
  const encoder = publish(stream);
  try {
    await sleep(SETTLE_MS);
    return await run(stream);
  } finally {
    encoder.kill('SIGTERM');
    await once(encoder, 'exit');
  }
}

async function cpuFor(platform: Platform, ms: number): Promise<Record<string, number>> {
  const share = watchCpu(platform.processes);
  await sleep(ms);
  const { agent = 0, origin = 0 } = share();
  return { agent, origin };
}

async function viewersFor(platform: Platform, index: string, { count, ms }: { count: number; ms: number }) {
  const asked = nothingAsked();
  const over = new AbortController();
  const viewers = Array.from({ length: count }, () => follow(index, asked, over.signal).catch(() => undefined));
  const cpu = await cpuFor(platform, ms);
  over.abort();
  await Promise.all(viewers);
  const { requests, filled, versions, statuses } = asked;
  const perVersion = Math.round((filled.playlist / Math.max(1, versions.size)) * 100) / 100;
  return {
    viewers: count,
    requests,
    toNode: filled,
    versions: versions.size,
    playlistRequestsPerVersion: perVersion,
    statuses: Object.fromEntries(statuses),
    cpu,
  };
}

/** Looks at the watch page as a viewer does; latency in milliseconds, by the clock in the picture. */
async function watched({ web }: Platform, id: string, seconds: number) {
  const browser = await openWebRtcBrowser();
  try {
    const page = await openPage(browser, web);
    await page.goto(`${web}/watch.html?id=${id}`);
    await page.waitForSelector('body[data-state=playing]', { timeout: 40_000 });
    await sleep(SETTLE_MS);
    const data = () => page.evaluate(() => ({ ...document.body.dataset }));
    const before = await data();
    const lags = [] as number[];
    const technologies = new Set<string | undefined>();
    for (let read = 0; read < seconds; read += READ_SECONDS) {
      lags.push(...(await readClock(page, Math.min(READ_SECONDS, seconds - read))).lags);
      technologies.add((await data()).technology);
    }
    const stalls = Number((await data()).stalls) - Number(before.stalls);
    const p50 = percentile(lags, 0.5);
    const p95 = percentile(lags, 0.95);
    const max = Math.max(...lags);
    return { seconds, frames: lags.length, p50, p95, max, stalls, technologies: [...technologies] };
  } finally {
    await browser.close();
  }
}

async function main(): Promise<void> {
  const count = wholeNumber('viewers', 1000);
  const seconds = wholeNumber('seconds', 600);
  const watch = wholeNumber('watch', 3600);
  const platform = await startPlatform(['--no-demo', '--port-base', String(PORT_BASE)], {});
  try {
    const ms = seconds * 1000;
    const ordinary = seconds > 0 ? await published(platform, 'normal', () => cpuFor(platform, ms)) : undefined;
    const low = await published(platform, 'low', async (stream) => ({
      alone: seconds > 0 ? await cpuFor(platform, ms) : undefined,
      viewers: count > 0 ? await viewersFor(platform, stream.playback.lowLatencyHls ?? '', { count, ms }) : undefined,
      watched: watch > 0 ? await watched(platform, stream.id, watch) : undefined,
    }));
    console.log(JSON.stringify({ origin: platform.origin, ordinary, low }, undefined, 1));
    const bad = Object.keys(low.viewers?.statuses ?? {}).filter((status) => status !== '200');
    if (bad.length > 0) process.exitCode = 1;
  } finally {
    await platform.end('SIGTERM');
  }
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
