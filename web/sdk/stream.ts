import { Bandwidth } from './bandwidth';
import { Connection, type Direction } from './connection';
import { Continuity } from './continuity';
import { Display } from './display';
import { type HlsConstructor, playHls } from './hls';
import type { Constraints, LocalMedia } from './local-media';
import { type Endpoint, OfferRefusal } from './offer';
import { readState } from './public-state';
import { Statuses, type StreamStatus } from './statuses';
import type { TimedMetadata } from './timed-metadata';

/** Options of `createStream`. */
export interface StreamOptions {
  /** To play: the stream id. To publish: the stream key, `<stream id>?key=<key>`, as OBS gets it. */
  readonly name: string;
  /** The element for the picture: one that gets a `<video>`, or a `<video>`. @default none */
  readonly display?: HTMLElement;
  /** The play token of a grant, for a gated stream. */
  readonly token?: string;
  /** The media to publish. @default camera and microphone */
  readonly constraints?: Partial<Constraints>;
  /**
   * Keeps camera and microphone on after `stop()`, so that the next stream of the session starts at once. @default
   * false
   */
  readonly cacheLocalResources?: boolean;
  /** True to receive the picture when playing. Without meaning for a publisher, who receives nothing. @default true */
  readonly receiveVideo?: boolean;
  /** True to receive the sound when playing. @default true */
  readonly receiveAudio?: boolean;
  /** The technology of playback: WebRTC, HLS, or WebRTC and HLS where that is not possible. @default 'auto' */
  readonly technology?: 'auto' | 'webrtc' | 'hls';
  /** hls.js, where the browser has no HLS of its own: `import Hls from 'hls.js'`. */
  readonly hls?: HlsConstructor;
  /** ICE servers and policy of this stream's connection. @default those of the session */
  readonly mediaOptions?: RTCConfiguration;
}

/** Parts of a session that its streams use. */
export interface StreamContext {
  readonly server: string;
  readonly mediaOptions: RTCConfiguration;
  readonly local: LocalMedia;
  readonly ended: (stream: Stream) => void;
}

/** Well within a stream's reconnect window, so that viewers stay in the same broadcast. */
const RETRY_MS = 2000;
const SAMPLE_MS = 2000;
/** Samples without a byte after which a connection that is called connected is given up. */
const SILENT_SAMPLES = 3;
const FIRST_PICTURE_MS = 10_000;
/** Failed attempts in a row after which playback is FAILED. A publisher goes on: no other client has the picture. */
const MAX_ATTEMPTS = 3;

/** One stream that is published or played. */
export class Stream {
  private readonly statuses = new Statuses<StreamStatus>('NEW');
  private readonly options: StreamOptions;
  private connection: Connection | undefined;
  private display: Display | undefined;
  private media: MediaStream | undefined;
  private stopHls: (() => void) | undefined;
  private running: 'publish' | 'play' | undefined;
  private reason = '';
  private readonly metadataListeners: ((metadata: TimedMetadata, stream: Stream) => void)[] = [];

  constructor(
    options: StreamOptions,
    private readonly context: StreamContext,
  ) {
    this.options = options;
  }

  /** Names the stream by its id; a stream key's secret is left out. */
  name(): string {
    return this.options.name.split('?', 1)[0] ?? '';
  }

  status(): StreamStatus {
    return this.statuses.now;
  }

  /** Says in a sentence why the stream has FAILED; '' otherwise. */
  info(): string {
    return this.reason;
  }

  /** Calls `listener` each time the stream gets this status. Can be chained. */
  on(status: StreamStatus, listener: (stream: Stream) => void): this {
    this.statuses.on(status, () => listener(this));
    return this;
  }

  /**
   * Calls `listener` for each message of the stream's owner when the picture reaches it. Messages come by HLS with
   * hls.js; WebRTC has none. Can be chained.
   */
  onMetadata(listener: (metadata: TimedMetadata, stream: Stream) => void): this {
    this.metadataListeners.push(listener);
    return this;
  }

  /**
   * Publishes camera and microphone by WHIP until `stop()`; an interrupted connection is made again. Can be called
   * once.
   */
  publish(): this {
    this.begin('publish', () => this.publishing());
    return this;
  }

  /**
   * Plays by WebRTC, and by HLS where that is not possible, until `stop()` or the end of the broadcast. Can be called
   * once.
   */
  play(): this {
    this.begin('play', () => this.playing());
    return this;
  }

  /** Ends the stream: UNPUBLISHED, which ends the broadcast, or STOPPED. */
  async stop(): Promise<void> {
    const { running, connection } = this;
    if (running === undefined) return;
    this.running = undefined;
    await connection?.end();
    this.finish(running === 'publish' ? 'UNPUBLISHED' : 'STOPPED');
  }

  private begin(kind: 'publish' | 'play', run: () => Promise<void>): void {
    if (this.statuses.now !== 'NEW')
      throw new Error(`stream '${this.name()}' is ${this.statuses.now}: make another with createStream`);
    this.running = kind;
    this.statuses.become('PENDING');
    run().catch((error: unknown) => this.fail(error instanceof Error ? error.message : String(error)));
  }

  private async publishing(): Promise<void> {
    const { name, constraints, cacheLocalResources = false, display } = this.options;
    const [id, key] = name.split('?key=');
    if (!id || !key) throw new Error('name: use the stream key, <stream id>?key=<key>, to publish');
    this.media = await this.context.local.open({ video: true, audio: true, ...constraints }, cacheLocalResources);
    if (this.running === undefined) return this.context.local.close(this.media);
    this.display = display && new Display(display);
    await this.display?.show(this.media, true);
    const endpoint = { url: `${this.context.server}/api/v1/whip/${encodeURIComponent(id)}`, bearer: key };
    for (const continuity = new Continuity(); this.running !== undefined; ) {
      const { continues } = continuity;
      const failure = await this.attempt({ send: this.media }, { ...endpoint, continues }, 'PUBLISHING');
      if (continuity.isOver(this.connection?.publishes, failure)) return this.fail(failure?.message ?? '');
      await this.again();
    }
  }

  private async playing(): Promise<void> {
    const { technology = 'auto' } = this.options;
    this.display = new Display(this.options.display);
    if (technology === 'hls') return this.playByHls();
    const endpoint: Endpoint = {
      url: `${this.context.server}/api/v1/whep/${encodeURIComponent(this.name())}`,
      bearer: this.options.token,
    };
    for (let attempts = 1; this.running !== undefined; attempts += 1) {
      const failure = await this.attempt({ receive: this.kinds() }, endpoint, 'PLAYING');
      if (this.running === undefined) return;
      if (failure === undefined) attempts = 0;
      const state = await readState(this.context.server, this.name());
      if (failure === undefined && (state === 'ended' || state === 'idle')) return this.finish('STOPPED');
      const isFinal = (failure instanceof OfferRefusal && !failure.passes) || attempts >= MAX_ATTEMPTS;
      if (isFinal && technology === 'auto' && state === 'live' && this.canHls()) return this.playByHls();
      if (isFinal) return this.fail(failure?.message ?? 'The connection was lost.');
      await this.again();
    }
  }

  private kinds(): ('video' | 'audio')[] {
    const { receiveVideo = true, receiveAudio = true } = this.options;
    const kinds = [...(receiveVideo ? ['video' as const] : []), ...(receiveAudio ? ['audio' as const] : [])];
    if (kinds.length === 0) throw new Error('receiveVideo, receiveAudio: at least one of them has to be true to play');
    return kinds;
  }

  /**
   * Runs one connection from its offer to its end. Returns why it was never made; `undefined` when it was made and
   * lost.
   */
  private async attempt(direction: Direction, endpoint: Endpoint, reached: StreamStatus): Promise<Error | undefined> {
    try {
      const connection = new Connection(direction, this.options.mediaOptions ?? this.context.mediaOptions);
      this.connection = connection;
      if ('receive' in direction) void this.display?.show(connection.media, false);
      await connection.open(endpoint);
      if (this.running === undefined) return void (await connection.end());
      if (
        'receive' in direction &&
        direction.receive.includes('video') &&
        !(await connection.hasPicture(FIRST_PICTURE_MS))
      )
        throw new Error('No picture came.');
      if (this.running === undefined) return undefined;
      this.statuses.become(reached);
      await Promise.race([connection.lost(), this.watch(connection, reached)]);
      return undefined;
    } catch (error) {
      return error instanceof Error ? error : new Error(String(error));
    } finally {
      this.connection?.close();
    }
  }

  /** Measures every two seconds whether the network is sufficient. Resolves when no media flows any more. */
  private async watch(connection: Connection, reached: StreamStatus): Promise<void> {
    const bandwidth = new Bandwidth();
    let bytes = -1;
    let silent = 0;
    while (this.connection === connection && this.running !== undefined && silent < SILENT_SAMPLES) {
      const sample = await connection.sample();
      silent = sample.bytes === bytes ? silent + 1 : 0;
      bytes = sample.bytes;
      this.statuses.become(bandwidth.isEnough(sample) ? reached : 'NOT_ENOUGH_BANDWIDTH');
      await new Promise((resolve) => setTimeout(resolve, SAMPLE_MS));
    }
  }

  private async again(): Promise<void> {
    if (this.running === undefined) return;
    this.statuses.become('PENDING');
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
  }

  private canHls(): boolean {
    const { video } = this.display ?? {};
    return (
      this.options.hls?.isSupported() === true || (video?.canPlayType('application/vnd.apple.mpegurl') ?? '') !== ''
    );
  }

  private async playByHls(): Promise<void> {
    if (!this.canHls() || this.display === undefined)
      return this.fail('This browser has no HLS: give hls.js as `hls`.');
    const { video } = this.display;
    video.srcObject = null;
    const url = `${this.context.server}/open/p/${encodeURIComponent(this.name())}/index.m3u8`;
    const over = (isEnd: boolean) =>
      isEnd ? this.finish('STOPPED') : this.fail('The stream cannot be loaded by HLS.');
    const metadata = (message: TimedMetadata) => {
      for (const listener of this.metadataListeners) listener(message, this);
    };
    this.stopHls = playHls(video, url, this.options.hls, { over, metadata });
    void this.display.play();
    if (!(await this.display.moves(2 * FIRST_PICTURE_MS))) return this.fail('No picture came by HLS.');
    if (this.running !== undefined) this.statuses.become('PLAYING');
  }

  private fail(reason: string): void {
    if (this.running === undefined) return;
    this.running = undefined;
    this.reason = reason;
    this.finish('FAILED');
  }

  private finish(status: StreamStatus): void {
    this.running = undefined;
    this.connection?.close();
    this.stopHls?.();
    this.display?.clear();
    this.context.local.close(this.media);
    this.context.ended(this);
    this.statuses.become(status);
  }
}
