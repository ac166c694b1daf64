import { audioConfigOf } from '../../../functions/core/low-latency/cutter';
import {
  AUDIO_TRACK,
  fragmentOf,
  initSegmentOf,
  type Sample,
  VIDEO_TRACK,
} from '../../../functions/core/low-latency/mp4-writer';
import { MEDIA_TIMESCALE } from '../../../functions/core/packaging/commands';
import { fragmentTimes } from '../../../functions/core/packaging/fragment';
import { initSegment } from '../../../functions/core/packaging/init-segment';
import { IDR, nalType, nalUnits, SPS, sizeOf } from '../inspect/h264';
import { type Unit, unitsOf } from '../inspect/transport-stream';
import type { PackagedTrack, PackagedTracks, TracksThere } from './ports';

/** Stream types of ISO/IEC 13818-1, table 2-34: H.264, and AAC in ADTS. */
const H264 = 27;
const AAC = 15;
const PPS = 8;
const DELIMITER = 9;
const AAC_SAMPLES = 1024;
/** Profiles of 8 bit 4:2:0 (ISO/IEC 14496-15, 5.3.3.1.2): Baseline, Main, Extended, High. */
const PLAIN_PROFILES = [66, 77, 88];
const HIGH = 100;

interface Timed extends Omit<Sample, 'duration'> {
  at: number;
}

const u16 = (value: number): number[] => [(value >> 8) & 255, value & 255];
const isEqual = (a: Uint8Array, b: Uint8Array): boolean => Buffer.from(a).equals(Buffer.from(b));

/** A NAL unit without the zeros that belong to the next start code. */
function trimmed(nal: Uint8Array): Uint8Array {
  let end = nal.length;
  while (end > 0 && nal[end - 1] === 0) end -= 1;
  return nal.subarray(0, end);
}

function avcC(sps: Uint8Array, pps: Uint8Array): Uint8Array | undefined {
  const [, profile = 0, compatibility = 0, level = 0] = sps;
  if (profile !== HIGH && !PLAIN_PROFILES.includes(profile)) return undefined;
  const head = [1, profile, compatibility, level, 0xff, 0xe1, ...u16(sps.length), ...sps];
  const tail = [1, ...u16(pps.length), ...pps, ...(profile === HIGH ? [0xfd, 0xf8, 0xf8, 0] : [])];
  return Uint8Array.from([...head, ...tail]);
}

/** The one parameter set of a type; `undefined` when there is none, or they differ. */
function oneOf(nals: readonly Uint8Array[], type: number): Uint8Array | undefined {
  const [first, ...others] = nals.filter((nal) => nalType(nal) === type);
  return first && others.every((other) => isEqual(first, other)) ? first : undefined;
}

function withLengths(nals: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat(
    nals.flatMap((nal) => {
      const length = Buffer.alloc(4);
      length.writeUInt32BE(nal.length);
      return [length, nal];
    }),
  );
}

/** Samples last until the next; the last one as long as the one before it, or `nominal`. */
function lasting(timed: readonly Timed[], nominal: number): Sample[] | undefined {
  const steps = timed.slice(1).map(({ at }, index) => at - (timed[index]?.at ?? 0));
  if (steps.some((step) => step <= 0)) return undefined;
  const last = steps.at(-1) ?? nominal;
  return timed.map(({ at: _, ...sample }, index) => ({ ...sample, duration: steps[index] ?? last }));
}

function trackOf(
  init: Uint8Array,
  run: { trackId: number; decodeTime: number; samples: Sample[] },
): PackagedTrack | undefined {
  const bytes = fragmentOf(1, [run]);
  const [made, times] = [initSegment(init), fragmentTimes(bytes)];
  return made && times && { init: made, bytes, times };
}

/** The picture; its decode times begin at the first picture's own time, as Shaka Packager's do. */
function videoOf(units: readonly Unit[]): PackagedTrack | undefined {
  const pictures = units
    .filter(({ streamType }) => streamType === H264)
    .map((unit) => ({ ...unit, nals: [...nalUnits(unit.payload)].map(trimmed).filter(({ length }) => length > 0) }));
  const all = pictures.flatMap(({ nals }) => nals);
  const [sps, pps] = [oneOf(all, SPS), oneOf(all, PPS)];
  const config = sps && pps && avcC(sps, pps);
  const size = sps && sizeOf(sps);
  const [first] = pictures;
  if (config === undefined || size === undefined || first?.pts === undefined || first.dts === undefined)
    return undefined;
  const delay = first.pts - first.dts;
  const timed: Timed[] = [];
  for (const { pts, dts, nals } of pictures) {
    const media = nals.filter((nal) => ![SPS, PPS, DELIMITER].includes(nalType(nal)));
    if (media.length === 0) continue;
    if (pts === undefined || dts === undefined) return undefined;
    const isSync = media.some((nal) => nalType(nal) === IDR);
    timed.push({ at: dts + delay, bytes: withLengths(media), composition: pts - dts - delay, isSync });
  }
  const samples = lasting(timed, MEDIA_TIMESCALE / 25);
  const init = initSegmentOf({ video: { avcC: config, ...size } });
  return samples && trackOf(init, { trackId: VIDEO_TRACK, decodeTime: first.pts, samples });
}

/** Frames of one PES packet (ISO/IEC 14496-3, 1.A.2.2), and the AudioSpecificConfig of the first. */
function adtsFrames(payload: Uint8Array): { config: Uint8Array; frames: Uint8Array[] } | undefined {
  const frames: Uint8Array[] = [];
  let config: Uint8Array | undefined;
  for (let at = 0; at + 7 <= payload.length; ) {
    const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = payload.subarray(at, at + 6);
    const length = ((d & 3) << 11) | (e << 3) | (f >> 5);
    if (a !== 0xff || (b & 0xf0) !== 0xf0 || length < 8 || at + length > payload.length) return undefined;
    const [type, rate, channels] = [(c >> 6) + 1, (c >> 2) & 15, ((c & 1) << 2) | (d >> 6)];
    config ??= Uint8Array.of((type << 3) | (rate >> 1), ((rate & 1) << 7) | (channels << 3));
    frames.push(payload.subarray(at + (b & 1 ? 7 : 9), at + length));
    at += length;
  }
  return config && { config, frames };
}

function audioOf(units: readonly Unit[]): PackagedTrack | undefined {
  const packets = units.filter(({ streamType }) => streamType === AAC);
  const read = packets.map(({ payload, pts }) => ({ pts, adts: adtsFrames(payload) }));
  const config = read[0]?.adts?.config;
  const audio = config && audioConfigOf(config);
  if (config === undefined || audio === undefined) return undefined;
  const frame = (AAC_SAMPLES * MEDIA_TIMESCALE) / audio.sampleRate;
  const timed: Timed[] = [];
  for (const { pts, adts } of read) {
    if (pts === undefined || adts === undefined || !isEqual(adts.config, config)) return undefined;
    for (const [index, bytes] of adts.frames.entries())
      timed.push({ at: pts + Math.round(index * frame), bytes, composition: 0, isSync: true });
  }
  const samples = lasting(timed, Math.round(frame));
  const init = initSegmentOf({ audio: { ...audio, timescale: MEDIA_TIMESCALE } });
  return samples && trackOf(init, { trackId: AUDIO_TRACK, decodeTime: timed[0]?.at ?? 0, samples });
}

/**
 * The fragments of a segment without any program: what `PackagingJobs.source` makes, for plain H.264 and AAC.
 * `undefined` for every other codec, for parameter sets that change within the segment, and for clocks that go back.
 */
export function remuxed(segment: Uint8Array, { hasVideo, hasAudio }: TracksThere): PackagedTracks | undefined {
  const units = unitsOf(segment);
  const video = hasVideo ? videoOf(units) : undefined;
  const audio = hasAudio ? audioOf(units) : undefined;
  if ((hasVideo && video === undefined) || (hasAudio && audio === undefined)) return undefined;
  if (video === undefined) return audio && new Map([['source', audio]]);
  return new Map([['source', video], ...(audio ? [['audio', audio] as const] : [])]);
}
