import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { HANDSHAKE } from '../support/rtmp/chunks';
import { ENCODERS } from '../support/rtmp/encoders';
import { HOSTILE } from '../support/rtmp/hostile';
import { sendAll } from '../support/rtmp/send-all';
import { residentMiB, type SrsWithGate, srsWithGate } from '../support/rtmp/srs-with-gate';
import { RtmpSender } from './rtmp-sender';
import { encode } from './source';

/**
 * Changed captures and bytes of chance into the gate in front of a real SRS, for as long as it is told: `SRS_BIN=...
 * node scripts/build/run.mjs test/load/gate-fuzz.ts --seconds 600 --seed 1`. Ordinary publishers go on beside it. Ends
 * with 1 when SRS or the gate died, or one of those was let go or lost a message. Says the memory every ten seconds.
 */
const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '600' },
    seed: { type: 'string', default: '20261126' },
    publishers: { type: 'string', default: '5' },
  },
});
const AT_ONCE = 6;
const REPORT_MS = 10_000;
/** A connection that nobody ends is left alone this long. */
const TIMEOUT_MS = 150;
const TICK_MS = 40;
/** SRS adds what it took to its count every 5 s. */
const SETTLE_MS = 15_000;

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

interface Neighbours {
  /** Those SRS let go, and how many of the messages of video they sent it has not taken. */
  end(): Promise<{ publishers: number; letGo: number; sent: number; lost: number }>;
}

/** Ordinary publishers, from addresses of their own among them, beside whatever else comes. */
async function neighbours({ gatePort, pictures }: SrsWithGate, count: number): Promise<Neighbours> {
  const folder = await mkdtemp(join(tmpdir(), 'srs-live-fuzz-'));
  const recording = await encode(join(folder, 'source.flv')).finally(() => rm(folder, { recursive: true }));
  const senders = new Map<string, RtmpSender>();
  for (let at = 0; at < count; at += 1) {
    const name = `neighbour${at}`;
    senders.set(name, await RtmpSender.publish(`rtmp://127.0.0.1:${gatePort}/live`, name, recording));
  }
  const ticking = setInterval(() => {
    for (const sender of senders.values()) sender.tick();
  }, TICK_MS);
  return {
    end: async () => {
      clearInterval(ticking);
      const all = [...senders.entries()];
      const letGo = all.filter(([, sender]) => sender.ended).length;
      const sent = all.reduce((sum, [, sender]) => sum + sender.pictures, 0);
      const lost = await settled(async () => {
        const taken = await pictures();
        return sent - all.reduce((sum, [name]) => sum + (taken.get(name) ?? 0), 0);
      });
      for (const [, sender] of all) sender.stop();
      return { publishers: count, letGo, sent, lost };
    },
  };
}

/** The first 0, or what it still is after `SETTLE_MS`. */
async function settled(count: () => Promise<number>): Promise<number> {
  for (const until = Date.now() + SETTLE_MS; ; await sleep(500)) {
    const now = await count();
    if (now === 0 || Date.now() > until) return now;
  }
}

/** First, last and largest of each. */
class Memory {
  private readonly seen: { gateMiB: number; srsMiB: number }[] = [];

  look({ pids }: SrsWithGate) {
    const now = { gateMiB: Math.round(residentMiB(pids.gate)), srsMiB: Math.round(residentMiB(pids.srs)) };
    this.seen.push(now);
    return now;
  }

  summary() {
    const of = (name: 'gateMiB' | 'srsMiB') => {
      const all = this.seen.map((each) => each[name]);
      return { first: all.at(0), last: all.at(-1), max: Math.max(...all) };
    };
    return { gateMiB: of('gateMiB'), srsMiB: of('srsMiB') };
  }
}

/** Sends until `seconds` are over or SRS is dead; how many connections. */
async function attack(node: SrsWithGate, memory: Memory): Promise<{ connections: number; alive: boolean }> {
  const chance = random(Number(values.seed));
  const until = Date.now() + Number(values.seconds) * 1000;
  let connections = 0;
  let isOver = false;
  let alive = true;
  const sending = Array.from({ length: AT_ONCE }, async () => {
    while (!isOver) {
      await sendAll(node.gatePort, next(chance), TIMEOUT_MS);
      connections += 1;
    }
  });
  while (Date.now() < until && alive) {
    await sleep(Math.min(REPORT_MS, until - Date.now()));
    alive = await node.isSrsAlive();
    const left = Math.round((until - Date.now()) / 1000);
    console.log(JSON.stringify({ left, connections, alive, ...(alive ? memory.look(node) : {}) }));
  }
  isOver = true;
  await Promise.all(sending);
  return { connections, alive };
}

async function main(): Promise<void> {
  const limits = { connectionsPerAddress: 1000, connectsPerMinute: 1_000_000 };
  const node = await srsWithGate(process.env.SRS_BIN ?? '', limits);
  const memory = new Memory();
  try {
    const beside = await neighbours(node, Number(values.publishers));
    const { connections, alive } = await attack(node, memory);
    const ordinary = alive ? await beside.end() : undefined;
    const metrics = (await node.metrics()).split('\n').filter((line) => /[1-9]\d*$/.test(line));
    console.log(JSON.stringify({ seed: values.seed, connections, alive, ordinary, ...memory.summary(), metrics }));
    process.exitCode = alive && ordinary?.letGo === 0 && ordinary.lost === 0 ? 0 : 1;
  } finally {
    await node.stop();
  }
}

main()
  .catch((error: unknown) => {
    console.error(error);
    process.exitCode = 1;
  })
  // A neighbour's clock would keep a process whose SRS is dead.
  .finally(() => process.exit());
