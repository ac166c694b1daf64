import type { WatchLink } from '../stream-link';
import type { GrantKeeper } from './grant-keeper';
import { LowLatencyWay } from './low-latency-way';
import { canUseHls } from './players/load-hls';
import type { PlayingWay } from './players/playback';
import { type PlayerChoice, usesWebRtc } from './players/start-player';
import { WebRtcEdge } from './players/webrtc-edge';
import type { KnownStream } from './public-stream';
import type { Round, RoundOutcome } from './round';
import { findLowLatency, readWay } from './ways';
import { WITHOUT_LOW_LATENCY, withoutWebRtcWords } from './words';

export interface WayChoiceOptions {
  readonly link: WatchLink;
  readonly keeper: GrantKeeper | undefined;
  /** Returns the API's last answer about the stream. */
  readonly known: () => KnownStream | undefined;
  /** Asks the API about the stream, if it was not asked a moment ago. Always resolves. */
  readonly describe: () => Promise<unknown>;
  readonly sleep: (ms: number) => Promise<void>;
  readonly signal: AbortSignal;
}

/** A stream that the API does not describe within this time begins in the ordinary way. */
const DESCRIBED_MS = 1500;
/** Reasons of the API that last as long as the media of the broadcast stays the same. */
const NOT_BY_WEBRTC: readonly string[] = ['codec', 'b_frames'];

/**
 * Chooses the way of each round: the viewer's wish, among those that the stream offers and that have not just failed.
 */
export class WayChoice {
  private readonly lowLatency: LowLatencyWay;
  private readonly edge: WebRtcEdge;
  /** True if WebRTC could not connect in this broadcast. */
  private isWithoutWebRtc = false;
  /** The API's reason why WebRTC is closed for the media of this broadcast. */
  private webRtcClosed: string | undefined;

  constructor(private readonly options: WayChoiceOptions) {
    const { link, signal } = options;
    const chance = { now: () => performance.now(), random: Math.random };
    this.lowLatency = new LowLatencyWay({ find: () => findLowLatency(link.streamId, signal), ...chance });
    const find = (edge?: string) => readWay({ id: link.streamId, way: 'webrtc', edge }, signal);
    this.edge = new WebRtcEdge({ find, ...chance });
  }

  /** Chooses the way of the round that begins now. */
  async choose(): Promise<PlayerChoice> {
    const { link, keeper, describe, sleep } = this.options;
    const whepPath = await this.askForWebRtc();
    if (this.wantsLowLatency) await Promise.race([describe(), sleep(DESCRIBED_MS)]);
    const lowPath = this.offersLowLatency ? await this.lowLatency.path() : undefined;
    return { link, keeper, lowPath, whepPath, isWithoutWebRtc: this.isWithoutWebRtc };
  }

  /** Learns how a round ended. Returns true when the next one, in another way, begins at once. */
  isOver({ lowPath }: PlayerChoice, { kind, began }: RoundOutcome): boolean {
    const isWayLost = lowPath !== undefined && (kind === 'lost' || kind === 'failed');
    if (isWayLost) this.lowLatency.missed();
    if (isWayLost || kind === 'changed') return true;
    if (kind === 'ended') this.webRtcClosed = undefined;
    this.isWithoutWebRtc = kind !== 'ended' && (this.isWithoutWebRtc || !began);
    return false;
  }

  /**
   * Ends a round whose low latency fails, one whose edge is gone, and one without low latency once that is there again,
   * unless its viewer has sought elsewhere.
   */
  async look(round: Round): Promise<void> {
    if (round.way === 'webrtc') return this.lookAtEdge(round);
    if (round.way === 'low-latency') return round.isLate ? round.change('lost') : this.lowLatency.carries();
    if (!this.lacksLowLatency(round.way) || !round.isAtLive) return;
    if ((await this.lowLatency.isBack()) && round.isAtLive) round.change();
  }

  /** Says why it plays in this way, where the viewer wanted another one. */
  remark(way: PlayingWay): string | undefined {
    if (this.webRtcClosed !== undefined) return withoutWebRtcWords(this.webRtcClosed);
    return this.lacksLowLatency(way) ? WITHOUT_LOW_LATENCY : undefined;
  }

  private get usesWebRtc(): boolean {
    return usesWebRtc({ link: this.options.link, isWithoutWebRtc: this.isWithoutWebRtc });
  }

  private get wantsLowLatency(): boolean {
    const { link, keeper } = this.options;
    return link.technology !== 'hls' && keeper === undefined && canUseHls() && !this.usesWebRtc;
  }

  private get offersLowLatency(): boolean {
    const known = this.options.known();
    return this.wantsLowLatency && known?.kind === 'stream' && known.stream.latency === 'low';
  }

  private lacksLowLatency(way: PlayingWay): boolean {
    return way === 'hls' && this.offersLowLatency;
  }

  /** A viewer whose edge died plays from where the API sends it, without the seconds that the browser waits. */
  private async lookAtEdge(round: Round): Promise<void> {
    if (!round.isFrozen) this.edge.carries();
    else if ((await this.edge.isElsewhere()) && round.isFrozen) round.change();
  }

  /**
   * Asks the API where WebRTC plays, and whether it can show the media: if it cannot, the page does not wait for a
   * picture that never comes.
   */
  private async askForWebRtc(): Promise<string | undefined> {
    if (!this.usesWebRtc) return undefined;
    const { path, closed } = await this.edge.choose();
    if (closed === undefined || !NOT_BY_WEBRTC.includes(closed.code)) return path;
    this.isWithoutWebRtc = true;
    this.webRtcClosed = closed.reason;
    return undefined;
  }
}
