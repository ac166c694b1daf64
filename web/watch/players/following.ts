import type { HlsConfig, LevelDetails } from 'hls.js';

/** Segments behind its place after which a following player jumps there. */
const JUMP_COUNT = 6;
/** Segments further behind on a slow network. */
const SPARE_COUNT = 3;
const CATCH_UP_RATE = 1.1;
/**
 * A player of low latency begins 1 s too late; at this rate it is at its place within 8 s, and at the ordinary rate it
 * is not.
 */
const LOW_LATENCY_RATE = 1.5;

type Details = Pick<LevelDetails, 'targetduration' | 'partTarget' | 'partHoldBack'>;

/** The part of hls.js that is read and set. */
interface Steered {
  readonly config: Pick<HlsConfig, 'maxLiveSyncPlaybackRate' | 'liveSyncDuration' | 'liveMaxLatencyDuration'>;
  readonly latestLevelDetails: Details | null;
  targetLatency: number | null;
}

/** Steers how close hls.js stays to the live edge. hls.js reads its settings each time it uses them. */
export class Following {
  private follows = true;
  private spares = false;

  /** `syncCount`: segments behind the newest, for a playlist without parts; one with parts names its own distance. */
  constructor(
    private readonly hls: Steered,
    private readonly video: Pick<HTMLVideoElement, 'playbackRate'>,
    private readonly syncCount: number,
  ) {
    this.apply();
  }

  /** True for a playlist with parts, which is one of low latency. */
  private get isLow(): boolean {
    return (this.hls.latestLevelDetails?.partTarget ?? 0) > 0;
  }

  /** `follows`: stays at the live edge, and catches up; `spares`: plays no faster than 1.0, and further behind. */
  set(wanted: { readonly follows?: boolean; readonly spares?: boolean }): void {
    this.follows = wanted.follows ?? this.follows;
    this.spares = wanted.spares ?? this.spares;
    this.apply();
  }

  /** Sets the settings for the present playlist. */
  apply(): void {
    const { hls, follows, spares, isLow } = this;
    const catchesUp = follows && !spares;
    const rate = isLow ? LOW_LATENCY_RATE : CATCH_UP_RATE;
    hls.config.maxLiveSyncPlaybackRate = catchesUp ? rate : 1;
    if (!catchesUp && this.video.playbackRate > 1) this.video.playbackRate = 1;
    const details = hls.latestLevelDetails;
    if (details === null) return;
    const count = spares ? this.syncCount + SPARE_COUNT : this.syncCount;
    const distance = isLow && !spares ? details.partHoldBack : count * details.targetduration;
    // A new value makes hls.js forget the stalls for which it went further back.
    if (hls.config.liveSyncDuration !== distance) hls.targetLatency = distance;
    // A viewer who has sought stays: only a position outside the playlist's window is out of reach.
    const reach = isLow ? reachOf(details, distance) : (count + JUMP_COUNT) * details.targetduration;
    hls.config.liveMaxLatencyDuration = follows ? reach : Number.POSITIVE_INFINITY;
  }
}

/**
 * Seconds behind from which hls.js jumps: from further behind it would never catch up. One part less than hls.js has,
 * because it judges a jump by the last part, and its distance by the time since then too.
 */
const reachOf = ({ targetduration, partTarget }: Details, distance: number): number =>
  distance * 2 + targetduration - partTarget;
