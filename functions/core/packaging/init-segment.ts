import { sha256Hex } from '../signing/hash';
import { type Box, boxAt, boxesIn } from './boxes';

/** The one track of an init segment. `codecs` as RFC 6381 has it; sizes in pixels; `timescale` in ticks a second. */
export interface Track {
  kind: 'video' | 'audio';
  timescale: number;
  codecs: string;
  width?: number;
  height?: number;
  channels?: number;
  sampleRate?: number;
}

/**
 * An init segment as it is published: bytes that do not depend on which segment it came with, and the name that follows
 * from them.
 */
export interface InitSegment {
  name: string;
  bytes: Uint8Array;
  track: Track;
}

const hex = (byte: number): string => byte.toString(16).padStart(2, '0');
const u16 = (bytes: Uint8Array, at: number): number => ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
const u32 = (bytes: Uint8Array, at: number): number => u16(bytes, at) * 65_536 + u16(bytes, at + 2);

/**
 * Blanks the movie extends header (`mehd`), which holds the duration of the very segment a packager was given: without
 * it the init segments of one encoding are the same bytes (Shaka Packager 3.4.2).
 */
function withoutDuration(bytes: Uint8Array): Uint8Array {
  const mehd = boxAt(bytes, ['moov', 'mvex', 'mehd']);
  if (mehd === undefined) return bytes;
  const blank = bytes.slice();
  blank.set(
    [...'free'].map((letter) => letter.charCodeAt(0)),
    mehd.start + 4,
  );
  blank.fill(0, mehd.body, mehd.end);
  return blank;
}

/** RFC 6381 3.3 and ISO/IEC 14496-15: profile, compatibility and level of an avcC box. */
const avcCodecs = (bytes: Uint8Array, avcC: Box): string =>
  `avc1.${hex(bytes[avcC.body + 1] ?? 0)}${hex(bytes[avcC.body + 2] ?? 0)}${hex(bytes[avcC.body + 3] ?? 0)}`;

/**
 * ISO/IEC 14496-15, annex E: profile space and profile, reversed compatibility flags, tier and level, constraint bytes.
 */
function hevcCodecs(bytes: Uint8Array, hvcC: Box): string {
  const first = bytes[hvcC.body + 1] ?? 0;
  const space = ['', 'A', 'B', 'C'][first >> 6] ?? '';
  let flags = u32(bytes, hvcC.body + 2);
  let reversed = 0;
  for (let bit = 0; bit < 32; bit += 1) {
    reversed = reversed * 2 + (flags % 2);
    flags = Math.floor(flags / 2);
  }
  const constraints = [...bytes.subarray(hvcC.body + 6, hvcC.body + 12)];
  while (constraints.at(-1) === 0) constraints.pop();
  const tier = (first >> 5) & 1 ? 'H' : 'L';
  const tail = constraints.map((byte) => `.${byte.toString(16).toUpperCase()}`).join('');
  const compatibility = reversed.toString(16).toUpperCase();
  return `hvc1.${space}${first & 31}.${compatibility}.${tier}${bytes[hvcC.body + 12] ?? 0}${tail}`;
}

/** ISO/IEC 14496-1: the audio object type of the DecoderSpecificInfo (tag 5) in an esds box. */
function aacCodecs(bytes: Uint8Array, esds: Box): string {
  for (let at = esds.body + 4; at + 2 < esds.end; at += 1) {
    if (bytes[at] !== 0x05) continue;
    let length = at + 1;
    while (length < esds.end && (bytes[length] ?? 0) >= 0x80) length += 1;
    const first = bytes[length + 1] ?? 0;
    const type = first >> 3;
    return `mp4a.40.${type === 31 ? 32 + (((first & 7) << 3) | ((bytes[length + 2] ?? 0) >> 5)) : type}`;
  }
  return 'mp4a.40.2';
}

/** Bytes of a visual and an audio sample entry before its boxes (ISO/IEC 14496-12, 12.1.3 and 12.2.3). */
const VISUAL_ENTRY = 78;
const AUDIO_ENTRY = 28;

function videoTrack(bytes: Uint8Array, entry: Box, timescale: number): Track | undefined {
  const boxes = boxesIn(bytes, entry.body + VISUAL_ENTRY, entry.end);
  const avcC = boxes.find(({ type }) => type === 'avcC');
  const hvcC = boxes.find(({ type }) => type === 'hvcC');
  const codecs = avcC ? avcCodecs(bytes, avcC) : hvcC && hevcCodecs(bytes, hvcC);
  if (codecs === undefined) return undefined;
  return { kind: 'video', timescale, codecs, width: u16(bytes, entry.body + 24), height: u16(bytes, entry.body + 26) };
}

function audioTrack(bytes: Uint8Array, entry: Box, timescale: number): Track | undefined {
  const esds = boxesIn(bytes, entry.body + AUDIO_ENTRY, entry.end).find(({ type }) => type === 'esds');
  if (esds === undefined) return undefined;
  return {
    kind: 'audio',
    timescale,
    codecs: aacCodecs(bytes, esds),
    channels: u16(bytes, entry.body + 16),
    sampleRate: u16(bytes, entry.body + 24),
  };
}

/**
 * Reads the only track of an init segment; `undefined` for other bytes, for several tracks, and for a codec other than
 * H.264, HEVC or AAC.
 */
export function trackOf(bytes: Uint8Array): Track | undefined {
  const moov = boxAt(bytes, ['moov']);
  const tracks = moov === undefined ? [] : boxesIn(bytes, moov.body, moov.end).filter(({ type }) => type === 'trak');
  const [trak] = tracks;
  if (trak === undefined || tracks.length !== 1) return undefined;
  const mdhd = boxAt(bytes, ['mdia', 'mdhd'], trak);
  const stsd = boxAt(bytes, ['mdia', 'minf', 'stbl', 'stsd'], trak);
  if (mdhd === undefined || stsd === undefined) return undefined;
  const timescale = u32(bytes, mdhd.body + (bytes[mdhd.body] === 1 ? 20 : 12));
  const [entry] = boxesIn(bytes, stsd.body + 8, stsd.end);
  if (entry === undefined || timescale === 0) return undefined;
  // An encrypted track keeps its codec's boxes under `encv` or `enca` (ISO/IEC 23001-7).
  return ['mp4a', 'enca'].includes(entry.type)
    ? audioTrack(bytes, entry, timescale)
    : videoTrack(bytes, entry, timescale);
}

/**
 * The init segment to publish. Two calls on one encoding give one name; another name is a new EXT-X-MAP and a
 * discontinuity. `undefined` when the bytes are no init segment of one H.264, HEVC or AAC track.
 */
export function initSegment(bytes: Uint8Array): InitSegment | undefined {
  const track = trackOf(bytes);
  if (track === undefined) return undefined;
  const published = withoutDuration(bytes);
  return { name: `init-${sha256Hex(published).slice(0, 16)}.mp4`, bytes: published, track };
}
