import { defined } from '../../../functions/core/defined';
import { IDR, nalType, nalUnits, SPS, sizeOf } from './h264';
import { PACKET, packetsOf, TICKS_A_MS, type TrackPacket, timesAt, WRAP_TICKS } from './packets';

/** Stream types of ISO/IEC 13818-1, table 2-34. */
const VIDEO: readonly number[] = [0x1b, 0x24];
const AUDIO: readonly number[] = [0x03, 0x04, 0x0f];
const H264 = 0x1b;
const AAC = 0x0f;

/** A clock that goes back further than this between two frames was set again. */
const BACK_MS = 200;
/** One that goes on further than this, and further than the wall clock, jumped. */
const STEP_MS = 1500;
const SLACK_MS = 500;

/** Encoders say much of themselves before their first parameter set; a keyframe of less packets than this has one. */
const MAX_SEARCHED = 24;

/** A step of a track's clock that no time passed for. */
export interface Jump {
  /** The packet whose frame comes after it. */
  at: number;
  /** The offset from the previous clock, in ticks. */
  ticks: number;
}

/** The time of one track in a segment, in milliseconds of its own clock, which wraps after 26.5 hours. */
export interface TrackProbe {
  frames: number;
  startMs: number;
  /** The time when the next frame is due; the clock of the last frame. */
  endMs: number;
  /** The duration of its frames, without jumps: 0 for one frame alone. */
  heldMs: number;
  jumps: Jump[];
}

/** The packet with which a keyframe begins, and its milliseconds from the segment's first picture. */
export interface Keyframe {
  at: number;
  ms: number;
}

/** The encoding of a segment's tracks, as a decoder needs it. `video`: the parameter set in hex. */
export interface EncodingFormat {
  video?: string;
  codec?: string;
  width?: number;
  height?: number;
  /** A decoder can start with its first picture. */
  startsWithKey?: boolean;
  /** Stream type and, for AAC, object type, rate and channels. */
  audio?: string;
  /** AAC object type of the ADTS header. */
  audioObjectType?: number;
}

/** A segment as its packets say; a track without packets is absent. */
export interface Probe {
  video?: TrackProbe;
  audio?: TrackProbe;
  format: EncodingFormat;
  /** The keyframes, with which a decoder can begin. */
  keys: Keyframe[];
}

/**
 * Reads time stamps and formats out of a segment. `wallMs`: how long SRS had it open. `undefined` for what is no
 * transport stream with frames in it. Never throws for any bytes.
 */
export function probe(ts: Uint8Array, wallMs: number): Probe | undefined {
  const { packets } = packetsOf(ts);
  const begun = packets.filter(({ begins }) => begins);
  const track = (types: readonly number[]) =>
    trackOf(
      begun.filter(({ streamType }) => types.includes(streamType)).flatMap(timed(ts)),
      Math.max(STEP_MS, wallMs + SLACK_MS),
    );
  const video = track(VIDEO);
  const audio = track(AUDIO);
  if (video === undefined && audio === undefined) return undefined;
  const pictures = packets.flatMap(({ begins, streamType }, index) => (begins && streamType === H264 ? index : []));
  const sets = pictures.map((index) => parameterSet(ts, packets, index));
  return {
    ...defined({ video, audio }),
    format: { ...videoFormat(sets), ...audioFormat(ts, begun) },
    keys: keysOf(
      ts,
      pictures.flatMap((index) => packets[index] ?? []),
      sets,
    ),
  };
}

/** `sets`: the parameter set of each picture; one without is no keyframe. */
function keysOf(
  ts: Uint8Array,
  pictures: readonly TrackPacket[],
  sets: readonly (Uint8Array | undefined)[],
): Keyframe[] {
  const dtsOf = ({ start }: TrackPacket): number => timesAt(ts, start).dts ?? 0;
  const [first] = pictures;
  return pictures.flatMap((picture, place) => {
    if (first === undefined || sets[place] === undefined) return [];
    return { at: picture.at, ms: Math.round(throughWrap(dtsOf(picture) - dtsOf(first)) / TICKS_A_MS) };
  });
}

/** Returns the duration of the longer track; 0 if none can tell. */
export const heldMsOf = ({ video, audio }: Probe): number => Math.max(video?.heldMs ?? 0, audio?.heldMs ?? 0);

interface Timed {
  at: number;
  dts: number;
}
const timed =
  (ts: Uint8Array) =>
  ({ at, start }: TrackPacket): Timed[] => {
    const { dts } = timesAt(ts, start);
    return dts === undefined ? [] : [{ at, dts }];
  };

function trackOf(frames: readonly Timed[], longestMs: number): TrackProbe | undefined {
  const [first] = frames;
  if (first === undefined) return undefined;
  const jumpsAt: { at: number; step: number }[] = [];
  const steps: number[] = [];
  frames.slice(1).forEach(({ at, dts }, index) => {
    const step = throughWrap(dts - (frames[index]?.dts ?? dts));
    const jumped = step < -BACK_MS * TICKS_A_MS || step > longestMs * TICKS_A_MS;
    if (jumped) jumpsAt.push({ at, step });
    else steps.push(step);
  });
  const usual = steps.toSorted((a, b) => a - b)[steps.length >> 1] ?? 0;
  const held = steps.reduce((sum, step) => sum + step, 0) + usual * (jumpsAt.length + 1);
  const jumps = jumpsAt.map(({ at, step }) => ({ at, ticks: step - usual }));
  const beside = jumps.reduce((sum, { ticks }) => sum + ticks, 0);
  const heldMs = Math.max(0, held / TICKS_A_MS);
  return {
    frames: frames.length,
    startMs: Math.round(first.dts / TICKS_A_MS),
    endMs: Math.round((first.dts + held + beside) / TICKS_A_MS),
    heldMs: Math.round(heldMs),
    jumps,
  };
}

/** Within a segment the clock goes on through its end; the shorter way round is meant. */
const throughWrap = (ticks: number): number =>
  ticks > WRAP_TICKS / 2 ? ticks - WRAP_TICKS : ticks < -WRAP_TICKS / 2 ? ticks + WRAP_TICKS : ticks;

const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** Returns the format of the last parameter set, so that a change within the segment is noticed at the next one. */
function videoFormat(sets: readonly (Uint8Array | undefined)[]): EncodingFormat {
  const sps = sets.findLast((set) => set !== undefined);
  if (sps === undefined) return {};
  const [, profile = 0, constraints = 0, level = 0] = sps;
  const codec = `avc1.${hexOf(Uint8Array.of(profile, constraints, level))}`;
  return { video: hexOf(sps), codec, ...positiveSize(sizeOf(sps)), startsWithKey: sets[0] !== undefined };
}

const positiveSize = (size: ReturnType<typeof sizeOf>): Pick<EncodingFormat, 'width' | 'height'> =>
  size !== undefined && size.width > 0 && size.height > 0 ? size : {};

/** Returns the parameter set at the beginning of a keyframe, or its packets until a slice comes. */
function parameterSet(ts: Uint8Array, packets: readonly TrackPacket[], index: number): Uint8Array | undefined {
  const pid = packets[index]?.pid;
  const parts: Uint8Array[] = [];
  for (const packet of packets.slice(index, index + MAX_SEARCHED)) {
    if (packet.pid !== pid) continue;
    if (packet.begins && parts.length > 0) return undefined;
    parts.push(ts.subarray(packet.start, packet.at + PACKET));
    const nals = [...nalUnits(Buffer.concat(parts))];
    const sps = nals.find((nal, place) => nalType(nal) === SPS && nal.length > 4 && place < nals.length - 1);
    if (sps !== undefined) return withoutTail(sps);
    if (nals.some((nal) => isSlice(nalType(nal)))) return undefined;
  }
  return undefined;
}

const isSlice = (type: number): boolean => type >= 1 && type <= IDR;

/** Zeros before the next start code are not part of it. */
const withoutTail = (nal: Uint8Array): Uint8Array => nal.subarray(0, nal.findLastIndex((byte) => byte !== 0) + 1);

/** Out of the first ADTS header (ISO/IEC 14496-3, 1.A.2.2): object type, rate and channels. */
function audioFormat(ts: Uint8Array, begun: readonly TrackPacket[]): EncodingFormat {
  const first = begun.find(({ streamType }) => AUDIO.includes(streamType));
  if (first === undefined) return {};
  if (first.streamType !== AAC) return { audio: `${first.streamType}` };
  const at = first.start + 9 + (ts[first.start + 8] ?? 0);
  const [sync = 0, , third = 0, fourth = 0] = ts.subarray(at, at + 4);
  if (sync !== 0xff) return { audio: 'aac' };
  return { audio: `aac ${third & 0xfd} ${fourth & 0xc0}`, audioObjectType: (third >> 6) + 1 };
}
