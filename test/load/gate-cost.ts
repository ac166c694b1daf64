import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect as dial, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { percentile } from '../../scripts/tools/bench/figures';
import { connect } from '../support/rtmp/amf';
import { command, HANDSHAKE, message } from '../support/rtmp/chunks';
import { residentMiB, type SrsWithGate, srsWithGate } from '../support/rtmp/srs-with-gate';
import { watchCpu } from './cpu';
import { type Recording, RtmpSender } from './rtmp-sender';
import { encode } from './source';

/**
 * Measures the cost of the gate: as many publishers of 600 kbit/s straight to SRS and then through the gate, in one
 * run. `SRS_BIN=... node scripts/build/run.mjs test/load/gate-cost.ts --publishers 100 --seconds 30`. Cores of gate and
 * SRS, and there and back by RTMP's ping.
 */
const { values } = parseArgs({
  options: { publishers: { type: 'string', default: '100' }, seconds: { type: 'string', default: '30' } },
});
const TICK_MS = 40;
const PING_MS = 100;
const LIMITS = { connectionsPerAddress: 1000, connectsPerMinute: 100_000, publishMs: 3_600_000 };

/** The gate's cost and not that of hooks and files, which it does not change. */
const BARE = { SRS_VHOST_HTTP_HOOKS_ENABLED: 'off', SRS_VHOST_HLS_ENABLED: 'off' };

/** Milliseconds of each ping that came back until `stop` is called. */
function pings(port: number): { readonly tookMs: number[]; stop(): void } {
  const socket: Socket = dial({ port, host: '127.0.0.1', noDelay: true });
  const sentAt = new Map<string, number>();
  const tookMs: number[] = [];
  socket.write(Buffer.concat([HANDSHAKE, command(connect())]));
  socket
    .on('error', () => undefined)
    .on('data', (read) => {
      for (const [mark, at] of sentAt) {
        if (!read.includes(Buffer.from(`0007${mark}`, 'hex'))) continue;
        tookMs.push(performance.now() - at);
        sentAt.delete(mark);
      }
    });
  const timer = setInterval(() => {
    const mark = randomBytes(4);
    sentAt.set(mark.toString('hex'), performance.now());
    socket.write(message({ type: 4, chunkStream: 2, body: Buffer.concat([Buffer.from([0, 6]), mark]) }));
  }, PING_MS);
  return {
    tookMs,
    stop: () => {
      clearInterval(timer);
      socket.destroy();
    },
  };
}

async function run(node: SrsWithGate, port: number, name: string, recording: Recording) {
  const senders: RtmpSender[] = [];
  const ticking = setInterval(() => {
    for (const sender of senders) sender.tick();
  }, TICK_MS);
  for (let at = 0; at < Number(values.publishers); at += 1)
    senders.push(await RtmpSender.publish(`rtmp://127.0.0.1:${port}/live`, `${name}${at}`, recording));
  await sleep(3000);
  const asked = pings(port);
  const cores = watchCpu(node.pids);
  await sleep(Number(values.seconds) * 1000);
  const used = cores();
  asked.stop();
  clearInterval(ticking);
  const ended = senders.filter((sender) => sender.ended).length;
  for (const sender of senders) sender.stop();
  await sleep(2000);
  const at = (share: number) => Math.round(percentile(asked.tookMs, share) * 100) / 100;
  const pingMs = { p50: at(0.5), p95: at(0.95), max: at(1), count: asked.tookMs.length };
  return { cores: used, ended, pingMs, gateMiB: Math.round(residentMiB(node.pids.gate)) };
}

async function main(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'srs-live-cost-'));
  const node = await srsWithGate(process.env.SRS_BIN ?? '', LIMITS, BARE);
  try {
    const recording = await encode(join(folder, 'source.flv'));
    const without = await run(node, node.srsPort, 'without', recording);
    const through = await run(node, node.gatePort, 'through', recording);
    console.log(JSON.stringify({ publishers: Number(values.publishers), without, through }, null, 2));
  } catch (error) {
    console.error(node.srsLog().slice(-3000));
    throw error;
  } finally {
    await node.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
