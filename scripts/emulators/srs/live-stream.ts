import { randomId } from '../../../functions/adapters/system';
import type { HlsFolder } from './hls-folder';
import type { Visitor } from './hooks';
import { type AudioInfo, audioInfo, type VideoInfo, videoInfo } from './media-info';
import type { MediaMessage, RtmpConnection } from './rtmp-connection';
import type { RtmpRequest } from './rtmp-request';

/** A connection of any kind. */
export type Connection = Pick<RtmpConnection, 'openedAt' | 'gone' | 'ip' | 'bytes' | 'destroy'>;

/**
 * A connection that plays. `publisherLeft` is called when its publisher leaves; by RTMP a player waits for the next
 * one.
 */
export interface Player extends Connection {
  take(message: MediaMessage): void;
  publisherLeft?(): void;
}

/** A connection after its request. */
export interface Client {
  readonly connection: Connection;
  readonly request: Pick<RtmpRequest, 'kind'>;
  readonly visitor: Visitor;
  readonly stream: LiveStream;
}
export interface RtmpClient extends Client {
  readonly connection: RtmpConnection;
}

/** The data that a joining player gets first: at most this much since the last keyframe. */
const GOP_CACHE_BYTES = 16 << 20;

/** One stream name: its publisher, its players, and the data with which a new player begins. */
export class LiveStream {
  /** SRS's id of the stream. */
  readonly id = `vid-${randomId(7)}`;
  readonly clients = new Set<Client>();
  video: VideoInfo | undefined;
  audio: AudioInfo | undefined;
  frames = 0;
  /** The publisher that holds the name until the hook of its last segment was sent. */
  private holder: Client | undefined;
  private lastHolder: Client | undefined;
  private readonly players = new Set<Player>();
  private readonly headers = new Map<MediaMessage['kind'], MediaMessage>();
  private gop: MediaMessage[] = [];
  private gopBytes = 0;

  constructor(
    readonly app: string,
    readonly name: string,
    readonly hls: HlsFolder,
  ) {}

  get busy(): boolean {
    return this.holder !== undefined;
  }

  /** Client id of the publisher, or of the last one. */
  get publisherId(): string | undefined {
    return this.lastHolder?.visitor.clientId;
  }

  /** The publisher, or the last one: its tcUrl is the stream's. */
  get newest(): Client | undefined {
    return this.lastHolder ?? [...this.clients][0];
  }

  hold(client: Client): void {
    this.holder = client;
    this.lastHolder = client;
    this.frames = 0;
  }

  release(): void {
    this.holder = undefined;
    this.video = undefined;
    this.audio = undefined;
    this.headers.clear();
    this.forgetGop();
    for (const player of this.players) player.publisherLeft?.();
  }

  join(player: Player): void {
    for (const message of [...this.headers.values(), ...this.gop]) player.take(message);
    this.players.add(player);
  }

  leave(player: Player): void {
    this.players.delete(player);
  }

  /** Sends a message to every player, and keeps it for the next one. */
  relay(message: MediaMessage): void {
    if (message.kind === 'videoHeader') this.video = videoInfo(message.flvTag) ?? this.video;
    if (message.kind === 'audioHeader') this.audio = audioInfo(message.flvTag) ?? this.audio;
    this.remember(message);
    for (const player of this.players) player.take(message);
  }

  private remember(message: MediaMessage): void {
    const { kind, rtmp } = message;
    if (kind === 'script' || kind === 'videoHeader' || kind === 'audioHeader') {
      this.headers.set(kind, message);
      return;
    }
    if (kind !== 'audio') this.frames += 1;
    if (kind === 'keyFrame' || this.gopBytes > GOP_CACHE_BYTES) this.forgetGop();
    // A player begins with a key frame, except in a stream of sound only, which needs no cache.
    if (kind !== 'keyFrame' && this.gop.length === 0) return;
    this.gop.push(message);
    this.gopBytes += rtmp.length;
  }

  private forgetGop(): void {
    this.gop = [];
    this.gopBytes = 0;
  }
}
