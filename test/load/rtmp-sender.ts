import { randomBytes } from 'node:crypto';
import { createConnection, type Socket } from 'node:net';
import {
  chunksOf,
  mediaMessage,
  publishSteps,
  RTMP,
  type RtmpMessage,
} from '../../srs-image/agent/playback/edges/rtmp-messages';
import type { FlvTag } from './flv-tags';

/**
 * As much of an RTMP publisher as a load test needs, many in one process: a hundred ffmpegs take a third of a core to
 * send what was encoded before, and what is measured has two. The messages are those by which an origin pushes.
 */
const HANDSHAKE = 1536;

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
    const place = { host: hostname, port: Number(port), app: pathname.slice(1) };
    for (const { say, answer: awaited } of publishSteps(place, key)) await sender.ask(say, awaited);
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
    const messages: RtmpMessage[] = [];
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

  private messageOf({ type, data }: FlvTag, ms: number): RtmpMessage {
    return mediaMessage(type, Math.round(ms), data);
  }

  private async ask(messages: readonly RtmpMessage[], answer: string): Promise<void> {
    // SRS sends chunks of 60 000 bytes, so none of its words is cut.
    const said = heard(this.socket, (all) => (all.includes(answer) ? all : undefined));
    this.write(messages);
    await said;
  }

  private write(messages: readonly RtmpMessage[]): void {
    if (messages.length === 0 || this.over) return;
    this.sentPictures += messages.filter(({ type }) => type === RTMP.video).length;
    this.socket.cork();
    for (const message of messages) for (const part of chunksOf(message)) this.socket.write(part);
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
