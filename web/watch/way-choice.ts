import type { WatchLink } from '../stream-link';
import type { GrantKeeper } from './grant-keeper';
import { LowLatencyWay } from './low-latency-way';
import { canUseHls } from './players/hls-playback';
import type { PlayingWay } from './players/playback';
import { type PlayerChoice, usesWebRtc } from './players/start-player';
import type { KnownStream } from './public-stream';
import type { Round, RoundOutcome } from './round';
import { findLowLatency, readWay } from './ways';
import { WITHOUT_LOW_LATENCY, withoutWebRtcWords } from './words';

export interface WayChoiceOptions {
  readonly link: WatchLink;
  readonly keeper: GrantKeeper | undefined;
  /** Returns what the API said last of the stream. */
  readonly known: () => KnownStream | undefined;
  /** Asks the API about the stream, if it was not asked a moment ago. Resolves in the end, whatever comes of it. */
  readonly describe: () => Promise<unknown>;
  readonly sleep: (ms: number) => Promise<void>;
  readonly signal: AbortSignal;
}

/** A stream that the API does not describe within this begins in the ordinary way. */
const DESCRIBED_MS = 1500;
/** Reasons of the API that last as long as the broadcast's media is what it is. */
const NOT_BY_WEBRTC: readonly string[] = ['codec', 'b_frames'];

/** Decides by which way each round plays: what the viewer wants, the stream offers, and did not fail just now. */
export class WayChoice {
  private readonly lowLatency: LowLatencyWay;
  /** WebRTC found no way in this broadcast. */
  private isWithoutWebRtc = false;
  /** The API's reason why WebRTC is closed for the media of this broadcast. */
  private webRtcClosed: string | undefined;

  constructor(private readonly options: WayChoiceOptions) {
    const { link, signal } = options;
    this.lowLatency = new LowLatencyWay({
      find: () => findLowLatency(link.streamId, signal),
      ...{ now: () => performance.now(), random: Math.random },
    });
  }

  /** Chooses for the round that begins now. */
  async choose(): Promise<PlayerChoice> {
    const { link, keeper, describe, sleep } = this.options;
    await this.askForWebRtc();
    if (this.wantsLowLatency) await Promise.race([describe(), sleep(DESCRIBED_MS)]);
    const lowPath = this.offersLowLatency ? await this.lowLatency.path() : undefined;
    return { link, keeper, lowPath, isWithoutWebRtc: this.isWithoutWebRtc };
  }

  /** Learns how a round ended. True when the next one, in another way, begins at once. */
  isOver({ lowPath }: PlayerChoice, { kind, began }: RoundOutcome): boolean {
    const isWayLost = lowPath !== undefined && (kind === 'lost' || kind === 'failed');
    if (isWayLost) this.lowLatency.missed();
    if (isWayLost || kind === 'changed') return true;
    if (kind === 'ended') this.webRtcClosed = undefined;
    this.isWithoutWebRtc = kind !== 'ended' && (this.isWithoutWebRtc || !began);
    return false;
  }

  /**
   * Ends a round whose low latency does not carry, and one that does without once it can be had again, unless its
   * viewer is elsewhere in the stream.
   */
  async look(round: Round): Promise<void> {
    if (round.way === 'low-latency') return round.isLate ? round.change('lost') : this.lowLatency.carries();
    if (!this.lacksLowLatency(round.way) || !round.isAtLive) return;
    if ((await this.lowLatency.isBack()) && round.isAtLive) round.change();
  }

  /** Says why this way plays, where it is not the one that is wanted. */
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

  /** Media that WebRTC would not show, or show badly, is no reason to wait for a picture that does not come. */
  private async askForWebRtc(): Promise<void> {
    if (!this.usesWebRtc) return;
    const { link, signal } = this.options;
    const found = await readWay({ id: link.streamId, way: 'webrtc' }, signal);
    if (found?.open !== false || !NOT_BY_WEBRTC.includes(found.code)) return;
    this.isWithoutWebRtc = true;
    this.webRtcClosed = found.reason;
  }
}
