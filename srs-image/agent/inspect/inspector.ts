import { MEDIA_BOUNDS, type MediaReport } from '../../../functions/contract/media-report';
import { IDR, nalType, nalUnits, SPS, sizeOf } from './h264';
import { type Unit, unitsOf } from './transport-stream';

/** Stream types of ISO/IEC 13818-1, table 2-34. */
const VIDEO: Readonly<Record<number, string>> = { 27: 'H264', 36: 'HEVC' };
const AUDIO: Readonly<Record<number, string>> = { 3: 'MP3', 4: 'MP3', 15: 'AAC' };
/** ISO/IEC 14496-3, table 1.18. */
const AAC_RATES = [96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8000, 7350];

const TICKS = 90_000;
/** Two keyframes have to be seen; SRS cuts at 10 s at the latest. */
const MAX_SEGMENTS = 8;
const FEWEST_SEGMENTS = 3;
/** Encoders that reorder do so in every group of pictures. */
const KEYFRAMES = 2;

type Video = NonNullable<MediaReport['video']>;

/** Reads the first segments of one connection. Costs some milliseconds for each, so it stops when it knows enough. */
export class Inspector {
  private segments = 0;
  private video: Video | undefined;
  private audio: MediaReport['audio'];
  private keyframes = 0;
  private lastKeyframe: number | undefined;
  private latest: number | undefined;
  private furthest = 0;
  private readonly intervals: number[] = [];

  constructor(private readonly segmentSeconds: number) {}

  get isDone(): boolean {
    return this.segments >= MAX_SEGMENTS || (this.segments >= FEWEST_SEGMENTS && this.keyframes >= KEYFRAMES);
  }

  /** `undefined` before the second segment: sound may come late, and one keyframe says nothing of the next. */
  get report(): MediaReport | undefined {
    if (this.segments < 2) return undefined;
    const { video, audio, segmentSeconds } = this;
    return { ...(video && { video: { ...video, ...this.rate() } }), ...(audio && { audio }), segmentSeconds };
  }

  /** The next segment, in order. */
  take(segment: Uint8Array): void {
    if (this.isDone) return;
    this.segments += 1;
    for (const unit of unitsOf(segment)) {
      if (VIDEO[unit.streamType] !== undefined) this.takeVideo(unit);
      else if (AUDIO[unit.streamType] !== undefined) this.audio ??= soundOf(unit);
    }
  }

  private takeVideo({ streamType, pts, dts, payload }: Unit): void {
    this.video ??= { codec: VIDEO[streamType] ?? '' };
    if (pts === undefined || dts === undefined) return;
    if (this.latest !== undefined && dts > this.latest) this.intervals.push(dts - this.latest);
    this.latest = dts;
    if (streamType !== 0x1b) return;
    // Sent later than what is shown after it.
    this.video = { ...this.video, bFrames: this.video.bFrames === true || pts < this.furthest };
    this.furthest = Math.max(this.furthest, pts);
    const nals = [...nalUnits(payload)];
    const sps = nals.find((nal) => nalType(nal) === SPS);
    if (sps !== undefined) this.video = { ...this.video, ...sizeOf(sps) };
    if (nals.some((nal) => nalType(nal) === IDR)) this.takeKeyframe(dts);
  }

  private takeKeyframe(dts: number): void {
    this.keyframes += 1;
    const seconds = this.lastKeyframe === undefined ? 0 : (dts - this.lastKeyframe) / TICKS;
    this.lastKeyframe = dts;
    const longest = Math.max(this.video?.keyframeSeconds ?? 0, rounded(seconds));
    if (this.video !== undefined && longest > 0) this.video = { ...this.video, keyframeSeconds: longest };
  }

  private rate(): Pick<Video, 'framesPerSecond'> {
    const sorted = this.intervals.toSorted((a, b) => a - b);
    const median = sorted[sorted.length >> 1];
    const framesPerSecond = median === undefined ? 0 : rounded(TICKS / median);
    // One picture in minutes rounds to none a second: that is no rate.
    return framesPerSecond > 0 && framesPerSecond <= MEDIA_BOUNDS.framesPerSecond ? { framesPerSecond } : {};
  }
}

/** Out of the first ADTS header (ISO/IEC 14496-3, 1.A.2.2). */
function soundOf({ streamType, payload }: Unit): MediaReport['audio'] {
  const codec = AUDIO[streamType] ?? '';
  const [first = 0, second = 0, third = 0, fourth = 0] = payload;
  if (codec !== 'AAC' || first !== 0xff || (second & 0xf0) !== 0xf0) return { codec };
  const samplesPerSecond = AAC_RATES[(third >> 2) & 0x0f];
  const channels = ((third & 1) << 2) | (fourth >> 6);
  return { codec, ...(samplesPerSecond && { samplesPerSecond }), ...(channels > 0 && { channels }) };
}

const rounded = (value: number): number => Math.round(value * 100) / 100;
