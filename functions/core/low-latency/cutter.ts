import { sha256Hex } from '../signing/hash';
import type { FlvMedia } from './flv';
import {
  AUDIO_TRACK,
  type AudioConfig,
  fragmentOf,
  initSegmentOf,
  type Sample,
  VIDEO_TRACK,
  type VideoConfig,
} from './mp4-writer';

/** A part as it is cut: `durationMs` of its pictures; `isIndependent`: it begins with a keyframe. */
export interface CutPart {
  durationMs: number;
  isIndependent: boolean;
  bytes: Uint8Array;
}

/** Cuts, in order. A `segment` closes the parts since the one before; its bytes are theirs, one after the other. */
export type Cut =
  | { kind: 'init'; name: string; bytes: Uint8Array }
  | { kind: 'part'; part: CutPart }
  | {
      kind: 'segment';
      durationMs: number;
      programDateTimeMs: number;
      isDiscontinuous: boolean;
      targetDurationSeconds: number;
    };

/**
 * Options of the cutter. It waits for the sound of a publisher that sends some before anything is cut, so that the init
 * segment has its track.
 */
export interface CutterOptions {
  hasAudio: boolean;
  sizeOf: (avcC: Uint8Array) => Omit<VideoConfig, 'avcC'> | undefined;
  /** It goes on in a playlist that has segments: its first one is a discontinuity, and the target duration stays. */
  follows?: { targetSeconds: number };
}

/** The target length of a part, and the minimum length of a segment before a keyframe ends it. */
const PART_MS = 500;
const MIN_SEGMENT_MS = 1000;
/**
 * Without a keyframe for as long, the first segment ends at a part. Its length fixes the target duration, which may not
 * change.
 */
const MAX_FIRST_SEGMENT_MS = 10_000;
const MIN_TARGET_SECONDS = 2;
/** RFC 8216 4.3.3.1 rounds to whole seconds: a segment may be nearly half a second longer than the target. */
const OVER_TARGET_MS = 400;
/** A step of the time stamps beyond this, or any step back, is another clock. */
const MAX_STEP_MS = 3000;
/**
 * The time in which the smallest delay of arrival is measured: the first packets are up to a keyframe interval late
 * (SRS's gop_cache).
 */
const DATING_MS = 3000;
/** Sound is counted by samples; beyond this distance from its time stamps it is anchored again. */
const MAX_AUDIO_DRIFT_MS = 50;
const AAC_SAMPLES = 1024;
const TICKS_PER_MS = 90;

interface Picture {
  dtsMs: number;
  compositionMs: number;
  isKeyframe: boolean;
  bytes: Uint8Array;
}
type Sound = Pick<Picture, 'dtsMs' | 'bytes'>;

const SAMPLE_RATES = [
  96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8000, 7350,
];

/** ISO/IEC 14496-3, 1.6.2.1: sample rate and channels; `undefined` for an index that names none. */
export function audioConfigOf(specificConfig: Uint8Array): AudioConfig | undefined {
  const [first = 0, second = 0] = specificConfig;
  const sampleRate = SAMPLE_RATES[((first & 7) << 1) | (second >> 7)];
  const channels = (second >> 3) & 15;
  return sampleRate === undefined || channels === 0 || specificConfig.length > 64
    ? undefined
    : { specificConfig, sampleRate, channels };
}

const same = (a: Uint8Array | undefined, b: Uint8Array): boolean =>
  a !== undefined && a.length === b.length && a.every((byte, index) => byte === b[index]);

/**
 * Cuts one publish into parts and segments: parts of about half a second, segments at keyframes. Knows no clock: each
 * unit comes with the time it arrived at. The same units and times give the same cuts.
 */
export class Cutter {
  private avcC: Uint8Array | undefined;
  private video: VideoConfig | undefined;
  private audio: AudioConfig | undefined;
  private configured = '';
  private pictures: Picture[] = [];
  private sounds: Sound[] = [];
  private sequence = 1;
  private segmentStart: Picture | undefined;
  private segmentMs = 0;
  private targetSeconds: number | undefined;
  private breakNext = false;
  private needsKeyframe = true;
  private firstDtsMs: number | undefined;
  private delayMs = Number.POSITIVE_INFINITY;
  private frameMs = 0;
  private audioNext: number | undefined;

  constructor(private readonly options: CutterOptions) {
    this.targetSeconds = options.follows?.targetSeconds;
    this.breakNext = options.follows !== undefined;
  }

  /** Takes one unit that arrived at `nowMs`. */
  push(media: FlvMedia, nowMs: number): Cut[] {
    if (media.kind === 'avc-config' || media.kind === 'aac-config') return this.configure(media);
    if (this.video === undefined || (this.options.hasAudio && this.audio === undefined)) return [];
    this.date(media.dtsMs, nowMs);
    if (media.kind === 'audio') {
      if (this.segmentStart !== undefined && this.audio !== undefined) this.sounds.push(media);
      return [];
    }
    return this.picture(media);
  }

  /** Ends the publish: closes the open part and segment. */
  end(): Cut[] {
    const last = this.pictures.at(-1);
    return last === undefined ? [] : this.breakOff(last.dtsMs + Math.round(this.frameMs));
  }

  private configure(media: Extract<FlvMedia, { kind: 'avc-config' | 'aac-config' }>): Cut[] {
    if (media.kind === 'avc-config') {
      // SRS sends the record again at each keyframe of a browser's broadcast.
      if (same(this.avcC, media.bytes)) return [];
      const size = this.options.sizeOf(media.bytes);
      this.avcC = media.bytes;
      this.video = size && { avcC: media.bytes, ...size };
    } else {
      if (same(this.audio?.specificConfig, media.bytes)) return [];
      this.audio = audioConfigOf(media.bytes);
    }
    const last = this.pictures.at(-1);
    return last === undefined ? [] : this.breakOff(last.dtsMs + Math.round(this.frameMs));
  }

  private date(dtsMs: number, nowMs: number): void {
    this.firstDtsMs ??= dtsMs;
    if (dtsMs - this.firstDtsMs <= DATING_MS) this.delayMs = Math.min(this.delayMs, nowMs - dtsMs);
  }

  private picture(picture: Picture): Cut[] {
    const cuts = [...this.breakAtStep(picture), ...this.closeIfDue(picture)];
    if (this.segmentStart === undefined) {
      if (this.needsKeyframe && !picture.isKeyframe) return cuts;
      cuts.push(...this.open(picture));
    }
    this.pictures.push(picture);
    return cuts;
  }

  private breakAtStep(picture: Picture): Cut[] {
    const last = this.pictures.at(-1);
    if (last === undefined) return [];
    const stepMs = picture.dtsMs - last.dtsMs;
    if (stepMs <= 0 || stepMs > MAX_STEP_MS) return this.breakOff(last.dtsMs + Math.round(this.frameMs));
    this.frameMs = this.frameMs === 0 ? stepMs : (this.frameMs * 7 + stepMs) / 8;
    return [];
  }

  /** Begins a segment. Its init segment is told where it differs from the one before. */
  private open(picture: Picture): Cut[] {
    this.segmentStart = picture;
    this.segmentMs = 0;
    this.needsKeyframe = false;
    const bytes = initSegmentOf({ ...(this.video && { video: this.video }), ...(this.audio && { audio: this.audio }) });
    const name = `init-${sha256Hex(bytes).slice(0, 16)}.mp4`;
    if (name === this.configured) return [];
    this.configured = name;
    return [{ kind: 'init', name, bytes }];
  }

  private closeIfDue(picture: Picture): Cut[] {
    const [first] = this.pictures;
    if (first === undefined) return [];
    const partMs = picture.dtsMs - first.dtsMs;
    const isDue = partMs + this.frameMs / 2 > this.nominalPartMs();
    const soFarMs = this.segmentMs + partMs;
    const endsSegment =
      (picture.isKeyframe && soFarMs >= MIN_SEGMENT_MS) ||
      (isDue && soFarMs + this.nominalPartMs() > this.maxSegmentMs());
    if (!endsSegment && !isDue) return [];
    return [...this.closePart(picture.dtsMs), ...(endsSegment ? this.closeSegment() : [])];
  }

  private maxSegmentMs(): number {
    return this.targetSeconds === undefined ? MAX_FIRST_SEGMENT_MS : this.targetSeconds * 1000 + OVER_TARGET_MS;
  }

  /** Whole frames that come nearest to half a second. */
  private nominalPartMs(): number {
    return this.frameMs === 0 ? PART_MS : Math.max(1, Math.round(PART_MS / this.frameMs)) * this.frameMs;
  }

  private closePart(endMs: number): Cut[] {
    const [first] = this.pictures;
    if (first === undefined) return [];
    const samples = this.pictures.map(({ bytes, compositionMs, dtsMs, isKeyframe }, index): Sample => {
      const nextMs = this.pictures[index + 1]?.dtsMs ?? endMs;
      return {
        bytes,
        duration: (nextMs - dtsMs) * TICKS_PER_MS,
        composition: compositionMs * TICKS_PER_MS,
        isSync: isKeyframe,
      };
    });
    const sound = this.takeSound(endMs);
    const video = { trackId: VIDEO_TRACK, decodeTime: first.dtsMs * TICKS_PER_MS, samples };
    const bytes = fragmentOf(this.sequence, [video, ...sound]);
    const durationMs = endMs - first.dtsMs;
    this.sequence = this.sequence + 1;
    this.pictures = [];
    this.segmentMs = this.segmentMs + durationMs;
    return [{ kind: 'part', part: { durationMs, isIndependent: first.isKeyframe, bytes } }];
  }

  private takeSound(endMs: number) {
    const taken = this.sounds.filter(({ dtsMs }) => dtsMs < endMs);
    this.sounds = this.sounds.filter(({ dtsMs }) => dtsMs >= endMs);
    const [first] = taken;
    if (first === undefined || this.audio === undefined) return [];
    const { sampleRate } = this.audio;
    const byStamp = Math.round((first.dtsMs * sampleRate) / 1000);
    const drift =
      this.audioNext === undefined ? Number.POSITIVE_INFINITY : Math.abs(this.audioNext - byStamp) / sampleRate;
    const decodeTime = this.audioNext === undefined || drift * 1000 > MAX_AUDIO_DRIFT_MS ? byStamp : this.audioNext;
    this.audioNext = decodeTime + taken.length * AAC_SAMPLES;
    const samples = taken.map(({ bytes }) => ({ bytes, duration: AAC_SAMPLES, composition: 0, isSync: true }));
    return [{ trackId: AUDIO_TRACK, decodeTime, samples }];
  }

  private closeSegment(): Cut[] {
    if (this.segmentStart === undefined || this.segmentMs === 0) return [];
    const programDateTimeMs = Math.round(this.segmentStart.dtsMs + this.delayMs);
    this.targetSeconds ??= Math.max(MIN_TARGET_SECONDS, Math.ceil(this.segmentMs / 1000));
    const segment: Cut = {
      kind: 'segment',
      durationMs: this.segmentMs,
      programDateTimeMs,
      isDiscontinuous: this.breakNext,
      targetDurationSeconds: this.targetSeconds,
    };
    this.breakNext = false;
    this.segmentStart = undefined;
    this.segmentMs = 0;
    return [segment];
  }

  /** Closes what is open; the next segment begins at a keyframe, as a discontinuity on a clock of its own. */
  private breakOff(endMs: number): Cut[] {
    const cuts = [...this.closePart(endMs), ...this.closeSegment()];
    this.sounds = [];
    this.pictures = [];
    this.audioNext = undefined;
    this.needsKeyframe = true;
    this.firstDtsMs = undefined;
    this.delayMs = Number.POSITIVE_INFINITY;
    this.breakNext = true;
    return cuts;
  }
}
