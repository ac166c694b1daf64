import { WatchChat } from '../chat/watch-chat';
import { element } from '../page-elements';
import type { WatchLink } from '../stream-link';
import { GrantKeeper } from './grant-keeper';
import { broadcastOf, pollIndex, readIndex } from './index-poll';
import { canUseHls, loadHls } from './players/load-hls';
import { canPlayNatively } from './players/native-playback';
import { cannotDecode, type PlaybackEvents, type PlayingWay } from './players/playback';
import { type PlayerChoice, signing, startPlayer, usesWebRtc } from './players/start-player';
import { PlaybackProgress } from './progress';
import { type KnownStream, readPublicStream } from './public-stream';
import { metadataRaiser } from './raise-metadata';
import { Reachability, reachServer } from './reachability';
import { RenditionMenu } from './rendition-menu';
import { Round, type RoundOutcome } from './round';
import { sendBeacons } from './send-beacons';
import { SlowNetwork } from './slow-network';
import { wireKeys, wireVolume } from './sound-and-keys';
import { viewWithoutIndex } from './view';
import { ViewerControls } from './viewer-controls';
import { pictureOf, type ViewingBeacon } from './viewing-beacon';
import { WayChoice } from './way-choice';
import {
  NOT_DECODABLE,
  NOT_DECRYPTABLE,
  NOT_SUPPORTED,
  offlineWords,
  STATE_WORDS,
  seconds,
  type WatchState,
  whyRefused,
} from './words';

const POLL_INTERVAL_MS = 250;
/** The delays after which a player that gave up is started again at the live edge: short ones, then longer ones. */
const RETRIES_MS = [2000, 5000, 10_000];
/** The age up to which the API's last answer is used while there is nothing to play. */
const KNOWN_MS = 10_000;
/** A stream that does not exist is asked for rarely. */
const UNKNOWN_MS = 10_000;
const SUSPENDED_MS = 10_000;
/** Ways in the words of the API. */
const WAY_TOLD = { webrtc: 'webrtc', 'low-latency': 'low_latency_hls', hls: 'hls' } as const;

/**
 * Plays one stream until it is closed: waits for its index, plays, waits again after an interruption or for the next
 * broadcast. The body shows its state in `data-state`, `data-stalls`, `data-latency-seconds`, `data-behind-seconds` and
 * `data-buffer-seconds`.
 */
export class WatchPage {
  private readonly video = element('video', HTMLVideoElement);
  private readonly leaving = new AbortController();
  private readonly metadata = metadataRaiser(this.video);
  private readonly progress = new PlaybackProgress();
  private readonly network = new SlowNetwork();
  private readonly reachability = new Reachability({
    isOnLine: () => navigator.onLine,
    reach: reachServer,
    now: () => performance.now(),
  });
  private readonly controls: ViewerControls;
  private readonly renditionMenu = new RenditionMenu(this.leaving.signal);
  private readonly keeper: GrantKeeper | undefined;
  private readonly beacon: ViewingBeacon;
  private state: WatchState = 'starting';
  private readonly ways: WayChoice;
  private readonly chat: WatchChat;
  private round: Round | undefined;
  /** The way that plays, or played last. */
  private way: PlayingWay = 'hls';
  private known: { readonly at: number; readonly answer: KnownStream } | undefined;
  private asking: Promise<KnownStream> | undefined;
  private isRefused = false;

  /** `again`: opens the page again. */
  constructor(
    private readonly link: WatchLink,
    private readonly again: () => void,
  ) {
    const { grant } = link;
    const { signal } = this.leaving;
    const onEnd = (status: number) => this.refuse(status);
    const wait = (ms: number) => this.sleep(ms);
    this.keeper =
      grant && new GrantKeeper({ grant, send: (path, init) => fetch(path, init), sleep: wait, signal, onEnd });
    this.ways = new WayChoice({
      link,
      keeper: this.keeper,
      signal,
      sleep: wait,
      describe: () => this.ask(),
      known: () => this.known?.answer,
    });
    this.controls = new ViewerControls(this.video, {
      goLive: () => this.round?.goLive(),
      seek: (to) => this.round?.seek(to),
      signal,
    });
    this.beacon = sendBeacons(link.streamId, () => this.keeper?.playToken);
    this.chat = new WatchChat({ link, signal, grantToken: () => this.keeper?.chatToken });
    wireVolume(this.video, signal);
    wireKeys(this.video, signal);
  }

  async run(): Promise<void> {
    const { signal } = this.leaving;
    this.show('starting');
    const looking = setInterval(() => this.look(), POLL_INTERVAL_MS);
    signal.addEventListener('abort', () => clearInterval(looking));
    for (const event of ['offline', 'online']) window.addEventListener(event, () => this.look(), { signal });
    if (!canUseHls() && !canPlayNatively(this.video)) {
      this.show('failed', NOT_SUPPORTED);
      return;
    }
    void this.ask();
    if (this.keeper !== undefined && !(await this.keeper.start())) return;
    await this.rounds();
  }

  /** Ends playing and asking, for good. */
  close(): void {
    this.leaving.abort();
    this.beacon.leave();
  }

  private async rounds(): Promise<void> {
    const { signal } = this.leaving;
    let [finished, failures]: [string | undefined, number] = [undefined, 0];
    while (!signal.aborted) {
      const index = await this.waitForIndex(finished);
      if (index === undefined) return;
      if (cannotDecode(index, isTypeSupported)) this.show('failed', NOT_DECODABLE);
      else {
        const choice = await this.ways.choose();
        const outcome = await this.play(choice, index);
        const { kind, began, status, why } = outcome;
        if (signal.aborted) return;
        if (this.ways.isOver(choice, outcome)) continue;
        finished = kind === 'ended' ? broadcastOf(index) : undefined;
        failures = began ? 0 : failures;
        if (kind === 'ended') this.show('ended');
        else if (why === 'no_key_system') this.show('failed', NOT_DECRYPTABLE);
        else if (status !== undefined) this.showMiss(status);
        else this.show('interrupted');
        if (kind === 'ended') continue;
      }
      await this.sleep(RETRIES_MS[Math.min(failures, RETRIES_MS.length - 1)] ?? 0);
      failures += 1;
    }
  }

  private waitForIndex(finished: string | undefined): Promise<string | undefined> {
    const { signal } = this.leaving;
    return pollIndex({
      read: () => readIndex(signing(this.keeper)?.(this.link.indexPath) ?? this.link.indexPath, signal),
      sleep: (ms) => this.sleep(ms),
      signal,
      wanted: (text) => broadcastOf(text) !== finished,
      onMiss: async (status) => {
        if (status === 403 || status === 404) await this.ask();
        return this.showMiss(status) === 'unknown' ? UNKNOWN_MS : 0;
      },
    });
  }

  /** Says why there is no index. */
  private showMiss(status: number): WatchState {
    if (status === 0 && this.reachability.isOffline()) return this.show('offline', offlineWords(false));
    const { state, words } = viewWithoutIndex(status, this.known?.answer, this.keeper !== undefined);
    return this.show(state, words);
  }

  /**
   * Returns the API's state of the stream: the last answer, or a new one when that is too old; one request at a time.
   */
  private ask(maxAgeMs = KNOWN_MS): Promise<KnownStream> {
    if (this.known !== undefined && performance.now() - this.known.at < maxAgeMs)
      return Promise.resolve(this.known.answer);
    this.asking ??= this.readKnown().finally(() => {
      this.asking = undefined;
    });
    return this.asking;
  }

  private async readKnown(): Promise<KnownStream> {
    const answer = await readPublicStream(this.link.streamId, this.leaving.signal);
    this.known = { at: performance.now(), answer };
    if (answer.kind === 'stream' && answer.stream.title !== undefined) this.showTitle(answer.stream.title);
    if (answer.kind === 'stream' && answer.stream.chat === true) this.chat.open();
    return answer;
  }

  /** Plays until the broadcast ends or cannot be played on. */
  private async play(choice: PlayerChoice, index: string): Promise<RoundOutcome> {
    this.show('starting');
    const { video, network, progress } = this;
    const { signal } = this.leaving;
    const needsHls = !usesWebRtc(choice) && canUseHls();
    const Hls = needsHls ? await loadHls(index).catch(() => undefined) : undefined;
    if (needsHls && Hls === undefined) return { kind: 'lost', status: 0, began: false };
    const start = (events: PlaybackEvents) => startPlayer({ Hls, video, index }, choice, events);
    const ask = () => this.ask(0);
    const remark = (way: PlayingWay) => this.ways.remark(way);
    this.round = new Round({ video, network, progress, signal, start, ask, remark, metadata: this.metadata });
    const outcome = await this.round.outcome;
    this.round = undefined;
    return outcome;
  }

  /** Stops playing, because the grant is over. A suspension ends, and the grant may be valid again. */
  private refuse(status: number): void {
    this.leaving.abort();
    if (status === 409) {
      this.show('suspended');
      setTimeout(this.again, SUSPENDED_MS);
      return;
    }
    this.show('refused', whyRefused(status));
    this.isRefused = true; // an event of the ended player changes nothing
  }

  private sleep(ms: number): Promise<void> {
    const { signal } = this.leaving;
    return new Promise((resolve) => {
      if (signal.aborted) return resolve();
      const timer = setTimeout(resolve, ms);
      signal.addEventListener('abort', () => resolve(clearTimeout(timer)), { once: true });
    });
  }

  private show(state: WatchState, words = STATE_WORDS[state]): WatchState {
    if (this.isRefused) return 'refused';
    this.state = state;
    document.body.dataset.state = state;
    const status = element('status', HTMLElement);
    if (status.textContent !== words) status.textContent = words;
    return state;
  }

  private showTitle(title: string): void {
    element('title', HTMLElement).textContent = title;
    document.title = `${title} · live`;
  }

  private look(): void {
    const { round } = this;
    const isOffline = this.reachability.isOffline();
    if (round !== undefined) {
      const { state, words } = round.look(isOffline);
      this.show(state, words);
      this.way = round.way;
      document.body.dataset.technology = round.way;
      void this.ways.look(round);
    }
    this.beacon.look({ picture: pictureOf(this.state), way: WAY_TOLD[this.way] });
    const behindSeconds = round?.behindSeconds ?? 0;
    const ahead = round?.aheadSeconds ?? 0;
    const latency = round?.latencySeconds;
    this.renditionMenu.show(round?.renditions);
    this.controls.show({ behindSeconds, showLive: round?.isBehind ?? false });
    this.showFacts({ ahead, latency });
    Object.assign(document.body.dataset, {
      stalls: String(this.progress.stalls),
      behindSeconds: behindSeconds.toFixed(3),
      bufferSeconds: ahead.toFixed(3),
      latencySeconds: latency === undefined ? '' : latency.toFixed(3),
    });
  }

  private showFacts({ ahead, latency }: { ahead: number; latency: number | undefined }): void {
    const { videoWidth, videoHeight } = this.video;
    const facts = {
      latency: seconds(latency),
      buffer: seconds(ahead),
      stalls: String(this.progress.stalls),
      picture: videoWidth === 0 ? '–' : `${videoWidth} × ${videoHeight}`,
    };
    for (const [id, text] of Object.entries(facts)) {
      const fact = element(id, HTMLElement);
      if (fact.textContent !== text) fact.textContent = text;
    }
  }
}

const isTypeSupported = (type: string): boolean =>
  typeof MediaSource === 'undefined' || !canUseHls() || MediaSource.isTypeSupported(type);
