import { randomBytes } from 'node:crypto';
import { createConnection, type Socket } from 'node:net';
import type { FlvTag } from './flv-tags';

/**
 * As much of an RTMP publisher as a load test needs (Adobe's RTMP 1.0 and AMF0), many in one process: a hundred ffmpegs
 * take a third of a core to send what was encoded before, and what is measured has two.
 */
const HANDSHAKE = 1536;
const CHUNK = 60_000;
const COMMAND = { chunkStream: 3, type: 20, streamId: 0 } as const;
const SET_CHUNK_SIZE = 1;
const VIDEO = 9;
/** Returns the chunk stream of a message type: sound 4, the rest 6. */
const chunkStreamOf = (type: number): number => (type === 8 ? 4 : 6);

const string = (text: string): Buffer => {
  const head = Buffer.from([2, 0, 0]);
  head.writeUInt16BE(Buffer.byteLength(text), 1);
  return Buffer.concat([head, Buffer.from(text)]);
};
const number = (value: number): Buffer => {
  const bytes = Buffer.alloc(9);
  bytes.writeDoubleBE(value, 1);
  return bytes;
};
const object = (fields: Readonly<Record<string, string>>): Buffer =>
  Buffer.concat([
    Buffer.from([3]),
    ...Object.entries(fields).flatMap(([key, value]) => [string(key).subarray(1), string(value)]),
    Buffer.from([0, 0, 9]),
  ]);
const NULL = Buffer.from([5]);

interface Message {
  chunkStream: number;
  type: number;
  streamId: number;
  ms: number;
  data: Buffer;
}

/** A message in chunks of at most `CHUNK`. */
function chunks({ chunkStream, type, streamId, ms, data }: Message): Buffer[] {
  if (ms >= 0xffffff) throw new Error(`a publisher of ${ms} ms: extended time stamps are not written`);
  const head = Buffer.alloc(12);
  head.writeUInt8(chunkStream, 0);
  head.writeUIntBE(ms, 1, 3);
  head.writeUIntBE(data.length, 4, 3);
  head.writeUInt8(type, 7);
  head.writeUInt32LE(streamId, 8);
  const parts = [head, data.subarray(0, CHUNK)];
  for (let at = CHUNK; at < data.length; at += CHUNK) {
    parts.push(Buffer.from([0xc0 | chunkStream]), data.subarray(at, at + CHUNK));
  }
  return parts;
}

export interface Recording {
  head: readonly FlvTag[];
  media: readonly FlvTag[];
  durationMs: number;
}

/** One publisher that sends a recording again and again, in real time. */
export class RtmpSender {
  private startedAt = 0;
  private round = 0;
  private next = 0;
  private over = false;
  private sentPictures = 0;

  private constructor(
    private readonly socket: Socket,
    private readonly recording: Recording,
  ) {
    const end = () => {
      this.over = true;
    };
    socket.on('error', end).on('close', end);
  }

  /** Resolves once SRS takes it. `server`: `rtmp://host:port/app`. */
  static async publish(server: string, key: string, recording: Recording): Promise<RtmpSender> {
    const { hostname, port, pathname } = new URL(server);
    const socket = createConnection({ host: hostname, port: Number(port), noDelay: true });
    const sender = new RtmpSender(socket, recording);
    socket.write(Buffer.concat([Buffer.from([3]), Buffer.alloc(8), randomBytes(HANDSHAKE - 8)]));
    const answer = await heard(socket, (all) => (all.length > 2 * HANDSHAKE ? all : undefined));
    socket.write(answer.subarray(1, 1 + HANDSHAKE));
    const size = Buffer.alloc(4);
    size.writeUInt32BE(CHUNK);
    sender.write([{ chunkStream: 2, type: SET_CHUNK_SIZE, streamId: 0, ms: 0, data: size }]);
    await sender.ask([string('connect'), number(1), object({ app: pathname.slice(1), tcUrl: server })], '_result');
    await sender.ask([string('createStream'), number(2), NULL], '_result');
    await sender.ask([string('publish'), number(3), NULL, string(key), string('live')], 'NetStream.Publish.Start', 1);
    socket.on('data', () => undefined);
    sender.startedAt = performance.now();
    sender.write(recording.head.map((tag) => sender.messageOf(tag, 0)));
    return sender;
  }

  /** SRS let it go. */
  get ended(): boolean {
    return this.over;
  }

  /** Messages of video it has sent, as SRS counts them. */
  get pictures(): number {
    return this.sentPictures;
  }

  /** Sends what is due by now. */
  tick(): void {
    const dueMs = performance.now() - this.startedAt;
    const messages: Message[] = [];
    for (;;) {
      const tag = this.recording.media[this.next];
      if (tag === undefined) {
        this.next = 0;
        this.round += 1;
        continue;
      }
      const ms = tag.ms + this.round * this.recording.durationMs;
      if (ms > dueMs) break;
      messages.push(this.messageOf(tag, ms));
      this.next += 1;
    }
    this.write(messages);
  }

  stop(): void {
    this.socket.destroy();
  }

  private messageOf({ type, data }: FlvTag, ms: number): Message {
    return { chunkStream: chunkStreamOf(type), type, streamId: 1, ms: Math.round(ms), data };
  }

  private async ask(words: readonly Buffer[], answer: string, streamId = 0): Promise<void> {
    // SRS sends chunks of 60 000 bytes, so none of its words is cut.
    const said = heard(this.socket, (all) => (all.includes(answer) ? all : undefined));
    this.write([{ ...COMMAND, streamId, ms: 0, data: Buffer.concat([...words]) }]);
    await said;
  }

  private write(messages: readonly Message[]): void {
    if (messages.length === 0 || this.over) return;
    this.sentPictures += messages.filter(({ type }) => type === VIDEO).length;
    this.socket.cork();
    for (const message of messages) for (const part of chunks(message)) this.socket.write(part);
    this.socket.uncork();
  }
}

/** Resolves with the first answer of `take`; rejects when the connection ends before. */
function heard<T>(socket: Socket, take: (all: Buffer) => T | undefined): Promise<T> {
  let all = Buffer.alloc(0);
  return new Promise((resolve, reject) => {
    const leave = () => {
      socket.off('data', onData);
      socket.off('close', onClose);
    };
    const onClose = () => {
      leave();
      reject(new Error('SRS closed the connection'));
    };
    const onData = (data: Buffer) => {
      all = Buffer.concat([all, data]);
      const taken = take(all);
      if (taken === undefined) return;
      leave();
      resolve(taken);
    };
    socket.on('data', onData).on('close', onClose);
  });
}
