import { element } from '../page-elements';
import type { WatchLink } from '../stream-link';
import { GrantKeeper } from './grant-keeper';
import { pollIndex, readIndex } from './index-poll';
import { canPlayNatively, canUseHls, type Playback, type PlaybackEvents, playNatively, playWithHls } from './playback';
import { StallCounter } from './stall-counter';
import { NOT_DECODABLE, NOT_SUPPORTED, STATE_WORDS, seconds, type WatchState, whyNoIndex, whyRefused } from './words';

const REFRESH_MS = 500;
/** A player that gave up is given a moment before it is started anew. */
const RETRY_MS = 1000;

/** How a round of playing came to its end. */
type Outcome = 'ended' | 'failed' | 'lost';

/** Whether the page stands in one of another origin. */
const isEmbedded = (): boolean => {
  try {
    return window.top?.location.origin !== location.origin;
  } catch {
    return true;
  }
};

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * Plays one stream for as long as the page is open: waits for its index, plays, waits again after an interruption or for the next
 * broadcast. What it knows stands in `data-state`, `data-stalls`, `data-latency-seconds` and `data-buffer-seconds` of the body.
 */
export class WatchPage {
  private readonly video = element('video', HTMLVideoElement);
  private readonly status = element('status', HTMLElement);
  private readonly stalls = new StallCounter();
  private readonly leaving = new AbortController();
  private readonly keeper: GrantKeeper | undefined;
  private playback: Playback | undefined;

  constructor(private readonly link: WatchLink) {
    const { grant } = link;
    const { signal } = this.leaving;
    const onEnd = (status: number) => this.refuse(status);
    this.keeper = grant && new GrantKeeper({ grant, send: (path, init) => fetch(path, init), sleep, signal, onEnd });
  }

  async run(): Promise<void> {
    this.watchVideo();
    this.wireSound();
    setInterval(() => this.refresh(), REFRESH_MS);
    window.addEventListener('pagehide', () => this.leaving.abort());
    this.refresh();
    if (!canUseHls() && !canPlayNatively(this.video)) return this.show('failed', NOT_SUPPORTED);
    if (this.keeper !== undefined && !(await this.keeper.start())) return;
    let finished: string | undefined;
    while (!this.leaving.signal.aborted) {
      const index = await this.waitForIndex(finished);
      if (index === undefined) return;
      const outcome = await this.play();
      if (this.leaving.signal.aborted) return;
      if (outcome === 'failed') return this.show('failed', NOT_DECODABLE);
      // An ended broadcast's index stays; the next broadcast has another one.
      finished = outcome === 'ended' ? index : undefined;
      if (outcome === 'lost') await sleep(RETRY_MS);
    }
  }

  private waitForIndex(finished: string | undefined): Promise<string | undefined> {
    const { signal } = this.leaving;
    return pollIndex({
      read: () => readIndex(this.sign?.(this.link.indexPath) ?? this.link.indexPath, signal),
      sleep,
      signal,
      wanted: (text) => text !== finished,
      onMiss: (status) => {
        const { state, words } = whyNoIndex(status);
        this.show(state, words);
      },
    });
  }

  /** Until the broadcast ends or cannot be played on. */
  private async play(): Promise<Outcome> {
    this.stalls.restart();
    this.show('starting');
    const outcome = await new Promise<Outcome>((resolve) => {
      this.playback = this.start({
        failed: () => resolve('failed'),
        lost: (status) => {
          this.show('interrupted', whyNoIndex(status).words);
          resolve('lost');
        },
        ended: () => {
          this.show('ended');
          resolve('ended');
        },
      });
      this.video.play().catch(() => this.video.paused && this.show('blocked'));
    });
    this.stalls.restart();
    this.playback?.stop();
    this.playback = undefined;
    return outcome;
  }

  private start(events: PlaybackEvents): Playback {
    const { indexPath: path, syncCount } = this.link;
    if (canUseHls()) return playWithHls(this.video, { path, syncCount, sign: this.sign }, events);
    return playNatively(this.video, (isEmbedded() && this.keeper?.nativeUrl) || path, events);
  }

  /** Cookies come along by themselves, but not within a page of another site: there every URL carries the signature. */
  private get sign(): ((url: string) => string) | undefined {
    const { keeper } = this;
    return keeper !== undefined && isEmbedded() ? (url) => keeper.signed(url) : undefined;
  }

  /** The grant is over: nothing is played any more. */
  private refuse(status: number): void {
    this.leaving.abort();
    this.playback?.stop();
    this.show('refused', whyRefused(status));
  }

  private watchVideo(): void {
    this.video.addEventListener('playing', () => {
      this.stalls.playing();
      this.show('playing');
    });
    this.video.addEventListener('waiting', () => {
      if (this.stalls.waiting(this.video)) this.show('buffering');
      this.refresh();
    });
  }

  private wireSound(): void {
    const unmute = element('unmute', HTMLButtonElement);
    const update = () => {
      unmute.hidden = !this.video.muted;
    };
    unmute.addEventListener('click', () => {
      this.video.muted = false;
      if (this.video.paused) void this.video.play();
    });
    this.video.addEventListener('volumechange', update);
    update();
  }

  private show(state: WatchState, words = STATE_WORDS[state]): void {
    if (document.body.dataset.state === 'refused') return; // what the player still says is no news
    document.body.dataset.state = state;
    if (this.status.textContent !== words) this.status.textContent = words;
  }

  private refresh(): void {
    const { buffered, currentTime, videoWidth, videoHeight } = this.video;
    const ahead = buffered.length === 0 ? 0 : Math.max(0, buffered.end(buffered.length - 1) - currentTime);
    const latency = this.playback?.latencySeconds();
    const facts = {
      latency: seconds(latency),
      buffer: seconds(ahead),
      stalls: String(this.stalls.count),
      picture: videoWidth === 0 ? '–' : `${videoWidth} × ${videoHeight}`,
    };
    for (const [id, text] of Object.entries(facts)) element(id, HTMLElement).textContent = text;
    document.body.dataset.stalls = String(this.stalls.count);
    document.body.dataset.bufferSeconds = ahead.toFixed(3);
    document.body.dataset.latencySeconds = latency === undefined ? '' : latency.toFixed(3);
  }
}
