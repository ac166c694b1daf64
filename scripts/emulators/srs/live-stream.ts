import { randomId } from '../../../functions/adapters/system';
import type { HlsFolder } from './hls-folder';
import type { Visitor } from './hooks';
import { type AudioInfo, audioInfo, type VideoInfo, videoInfo } from './media-info';
import type { MediaMessage, RtmpConnection } from './rtmp-connection';
import type { RtmpRequest } from './rtmp-request';

/** A connection that said what it wants. */
export interface RtmpClient {
  readonly connection: RtmpConnection;
  readonly request: RtmpRequest;
  readonly visitor: Visitor;
  readonly stream: LiveStream;
}

/** The data that a joining player gets first: at most this much since the last keyframe. */
const GOP_CACHE_BYTES = 16 << 20;

/** One stream name: who publishes, who plays, and what a newcomer needs to begin. */
export class LiveStream {
  /** SRS's id of it. */
  readonly id = `vid-${randomId(7)}`;
  readonly clients = new Set<RtmpClient>();
  video: VideoInfo | undefined;
  audio: AudioInfo | undefined;
  frames = 0;
  /** Holds the name until the last segment was told. */
  private holder: RtmpClient | undefined;
  private lastHolder: RtmpClient | undefined;
  private readonly players = new Set<RtmpConnection>();
  private readonly headers = new Map<MediaMessage['kind'], Buffer>();
  private gop: Buffer[] = [];
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
  get newest(): RtmpClient | undefined {
    return this.lastHolder ?? [...this.clients][0];
  }

  hold(client: RtmpClient): void {
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
  }

  join(player: RtmpConnection): void {
    for (const message of [...this.headers.values(), ...this.gop]) player.send(message);
    this.players.add(player);
  }

  leave(player: RtmpConnection): void {
    this.players.delete(player);
  }

  /** To every player, and remembered for the next one. */
  relay(message: MediaMessage): void {
    if (message.kind === 'videoHeader') this.video = videoInfo(message.flvTag) ?? this.video;
    if (message.kind === 'audioHeader') this.audio = audioInfo(message.flvTag) ?? this.audio;
    this.remember(message);
    for (const player of this.players) player.send(message.rtmp);
  }

  private remember({ kind, rtmp }: MediaMessage): void {
    if (kind === 'script' || kind === 'videoHeader' || kind === 'audioHeader') {
      this.headers.set(kind, rtmp);
      return;
    }
    if (kind !== 'audio') this.frames += 1;
    if (kind === 'keyFrame' || this.gopBytes > GOP_CACHE_BYTES) this.forgetGop();
    // Nothing to play before a key frame, but for a stream of sound only, which needs no cache.
    if (kind !== 'keyFrame' && this.gop.length === 0) return;
    this.gop.push(rtmp);
    this.gopBytes += rtmp.length;
  }

  private forgetGop(): void {
    this.gop = [];
    this.gopBytes = 0;
  }
}
