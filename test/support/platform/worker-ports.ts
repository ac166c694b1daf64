import { createServer } from 'node:net';
import { close, listen } from '../../../scripts/emulators/server/listen';
import { StartError } from '../../../scripts/emulators/server/start-error';

/**
 * Ports of 127.0.0.1 for servers under test. Each worker of jest has a lane of its own, below what Linux gives to
 * connections (32768 on): what is found free here stays free until the server that shall have it listens, however many
 * files run beside this one.
 */
const LANES = { first: 20_000, width: 1_000, count: 12 };
/** Ports of a platform, `scripts/local/ports`; they fill the first half of a lane. */
const BLOCK = 50;
const SINGLES = LANES.width / 2;

const lane = LANES.first + ((Number(process.env.JEST_WORKER_ID ?? 1) - 1) % LANES.count) * LANES.width;

async function isFree(port: number): Promise<boolean> {
  const probe = createServer();
  try {
    await listen(probe, port, 'probe');
    return true;
  } catch (error) {
    if (error instanceof StartError) return false;
    throw error;
  } finally {
    await close(probe);
  }
}

/** First of 50 ports for a platform: its `--port-base`. */
export async function freeBase(): Promise<number> {
  for (let base = lane; base < lane + SINGLES; base += BLOCK) {
    const ports = Array.from({ length: BLOCK }, (_, offset) => base + offset);
    if ((await Promise.all(ports.map(isFree))).every(Boolean)) return base;
  }
  throw new Error(`no ${BLOCK} ports in a row are free from ${lane} to ${lane + SINGLES}`);
}

let given = 0;

/** A port that nobody listens on; a test file gets the same one again after 500 others at the earliest. */
export async function freePort(): Promise<number> {
  for (let tried = 0; tried < SINGLES; tried += 1) {
    const port = lane + SINGLES + (given % SINGLES);
    given += 1;
    if (await isFree(port)) return port;
  }
  throw new Error(`no port is free from ${lane + SINGLES} to ${lane + LANES.width}`);
}
