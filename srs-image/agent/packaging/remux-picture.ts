import { fragmentOf, initSegmentOf, VIDEO_TRACK } from '../../../functions/core/low-latency/mp4-writer';
import { MEDIA_TIMESCALE } from '../../../functions/core/packaging/commands';
import { IDR, nalType, nalUnits, pictureSizeOf, SPS } from '../inspect/h264';
import type { Unit } from '../inspect/transport-stream';
import type { PackagedTrack, PictureSetup } from './ports';
import { lasting, type Timed, trackOf } from './remux-track';

const PPS = 8;
const DELIMITER = 9;
/** Profiles of 8 bit 4:2:0 (ISO/IEC 14496-15, 5.3.3.1.2): Baseline, Main, Extended, High. */
const PLAIN_PROFILES = [66, 77, 88];
const HIGH = 100;
/** Milliseconds of RTMP let the delay of B-frames move by one; another encoding moves it by a picture. */
const MAX_EDIT_JITTER = MEDIA_TIMESCALE / 100;
/** A decode time that steps back by less is a rounding, or a hiccup of the encoder; by more it is another clock. */
const MAX_BACK = MEDIA_TIMESCALE / 10;

interface Picture {
  pts: number;
  dts: number;
  nals: readonly Uint8Array[];
}

const u16 = (value: number): number[] => [(value >> 8) & 255, value & 255];
const isEqual = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;

/** A NAL unit without the zeros that belong to the next start code. */
function trimmed(nal: Uint8Array): Uint8Array {
  let end = nal.length;
  while (end > 0 && nal[end - 1] === 0) end -= 1;
  return nal.subarray(0, end);
}

/** The decoder's configuration (ISO/IEC 14496-15, 5.3.3.1); `undefined` for a profile of more than 8 bit 4:2:0. */
function avcC(sps: Uint8Array, pps: Uint8Array): Uint8Array | undefined {
  const [, profile = 0, compatibility = 0, level = 0] = sps;
  if (profile !== HIGH && !PLAIN_PROFILES.includes(profile)) return undefined;
  const head = [1, profile, compatibility, level, 0xff, 0xe1, ...u16(sps.length), ...sps];
  const tail = [1, ...u16(pps.length), ...pps, ...(profile === HIGH ? [0xfd, 0xf8, 0xf8, 0] : [])];
  return Uint8Array.from([...head, ...tail]);
}

/** The sequence parameter set in a configuration. */
const spsOf = (config: Uint8Array): Uint8Array => config.subarray(8, 8 + (((config[6] ?? 0) << 8) | (config[7] ?? 0)));

/** The one parameter set of a type, or none; `differ` when there are several. */
function oneOf(nals: readonly Uint8Array[], type: number): Uint8Array | 'none' | 'differ' {
  const [first, ...others] = nals.filter((nal) => nalType(nal) === type);
  if (first === undefined) return 'none';
  return others.every((other) => isEqual(first, other)) ? first : 'differ';
}

/**
 * The configuration of a segment. A segment without parameter sets goes on with those of the one before: SRS writes
 * them in front of an IDR picture only.
 */
function configOf(nals: readonly Uint8Array[], before: PictureSetup | undefined): Uint8Array | undefined {
  const sps = oneOf(nals, SPS);
  const pps = oneOf(nals, PPS);
  if (sps === 'none' && pps === 'none') return before && Buffer.from(before.avcC, 'base64');
  return typeof sps === 'string' || typeof pps === 'string' ? undefined : avcC(sps, pps);
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

const isMedia = (nal: Uint8Array): boolean => ![SPS, PPS, DELIMITER].includes(nalType(nal));
const isIdr = (nals: readonly Uint8Array[]): boolean => nals.some((nal) => nalType(nal) === IDR);

/** `undefined` when a packet has no time. */
function picturesOf(units: readonly Unit[]): { all: Uint8Array[]; pictures: Picture[] } | undefined {
  const all: Uint8Array[] = [];
  const pictures: Picture[] = [];
  for (const { pts, dts, payload } of units) {
    const read = [...nalUnits(payload)].map(trimmed).filter(({ length }) => length > 0);
    all.push(...read);
    const nals = read.filter(isMedia);
    if (nals.length === 0) continue;
    if (pts === undefined || dts === undefined) return undefined;
    pictures.push({ pts, dts, nals });
  }
  return { all, pictures };
}

/**
 * The delay that the edit list takes off. It belongs to the init segment, so it stays while an encoding does: a delay
 * of 66 and 67 ms by turns (30 pictures a second in milliseconds) must not be two init segments.
 */
function editOf({ pts, dts, nals }: Picture, config: string, before: PictureSetup | undefined): number {
  const delay = Math.max(0, pts - dts);
  if (before === undefined || before.avcC !== config) return delay;
  const isKept = !isIdr(nals) || Math.abs(delay - before.edit) <= MAX_EDIT_JITTER;
  return isKept ? before.edit : delay;
}

/** Samples whose times, less the edit, are those of the transport stream. */
function samplesOf(pictures: readonly Picture[], edit: number): Timed[] | undefined {
  const timed: Timed[] = [];
  for (const { pts, dts, nals } of pictures) {
    const earliest = (timed.at(-1)?.at ?? Number.NEGATIVE_INFINITY) + 1;
    const at = Math.max(dts + edit, earliest);
    if (at - (dts + edit) > MAX_BACK) return undefined;
    timed.push({ at, bytes: withLengths(nals), composition: pts + edit - at, isSync: isIdr(nals) });
  }
  return timed;
}

/**
 * The picture of a segment as one fragment, as Shaka Packager makes it: its decode time is the first picture's
 * presentation time, and an edit list takes the delay of B-frames off again. `undefined` for what is not plain H.264,
 * for parameter sets that change in the segment, and for a clock that goes back.
 */
export function pictureTrack(units: readonly Unit[], before: PictureSetup | undefined): PackagedTrack | undefined {
  const read = picturesOf(units);
  const config = read && configOf(read.all, before);
  const size = config && pictureSizeOf(spsOf(config));
  const [first] = read?.pictures ?? [];
  if (read === undefined || config === undefined || size === undefined || first === undefined) return undefined;
  const picture = { avcC: Buffer.from(config).toString('base64') };
  const edit = editOf(first, picture.avcC, before);
  const timed = samplesOf(read.pictures, edit) ?? [];
  const [start] = timed;
  if (start === undefined) return undefined;
  const samples = lasting(timed, MEDIA_TIMESCALE / 25);
  const init = initSegmentOf({ video: { avcC: config, ...size, editStart: edit } });
  const track = trackOf(init, fragmentOf(1, [{ trackId: VIDEO_TRACK, decodeTime: start.at, samples }]));
  return track && { ...track, picture: { ...picture, edit } };
}
