import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { startPlatform } from '../local/run-start';
import { apiFigures } from './api';
import { coldStarts } from './cold-start';
import { type Figure, table } from './figures';
import { livePath, livePathWithEventDelay } from './live-path';
import { synthTime } from './synth';

/** `npm run bench -- [--json]`: figures of this machine; loopback, so no network is in them. `SRS_BIN` as for `./scripts/start`. */
const { values } = parseArgs({ options: { json: { type: 'boolean', default: false } } });
const PORT_BASE = 25_000;

async function onPlatform<T>(
  args: readonly string[],
  run: (platform: Awaited<ReturnType<typeof startPlatform>>) => Promise<T>,
): Promise<T> {
  const platform = await startPlatform(['--no-demo', '--port-base', String(PORT_BASE), ...args]);
  try {
    return await run(platform);
  } finally {
    await platform.end('SIGTERM');
  }
}

async function main(): Promise<void> {
  const figures: Figure[] = [await synthTime(3), ...(await coldStarts(PORT_BASE + 100, 5)), ...(await apiFigures())];
  const origin = await onPlatform([], async (platform) => {
    figures.push(...(await livePath(platform, { starts: 10, seconds: 60 })));
    return platform.origin;
  });
  figures.push(...(await onPlatform(['--model-event-delay'], (platform) => livePathWithEventDelay(platform, 60))));
  console.log(
    values.json ? JSON.stringify({ origin, cpus: availableParallelism(), node: process.version, figures }) : table(figures),
  );
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
