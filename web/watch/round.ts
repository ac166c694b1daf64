import type { Playback, PlaybackEvents, PlayingWay, RenditionChoice } from './players/playback';
import type { PlaybackProgress } from './progress';
import type { KnownStream } from './public-stream';
import type { SlowNetwork } from './slow-network';
import { BEHIND_SECONDS, isBehind, type View, viewOf } from './view';

/** The end of a round of playing; `changed`: the next one plays in another way. `began`: a picture had moved. */
export interface RoundOutcome {
  readonly kind: 'ended' | 'failed' | 'lost' | 'changed';
  readonly status?: number;
  /** The reason why it failed, where it is known. */
  readonly why?: 'no_key_system';
  readonly began: boolean;
}

export interface RoundOptions {
  readonly video: HTMLVideoElement;
  readonly start: (events: PlaybackEvents) => Playback;
  /** Returns the API's state of the stream; asked while the picture stands. */
  readonly ask: () => Promise<KnownStream>;
  readonly network: SlowNetwork;
  readonly progress: PlaybackProgress;
  /** Says why it plays in this way, where the viewer wanted another one. */
  readonly remark: (way: PlayingWay) => string | undefined;
  /** Told of timed metadata, once a round. */
  readonly metadata: PlaybackEvents['metadata'];
  readonly signal: AbortSignal;
}

/**
 * A picture that stands still although there is media for it, or although the broadcast goes on, is started again after
 * this time. In milliseconds.
 */
const STUCK_WITH_MEDIA_MS = 8000;
const STUCK_WITHOUT_MS = 20_000;
/** The time for a first picture on a slow network. */
const NEVER_BEGAN_MS = 40_000;
/** The last segment may still be on its way when the API says that the broadcast is over. */
const OVER_AFTER_MS = 2000;
const ASK_EVERY_MS = 5000;
/** Viewers whose pictures stop together ask one after the other. */
const ASK_SPREAD_MS = 1000;
/** A player of low latency has a second and a half: after this time its media is late, or does not come. */
const LATE_MS = 2000;
const LATE_START_MS = 8000;
const ENOUGH_AHEAD_SECONDS = 1;
/** A seek to within this of the player's own place is one to the live edge. */
const AT_LIVE_SECONDS = 3;

/** One start of the player until it ends, fails, or is given up. `look` is called every `POLL_INTERVAL_MS`. */
export class Round {
  private readonly playback: Playback;
  private readonly startedAt = performance.now();
  private readonly listening = new AbortController();
  private resolve: (outcome: Omit<RoundOutcome, 'began'>) => void = () => undefined;
  private known: KnownStream | undefined;
  private askAt: number | undefined;
  private isBlocked = false;
  private spares = false;
  private lastTime = 0;
  /** The last look at which the picture was held back for more media. */
  private heldAt = Number.NEGATIVE_INFINITY;
  /** Resolves with the end of the round. */
  readonly outcome: Promise<RoundOutcome>;

  constructor(private readonly options: RoundOptions) {
    const { video, start, progress, signal } = options;
    progress.restart();
    this.outcome = new Promise<Omit<RoundOutcome, 'began'>>((resolve) => {
      this.resolve = resolve;
      signal.addEventListener('abort', () => resolve({ kind: 'lost' }), { signal: this.listening.signal });
    }).then((outcome) => this.close(outcome));
    this.playback = start({
      failed: (why) => this.resolve({ kind: 'failed', ...(why && { why }) }),
      lost: (status) => this.resolve({ kind: 'lost', status }),
      ended: () => this.resolve({ kind: 'ended' }),
      metadata: options.metadata,
    });
    this.listenToViewer();
    video.play().catch(() => {
      this.isBlocked = video.paused;
    });
  }

  /** True if it was behind live at the last look. */
  isBehind = false;

  get way(): PlayingWay {
    return this.playback.way();
  }

  /** True while the viewer watches the live edge: another way would show the same. */
  get isAtLive(): boolean {
    return !this.isBehind && !this.options.video.paused && this.options.progress.begun;
  }

  /** True if a player of low latency does not begin, or stands still: its node may be gone without a notice. */
  get isLate(): boolean {
    const { progress, video } = this.options;
    if (progress.begun) return progress.standingMs > LATE_MS;
    return !video.paused && performance.now() - this.startedAt > LATE_START_MS;
  }

  /** True if no frame of a picture that had begun was decoded for 2 s, by a player that counts them. */
  get isFrozen(): boolean {
    return (this.playback.frozenMs?.() ?? 0) > LATE_MS;
  }

  /** Ends this round, so that the next one plays in another way; `lost`: because this way failed. */
  change(kind: 'changed' | 'lost' = 'changed'): void {
    this.resolve({ kind });
  }

  get renditions(): RenditionChoice | undefined {
    return this.playback.renditions;
  }

  get latencySeconds(): number | undefined {
    return this.playback.latencySeconds();
  }

  /** Seconds behind the player's own place. */
  get behindSeconds(): number {
    const live = this.playback.livePosition();
    return live === undefined ? 0 : Math.max(0, live - this.options.video.currentTime);
  }

  get aheadSeconds(): number {
    const { buffered, currentTime } = this.options.video;
    for (let at = 0; at < buffered.length; at += 1)
      if (buffered.start(at) <= currentTime + 0.5 && buffered.end(at) > currentTime)
        return buffered.end(at) - currentTime;
    return 0;
  }

  /** Seeks to the viewer's choice and stays there: the player must not think that it fell behind. */
  seek(position: number): void {
    this.playback.follow((this.playback.livePosition() ?? position) - position < AT_LIVE_SECONDS);
    this.options.video.currentTime = position;
  }

  /** Seeks to the live edge, and follows it. */
  goLive(): void {
    const live = this.playback.livePosition();
    if (live !== undefined) this.options.video.currentTime = live;
    this.playback.follow(true);
    void this.options.video.play().catch(() => undefined);
  }

  /** Looks once, and returns the view to show. */
  look(offline: boolean): View {
    const { video, network, progress } = this.options;
    const at = performance.now();
    const { currentTime: time, paused, seeking, playbackRate: rate } = video;
    if (progress.look({ at, time, paused, seeking, rate })) network.stalled(at);
    this.lastTime = time;
    if (!paused) this.isBlocked = false;
    const isSlow = network.isSlow(at);
    this.steer(at, isSlow);
    const given = this.judge(at, offline);
    if (given !== undefined) this.resolve(given);
    const { begun, standingMs } = progress;
    const { behindSeconds } = this;
    this.isBehind = isBehind(behindSeconds, this.isBehind);
    return viewOf({
      begun,
      paused,
      blocked: this.isBlocked,
      standing: standingMs > 0,
      offline,
      behindSeconds,
      isBehind: this.isBehind,
      slow: isSlow ? this.playback.rates() : undefined,
      known: this.known,
      remark: this.options.remark(this.way),
    });
  }

  private close(outcome: Omit<RoundOutcome, 'began'>): RoundOutcome {
    const { progress, video } = this.options;
    const began = progress.begun;
    progress.restart();
    this.listening.abort();
    if (video.playbackRate !== 1) video.playbackRate = 1;
    this.playback.stop();
    return { ...outcome, began };
  }

  private listenToViewer(): void {
    const { video, progress } = this.options;
    const { signal } = this.listening;
    video.addEventListener('seeking', () => progress.begun && this.sought(), { signal });
    // A browser pauses a hidden page, and plays on by itself.
    video.addEventListener('pause', () => progress.begun && !document.hidden && this.playback.follow(false), {
      signal,
    });
    video.addEventListener('play', () => this.behindSeconds < BEHIND_SECONDS && this.playback.follow(true), { signal });
  }

  /** A seek by the viewer is long; the player's own go to its place at the live edge, or a little on. */
  private sought(): void {
    const { behindSeconds } = this;
    if (behindSeconds < AT_LIVE_SECONDS) this.playback.follow(true);
    else if (Math.abs(this.options.video.currentTime - this.lastTime) > 1) this.playback.follow(false);
  }

  /**
   * On a slow network the player does not catch up, and a picture that stood still waits until there is enough to play.
   */
  private steer(at: number, isSlow: boolean): void {
    const { video, network, progress } = this.options;
    if (isSlow !== this.spares) this.playback.spare(isSlow);
    this.spares = isSlow;
    const holds = network.shouldHold(at, { standingMs: progress.standingMs, aheadSeconds: this.aheadSeconds });
    if (holds) this.heldAt = at;
    if (holds && video.playbackRate !== 0) video.playbackRate = 0;
    if (!holds && video.playbackRate === 0) video.playbackRate = 1;
  }

  /** Gives up a round that does not recover by itself; `undefined` while it may. */
  private judge(at: number, offline: boolean): Omit<RoundOutcome, 'began'> | undefined {
    const { video, progress } = this.options;
    if (video.paused || offline) return undefined;
    const { begun, standingMs } = progress;
    if (!begun && at - this.startedAt > NEVER_BEGAN_MS) return { kind: 'failed' };
    if (standingMs === 0) return this.forget();
    this.askNow(at);
    const state = this.known?.kind === 'stream' ? this.known.stream.state : this.known?.kind;
    if (standingMs > OVER_AFTER_MS && state === 'ended') return { kind: 'ended' };
    if (state === 'none' || state === 'suspended') return { kind: 'lost', status: 404 };
    if (state === 'reconnecting') return undefined;
    const patience = this.aheadSeconds > ENOUGH_AHEAD_SECONDS ? STUCK_WITH_MEDIA_MS : STUCK_WITHOUT_MS;
    // A picture that was held back is not stuck: it has this time from when it may go on.
    return Math.min(standingMs, at - this.heldAt) > patience ? { kind: 'failed' } : undefined;
  }

  private forget(): undefined {
    this.known = undefined;
    this.askAt = undefined;
    return undefined;
  }

  private askNow(at: number): void {
    this.askAt ??= at + Math.random() * ASK_SPREAD_MS;
    if (at < this.askAt) return;
    this.askAt = at + ASK_EVERY_MS;
    void this.options.ask().then((known) => {
      if (this.options.progress.standingMs > 0) this.known = known;
    });
  }
}
