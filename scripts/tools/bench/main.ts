import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { type Platform, startPlatform } from '../../local/command/run-start';
import { CliError } from '../google/cli-error';
import { parseCommandLine, runCommand } from '../google/command';
import { stopOnSignal } from '../google/stop-on-signal';
import { apiFigures } from './api';
import { coldStarts } from './cold-start';
import { check, compare, writePage } from './compare/compare';
import { type Figure, table } from './figures';
import { firstPicture } from './first-picture';
import { stopEmulators } from './google-emulator';
import { hlsLatency } from './hls-latency';
import { livePath, livePathWithEventDelay } from './live-path';
import { synthFigures } from './synth';
import { webrtcLatency } from './webrtc-latency';
import { chromiumPath } from './webrtc-page';

const USAGE = `usage: npm run bench -- [options]

Measures this machine: latencies, cold starts, synth. Loopback, so no network is in them. SRS_BIN as for
./scripts/start. About ten minutes.

  --json      as JSON
  --api       measures the API and the hooks alone, in two minutes
  --watch     measures the watch page by a fast and two slow networks, in five minutes; needs Chromium
  --compare   measures beside peers instead, and writes docs/FIGURES.md; ends with 1 where a ratio is worse than its
              goal and has no reason. PEERS_DIR: a folder where npm installed m3u8-parser and hls-parser.
              MEDIAMTX_BIN: MediaMTX, which takes SRS_BIN too
  --page      writes docs/FIGURES.md again, without measuring
  --check     measures again, and ends with 1 where a ratio became more than 20 % worse`;
const flag = { type: 'boolean', default: false } as const;
const OPTIONS = { json: flag, api: flag, watch: flag, compare: flag, page: flag, check: flag, help: flag };
const PORT_BASE = 25_000;

async function onPlatform<T>(
  args: readonly string[],
  run: (platform: Platform) => Promise<T>,
  env: Readonly<Record<string, string>> = {},
): Promise<T> {
  const platform = await startPlatform(['--no-demo', '--port-base', String(PORT_BASE), ...args], env);
  try {
    return await run(platform);
  } finally {
    await platform.end('SIGTERM');
  }
}

/** The program of Debian's coturn. */
const COTURN = '/usr/bin/turnserver';

/** Measures WebRTC, which needs a real SRS and a browser; names what is missing. */
async function webrtc(): Promise<{ figures: Figure[]; notMeasured: string[] }> {
  const { SRS_BIN } = process.env;
  const missing =
    SRS_BIN === undefined || SRS_BIN === '' ? 'SRS_BIN is not set' : chromiumPath ? undefined : 'no Chromium';
  if (missing !== undefined) return { figures: [], notMeasured: [`WHIP to WHEP: ${missing}`] };
  const turn = existsSync(COTURN);
  const env = turn ? { TURN_BIN: COTURN } : {};
  const figures = await onPlatform([], (platform) => webrtcLatency(platform, { seconds: 30, turn }), env);
  return { figures, notMeasured: turn ? [] : ['WHIP to WHEP through TURN: no coturn'] };
}

/** Prints the sentences about ratios that are worse, or `well`; answers the exit code. */
function told(worse: readonly string[], well: string): number {
  for (const sentence of worse) console.error(sentence);
  if (worse.length > 0) return 1;
  console.log(well);
  return 0;
}

interface Measured {
  origin?: string;
  figures: Figure[];
  notMeasured: string[];
}

const apiAlone = async (): Promise<Measured> => ({ figures: await apiFigures(), notMeasured: [] });

async function watchAlone(): Promise<Measured> {
  if (chromiumPath === undefined) throw new CliError('--watch: no Chromium installed');
  return { figures: await onPlatform([], (platform) => firstPicture(platform)), notMeasured: [] };
}

async function everything(): Promise<Measured> {
  const figures: Figure[] = [
    ...(await synthFigures(3)),
    ...(await coldStarts(PORT_BASE + 100, 5)),
    ...(await apiFigures()),
  ];
  const origin = await onPlatform([], async (platform) => {
    figures.push(...(await livePath(platform, { starts: 10, seconds: 60 })));
    if (chromiumPath !== undefined) figures.push(...(await hlsLatency(platform, 30)));
    return platform.origin;
  });
  figures.push(...(await onPlatform(['--model-event-delay'], (platform) => livePathWithEventDelay(platform, 60))));
  const { figures: browser, notMeasured } = await webrtc();
  figures.push(...browser);
  if (chromiumPath === undefined) notMeasured.push('glass to glass by HLS: no Chromium');
  return { origin, figures, notMeasured };
}

async function main(): Promise<number> {
  const { values } = parseCommandLine({ options: OPTIONS }, USAGE);
  if (values.help) {
    console.log(USAGE);
    return 0;
  }
  stopOnSignal(stopEmulators);
  if (values.check) {
    const { worse, absent } = await check(PORT_BASE);
    for (const sentence of absent) console.log(sentence);
    return told(worse, 'no checked ratio is more than 20 % worse than docs/FIGURES.md has it');
  }
  if (values.compare) return told(await compare(PORT_BASE), 'docs/FIGURES.md is written');
  if (values.page) return told(writePage(), 'docs/FIGURES.md is written');
  const { origin, figures, notMeasured } = await (values.watch ? watchAlone() : values.api ? apiAlone() : everything());
  const facts = { origin, cpus: availableParallelism(), node: process.version, figures, notMeasured };
  console.log(values.json ? JSON.stringify(facts) : table(figures));
  for (const what of notMeasured) console.error(`not measured: ${what}`);
  return figures.some(({ unavailable = 0 }) => unavailable > 0) ? 1 : 0;
}

runCommand(main);
