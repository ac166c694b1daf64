import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { firestoreClient } from '../../functions/adapters/gcp/firestore/firestore-client';
import { firestoreStreamStore } from '../../functions/adapters/gcp/firestore/stream-store';
import { bundleFolder } from '../../functions/contract/env/functions';
import { mintRoomToken } from '../../functions/core/chat/room-token';
import { firestoreServer } from '../../scripts/emulators/firestore';
import { percentile } from '../../scripts/tools/bench/figures';
import { freePort } from '../../scripts/tools/bench/free-port';
import { CHAT } from '../support/chat/rig';
import { KEYS, NEWEST } from '../support/signing-keys';
import { STREAM_ID, streamOf } from '../support/streams';
import { ChatReader } from './chat-reader';

/**
 * Measures the chat on one machine: `npm run load:chat -- [--readers N] [--messages M]`, after `npm run build`. N
 * readers of one instance of the real bundle over the local Firestore: its memory and CPU, and the time from a message
 * to its readers. Then SIGTERM, or SIGKILL with `--crash`, ends the instance in the middle of M more messages, and the
 * readers go on at another.
 * Ends with 1 if any message was lost or doubled.
 */
const { values } = parseArgs({
  options: {
    readers: { type: 'string', default: '1000' },
    messages: { type: 'string', default: '40' },
    crash: { type: 'boolean', default: false },
  },
});
const READERS = Number(values.readers);
const MESSAGES = Number(values.messages);
const MESSAGE_MS = 500;
const CONNECTS_AT_ONCE = 50;
const SETTLE_MS = 8000;
const TICKS_A_SECOND = 100;
const PAGE_BYTES = 4096;

interface Instance {
  url: string;
  process: ChildProcess;
}

async function startInstance(env: Record<string, string>): Promise<Instance> {
  const port = await freePort();
  const framework = 'node_modules/@google-cloud/functions-framework/build/src/main.js';
  const args = [framework, '--target=chat', `--source=${bundleFolder('chat')}`, `--port=${port}`];
  const process_ = spawn(process.execPath, args, { env: { ...process.env, ...env }, stdio: 'inherit' });
  const url = `http://127.0.0.1:${port}/api/v1/streams/${STREAM_ID}/chat`;
  const answers = () =>
    fetch(url, { method: 'HEAD' }).then(
      () => true,
      () => false,
    );
  while (!(await answers())) await sleep(100);
  return { url, process: process_ };
}

/** Returns resident megabytes and the CPU seconds so far. */
function useOf({ process: { pid } }: Instance): { megabytes: number; cpuSeconds: number } {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number);
  const ticks = (fields[11] ?? 0) + (fields[12] ?? 0);
  return { megabytes: Math.round(((fields[21] ?? 0) * PAGE_BYTES) / 2 ** 20), cpuSeconds: ticks / TICKS_A_SECOND };
}

async function send(url: string, n: number): Promise<{ number: number; at: number }> {
  const sender = `sender${String(n).padStart(10, '0')}`;
  const expires = Math.floor(Date.now() / 1000) + 600;
  const claims = { streamId: STREAM_ID, sender, name: `sender ${n}`, role: 'viewer' as const, expires };
  const headers = { Authorization: `Bearer ${mintRoomToken(claims, NEWEST)}` };
  const at = performance.now();
  const answer = await fetch(url, { method: 'POST', headers, body: JSON.stringify({ text: `message ${n}`, id: 'm' }) });
  if (answer.status !== 201) throw new Error(`message ${n}: ${answer.status} ${await answer.text()}`);
  const { number } = Object(await answer.json());
  return { number, at };
}

async function openReaders(url: () => string): Promise<ChatReader[]> {
  const readers = Array.from({ length: READERS }, (_, n) => new ChatReader(url, `10.1.${n >> 8}.${n & 255}`));
  for (let n = 0; n < READERS; n += CONNECTS_AT_ONCE)
    await Promise.all(readers.slice(n, n + CONNECTS_AT_ONCE).map((reader) => reader.start()));
  return readers;
}

async function main(): Promise<boolean> {
  const server = firestoreServer({ port: 0, indexes: [] });
  const { host } = await server.start();
  const firestore = firestoreClient({ projectId: 'test', databaseId: 'chat', host });
  await firestoreStreamStore(firestore).createStream({ ...streamOf(), chat: CHAT });
  const env = {
    FIRESTORE_EMULATOR_HOST: host,
    FIRESTORE_DATABASE: 'chat',
    PROJECT_ID: 'test',
    NODE_ENV: 'production',
    METADATA_SERVER_DETECTION: 'none',
    TOKEN_KEYS: JSON.stringify(KEYS),
    MAX_READERS: String(READERS),
  };
  const one = await startInstance(env);
  const two = await startInstance(env);
  let current = one;
  const idle = useOf(one);
  const opening = performance.now();
  const readers = await openReaders(() => current.url);
  const openSeconds = (performance.now() - opening) / 1000;
  const before = useOf(one);
  const delays: number[] = [];
  for (let n = 1; n <= MESSAGES; n += 1) {
    const { number, at } = await send(two.url, n);
    await sleep(MESSAGE_MS);
    delays.push(...readers.flatMap(({ heard }) => (heard.get(number) ?? Number.NaN) - at));
  }
  const after = useOf(one);
  for (let n = MESSAGES + 1; n <= 2 * MESSAGES; n += 1) {
    if (n === Math.floor(1.5 * MESSAGES)) {
      current = two;
      one.process.kill(values.crash ? 'SIGKILL' : 'SIGTERM');
    }
    await send(two.url, n);
    await sleep(MESSAGE_MS / 2);
  }
  await sleep(SETTLE_MS);
  const lost = readers.reduce((sum, { heard }) => sum + 2 * MESSAGES - heard.size, 0);
  const doubled = readers.reduce((sum, each) => sum + each.doubled.length, 0);
  const sorted = delays.filter((delay) => !Number.isNaN(delay)).sort((a, b) => a - b);
  const cpuSeconds = after.cpuSeconds - before.cpuSeconds;
  console.log({
    readers: READERS,
    openSeconds,
    megabytes: { idle: idle.megabytes, open: before.megabytes, after: after.megabytes },
    cpuMsOfAMessage: (cpuSeconds / MESSAGES) * 1000,
    deliverMs: { p50: percentile(sorted, 0.5), p95: percentile(sorted, 0.95), measured: sorted.length },
    afterTheEnd: { lost, doubled, reconnected: readers.filter(({ connects }) => connects > 1).length },
  });
  for (const reader of readers) reader.stop();
  two.process.kill('SIGTERM');
  await Promise.all([one, two].map(({ process: each }) => each.exitCode ?? each.signalCode ?? once(each, 'exit')));
  await firestore.terminate();
  await server.stop();
  return lost + doubled === 0;
}

main().then(
  (isRight) => process.exit(isRight ? 0 : 1),
  (error: unknown) => {
    console.error(error);
    process.exit(1);
  },
);
