import type { Socket } from 'node:net';
import Flv from 'node-media-server/src/protocol/flv.js';
import Rtmp, { type Packet } from 'node-media-server/src/protocol/rtmp.js';
import { type ConnectRequest, parseConnect, parseRequest, type RtmpRequest } from './rtmp-request';

/** Both forms of one media message: copies that stay valid. */
export interface MediaMessage {
  readonly flvTag: Buffer;
  readonly rtmp: Buffer;
  /** `script`, or a track and the role of the message in it. */
  readonly kind: 'script' | 'audioHeader' | 'audio' | 'videoHeader' | 'keyFrame' | 'frame';
}

const KINDS: readonly MediaMessage['kind'][] = [
  'audioHeader',
  'audio',
  'videoHeader',
  'keyFrame',
  'frame',
  'script',
  'frame',
];

/**
 * The time limits of a silent client: SRS_CONSTS_RTMP_TIMEOUT before its request, then `publish.normal_timeout` and
 * SRS's addition to it.
 */
const HANDSHAKE_TIMEOUT_MS = 30_000;
const STALL_TIMEOUT_MS = 10_000;
/**
 * One key frame of 100 Mbit/s video is far below; the length field goes to 16 MB, for each of 65 thousand chunk
 * streams.
 */
const LARGEST_MESSAGE_BYTES = 8 << 20;
const MAX_CHUNK_STREAMS = 32;
/** The data that a player may lag behind before it is disconnected. */
const PLAYER_BACKLOG_BYTES = 16 << 20;

/**
 * One RTMP client over node-media-server's protocol layer. Its server layer is left out: it admits a client before a
 * hook can be called, holds a publisher's name for 30 s after the end, and does not tell a refused client from an
 * admitted one.
 */
export class RtmpConnection {
  readonly openedAt = Date.now();
  /** Resolves once the socket is closed, for any reason. */
  readonly gone: Promise<void>;
  /** Resolves with the client's request; never for a client that leaves before. */
  readonly asked: Promise<RtmpRequest>;
  private readonly rtmp = new Rtmp();
  private connect: ConnectRequest | undefined;
  private request: RtmpRequest | undefined;
  private early: MediaMessage[] = [];
  private receive: ((message: MediaMessage) => void) | undefined;

  constructor(private readonly socket: Socket) {
    this.gone = new Promise((resolve) => {
      socket.once('close', () => resolve());
    });
    this.asked = new Promise((resolve) => this.route(resolve));
    socket.setNoDelay(true);
    socket.setTimeout(HANDSHAKE_TIMEOUT_MS, () => socket.destroy());
    socket.on('error', () => undefined); // `close` follows
    socket.on('data', (bytes: Buffer) => this.parse(bytes));
  }

  get ip(): string {
    return this.socket.remoteAddress ?? '';
  }

  get bytes(): { sent: number; received: number } {
    return { sent: this.socket.bytesWritten, received: this.socket.bytesRead };
  }

  /** Tells the encoder to go on; `receive` gets every media message from the first. */
  startPublishing(receive: (message: MediaMessage) => void): void {
    this.rtmp.respondPublish();
    this.receive = receive;
    for (const message of this.early.splice(0)) receive(message);
    this.listen(STALL_TIMEOUT_MS);
  }

  startPlaying(): void {
    this.rtmp.respondPlay();
    this.listen(0);
  }

  take({ rtmp }: MediaMessage): void {
    this.send(rtmp);
  }

  private send(message: Buffer): void {
    if (this.socket.writableLength > PLAYER_BACKLOG_BYTES) this.socket.destroy();
    else if (this.socket.writable) this.socket.write(message);
  }

  pause(): void {
    this.socket.pause();
  }

  resume(): void {
    this.socket.resume();
  }

  destroy(): void {
    this.socket.destroy();
  }

  private listen(timeoutMs: number): void {
    this.socket.setTimeout(timeoutMs);
    this.socket.resume();
  }

  private route(ask: (request: RtmpRequest) => void): void {
    const { rtmp } = this;
    const answerConnect = rtmp.onConnect.bind(rtmp);
    const on = (kind: 'publish' | 'play') => (message: unknown) => {
      if (this.request !== undefined || this.connect === undefined) throw new Error(`${kind}: out of turn`);
      rtmp.streamId = rtmp.parserPacket.header.stream_id;
      this.request = parseRequest(kind, this.connect, message);
      // Nothing is read during the hooks, so that early data is bounded by one read.
      this.socket.pause();
      this.socket.setTimeout(0);
      ask(this.request);
    };
    rtmp.onOutputCallback = (bytes) => this.send(bytes);
    rtmp.onPacketCallback = (packet) => this.received(packet);
    rtmp.onConnect = (message) => {
      this.connect = parseConnect(message);
      answerConnect(message);
    };
    rtmp.onPublish = on('publish');
    rtmp.onPlay = on('play');
    rtmp.onDeleteStream = () => this.socket.end();
    rtmp.packetAlloc = boundedAlloc(rtmp);
  }

  private parse(bytes: Buffer): void {
    try {
      if (this.rtmp.parserData(bytes) !== null) this.socket.destroy();
    } catch {
      this.socket.destroy(); // not RTMP, or a command that makes no sense
    }
  }

  private received(packet: Packet): void {
    if (this.request?.kind !== 'publish') return;
    const kind = KINDS[packet.flags] ?? 'frame';
    const message = { kind, flvTag: Flv.createMessage(packet), rtmp: Rtmp.createMessage(packet) };
    if (this.receive) this.receive(message);
    else this.early.push(message);
  }
}

function boundedAlloc(rtmp: Rtmp): () => void {
  const alloc = rtmp.packetAlloc.bind(rtmp);
  return () => {
    if (rtmp.parserPacket.header.length > LARGEST_MESSAGE_BYTES || rtmp.inPackets.size > MAX_CHUNK_STREAMS)
      throw new Error('message too large');
    alloc();
  };
}
