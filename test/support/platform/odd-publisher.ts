import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { path as ffmpegPath } from '@ffmpeg-installer/ffmpeg';

/** One message of an FLV file. `ms`: its time stamp; `kind`: `s` is the script. */
export interface FlvTag {
  kind: 'a' | 'v' | 's';
  ms: number;
  body: Buffer;
}

const KINDS: Readonly<Record<number, FlvTag['kind']>> = { 8: 'a', 9: 'v', 18: 's' };
const TYPES: Readonly<Record<FlvTag['kind'], number>> = { a: 8, v: 9, s: 18 };

/** A test picture with a tone, a keyframe every 2 s, as an encoder would send it. */
export async function testTags(seconds: number, size = '320x180'): Promise<FlvTag[]> {
  const sources = [
    '-f',
    'lavfi',
    '-i',
    `testsrc2=size=${size}:rate=25`,
    '-f',
    'lavfi',
    '-i',
    'sine=frequency=440:sample_rate=44100',
  ];
  const video = ['-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency', '-pix_fmt', 'yuv420p', '-g', '50'];
  const args = [
    ...sources,
    '-t',
    `${seconds}`,
    ...video,
    '-sc_threshold',
    '0',
    '-c:a',
    'aac',
    '-b:a',
    '64k',
    '-f',
    'flv',
    'pipe:1',
  ];
  const options = { encoding: 'buffer' as const, maxBuffer: 64 << 20 };
  const { stdout } = await promisify(execFile)(ffmpegPath, ['-nostdin', '-loglevel', 'error', ...args], options);
  return [...tagsOf(stdout)];
}

function* tagsOf(flv: Buffer): Generator<FlvTag> {
  for (let at = 13; at + 11 <= flv.length; ) {
    const size = flv.readUIntBE(at + 1, 3);
    const kind = KINDS[flv.readUInt8(at)];
    const ms = flv.readUIntBE(at + 4, 3) + flv.readUInt8(at + 7) * 2 ** 24;
    if (kind !== undefined) yield { kind, ms, body: flv.subarray(at + 11, at + 11 + size) };
    at += 15 + size;
  }
}

const number = (value: number): Buffer => {
  const bytes = Buffer.alloc(9);
  bytes.writeDoubleBE(value, 1);
  return bytes;
};
const name = (value: string): Buffer => {
  const bytes = Buffer.from(value);
  return Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 0xff]), bytes]);
};
const text = (value: string): Buffer => Buffer.concat([Buffer.from([2]), name(value)]);
const nothing = Buffer.from([5]);
const object = (fields: Readonly<Record<string, string>>): Buffer =>
  Buffer.concat([
    Buffer.from([3]),
    ...Object.entries(fields).flatMap(([key, value]) => [name(key), text(value)]),
    Buffer.from([0, 0, 9]),
  ]);

const CHUNK = 60_000;

/** A message in chunks of `CHUNK` bytes (RTMP 1.0, 5.3.1), with 32 bits of time. */
function message(
  channel: number,
  type: number,
  { stream = 0, ms = 0, body }: { stream?: number; ms?: number; body: Buffer },
): Buffer {
  const at = ((ms % 2 ** 32) + 2 ** 32) % 2 ** 32;
  const isLong = at >= 0xffffff;
  const head = Buffer.alloc(isLong ? 16 : 12);
  head.writeUInt8(channel, 0);
  head.writeUIntBE(isLong ? 0xffffff : at, 1, 3);
  head.writeUIntBE(body.length, 4, 3);
  head.writeUInt8(type, 7);
  head.writeUInt32LE(stream, 8);
  if (isLong) head.writeUInt32BE(at, 12);
  const parts: Buffer[] = [head];
  for (let from = 0; from < body.length; from += CHUNK) {
    if (from > 0) parts.push(Buffer.from([0xc0 | channel]), ...(isLong ? [head.subarray(12)] : []));
    parts.push(body.subarray(from, from + CHUNK));
  }
  return Buffer.concat(parts);
}

const ANSWER_MS = 15_000;

/** Waits for more bytes. Rejects with `wanted` when the other side hangs up, or says nothing for 15 s. */
async function more(socket: Socket, wanted: string): Promise<Buffer> {
  const settled = new AbortController();
  const { signal } = settled;
  const late = sleep(ANSWER_MS, `${ANSWER_MS} ms of silence`, { signal });
  const closed = once(socket, 'close', { signal }).then(() => 'the server hung up');
  const heard = once(socket, 'data', { signal }).then(([bytes]) => Buffer.from(bytes));
  try {
    const first = await Promise.race([heard, closed, late]);
    if (typeof first === 'string') throw new Error(`${first} before ${wanted}`);
    return first;
  } finally {
    settled.abort();
    for (const wait of [heard, closed, late]) wait.catch(() => undefined);
  }
}

/** Reads whatever comes until the text is in it: the answers are short. */
async function until(socket: Socket, wanted: string): Promise<void> {
  let heard = '';
  while (!heard.includes(wanted)) heard += (await more(socket, wanted)).toString('latin1');
}

async function handshake(socket: Socket): Promise<void> {
  socket.write(Buffer.concat([Buffer.from([3]), Buffer.alloc(8), randomBytes(1528)]));
  const heard: Buffer[] = [];
  while (Buffer.concat(heard).length < 1 + 2 * 1536) {
    heard.push(await more(socket, 'the end of the handshake'));
  }
  socket.write(Buffer.concat(heard).subarray(1, 1537));
}

/**
 * Publishes tags in real time with whatever time stamps they have: `clock` gives the one that is sent, and the file's
 * own says when. `url`: `rtmp://host:port/app/stream?key=...`; `localAddress`: of this machine's, the one to come from.
 * Resolves with how many tags went out before the end, or the other side's.
 */
export async function publishOddly(
  url: string,
  tags: readonly FlvTag[],
  clock: (tag: FlvTag) => number | undefined = ({ ms }) => ms,
  localAddress?: string,
): Promise<number> {
  const [, host = '', port = '', app = '', stream = ''] = /^rtmp:\/\/([^:/]+):(\d+)\/([^/]+)\/(.+)$/.exec(url) ?? [];
  const socket = connect({ port: Number(port), host, ...(localAddress && { localAddress }) });
  socket.on('error', () => undefined); // `close` follows
  await once(socket, 'connect');
  await handshake(socket);
  const size = Buffer.alloc(4);
  size.writeUInt32BE(CHUNK);
  const call = (words: readonly Buffer[], id = 0) =>
    socket.write(message(id === 0 ? 3 : 8, 20, { stream: id, body: Buffer.concat(words) }));
  socket.write(message(2, 1, { body: size }));
  call([
    text('connect'),
    number(1),
    object({ app, type: 'nonprivate', flashVer: 'FMLE/3.0', tcUrl: `rtmp://${host}:${port}/${app}` }),
  ]);
  await until(socket, '_result');
  call([text('createStream'), number(4), nothing]);
  await until(socket, '_result');
  call([text('publish'), number(5), nothing, text(stream), text('live')], 1);
  await until(socket, 'NetStream.Publish.Start');
  socket.resume();
  const began = Date.now();
  let sent = 0;
  for (const tag of tags) {
    await sleep(Math.max(0, began + tag.ms - Date.now()));
    if (socket.destroyed) return sent;
    const ms = clock(tag);
    if (ms === undefined) continue;
    const body = tag.kind === 's' ? Buffer.concat([text('@setDataFrame'), tag.body]) : tag.body;
    socket.write(message(tag.kind === 'a' ? 4 : 6, TYPES[tag.kind], { stream: 1, ms, body }));
    sent += 1;
  }
  socket.end();
  await once(socket, 'close').catch(() => undefined);
  return sent;
}
