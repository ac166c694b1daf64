import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { HANDSHAKE } from '../support/rtmp/chunks';
import { ENCODERS } from '../support/rtmp/encoders';
import { HOSTILE } from '../support/rtmp/hostile';
import { sendAll } from '../support/rtmp/send-all';
import { residentMiB, srsWithGate } from '../support/rtmp/srs-with-gate';

/**
 * Changed captures and bytes of chance into the gate in front of a real SRS, for as long as it is told: `SRS_BIN=...
 * node scripts/build/run.mjs test/load/gate-fuzz.ts --seconds 600 --seed 1`. Ends with 1 when SRS or the gate died.
 * Says the memory of both every ten seconds.
 */
const { values } = parseArgs({
  options: { seconds: { type: 'string', default: '600' }, seed: { type: 'string', default: '20261126' } },
});
const AT_ONCE = 6;
const REPORT_MS = 10_000;
/** A connection that nobody ends is left alone this long. */
const TIMEOUT_MS = 150;

/** mulberry32: small, and the same everywhere. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

const SOURCES = [...Object.values(ENCODERS).map((sent) => Buffer.concat(sent())), ...HOSTILE.map(({ bytes }) => bytes)];

/** The next connection's bytes. */
function next(chance: () => number): Buffer {
  const below = (most: number) => Math.floor(chance() * most);
  if (chance() < 0.15)
    return Buffer.concat([HANDSHAKE, Buffer.from(Array.from({ length: below(3000) }, () => below(256)))]);
  const bytes = Buffer.from(SOURCES[below(SOURCES.length)] ?? HANDSHAKE);
  const behind = bytes.length - HANDSHAKE.length;
  for (let change = below(5); change > 0 && behind > 0; change -= 1)
    bytes[HANDSHAKE.length + below(behind)] = below(256);
  return chance() < 0.3 ? bytes.subarray(0, HANDSHAKE.length + below(Math.max(1, behind))) : bytes;
}

async function main(): Promise<void> {
  const chance = random(Number(values.seed));
  const node = await srsWithGate(process.env.SRS_BIN ?? '', {
    connectionsPerAddress: 1000,
    connectsPerMinute: 1_000_000,
  });
  const until = Date.now() + Number(values.seconds) * 1000;
  let [sent, isOver] = [0, false];
  const memory = () => ({
    gateMiB: Math.round(residentMiB(node.pids.gate)),
    srsMiB: Math.round(residentMiB(node.pids.srs)),
  });
  const sending = Array.from({ length: AT_ONCE }, async () => {
    while (!isOver) {
      await sendAll(node.gatePort, next(chance), TIMEOUT_MS);
      sent += 1;
    }
  });
  let alive = true;
  while (Date.now() < until && alive) {
    await sleep(Math.min(REPORT_MS, until - Date.now()));
    alive = await node.isSrsAlive();
    console.log(
      JSON.stringify({ left: Math.round((until - Date.now()) / 1000), sent, alive, ...(alive ? memory() : {}) }),
    );
  }
  isOver = true;
  await Promise.all(sending);
  console.log(
    JSON.stringify({
      seed: values.seed,
      sent,
      alive,
      metrics: (await node.metrics()).split('\n').filter((line) => /[1-9]\d*$/.test(line)),
    }),
  );
  await node.stop();
  process.exitCode = alive ? 0 : 1;
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
