/** One access unit to write. Times and durations in ticks of its track. */
export interface Sample {
  bytes: Uint8Array;
  duration: number;
  /** Presentation less decode time. */
  composition: number;
  isSync: boolean;
}

/** A picture track: its avcC record (ISO/IEC 14496-15) and its size in pixels. */
export interface VideoConfig {
  avcC: Uint8Array;
  width: number;
  height: number;
  /** Width and height of one pixel. @default square */
  aspect?: { width: number; height: number };
  /**
   * Presentation less decode time of the picture that is shown first: players take it off (an edit list).
   * @default 0
   */
  editStart?: number;
}
/** A sound track: its AudioSpecificConfig (ISO/IEC 14496-3) and what that says. */
export interface AudioConfig {
  specificConfig: Uint8Array;
  sampleRate: number;
  channels: number;
  /** Ticks a second of its track. @default the sample rate */
  timescale?: number;
}

/** Samples that one fragment adds to a track. `decodeTime`: of its first sample. */
export interface TrackRun {
  trackId: number;
  decodeTime: number;
  samples: readonly Sample[];
}

export const VIDEO_TRACK = 1;
export const AUDIO_TRACK = 2;
const VIDEO_TIMESCALE = 90_000;

type Piece = Uint8Array | readonly number[];

function joined(pieces: readonly Piece[]): Uint8Array {
  const bytes = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}

const u16 = (value: number): number[] => [(value >>> 8) & 255, value & 255];
const u32 = (value: number): number[] => [(value >>> 24) & 255, (value >>> 16) & 255, (value >>> 8) & 255, value & 255];
const u64 = (value: number): number[] => [...u32(Math.floor(value / 2 ** 32)), ...u32(value % 2 ** 32)];
const zeros = (count: number): number[] => Array.from({ length: count }, () => 0);
const letters = (text: string): number[] => [...text].map((letter) => letter.charCodeAt(0));

function box(type: string, ...pieces: Piece[]): Uint8Array {
  const body = joined(pieces);
  return joined([u32(body.length + 8), letters(type), body]);
}
const fullBox = (type: string, version: number, flags: number, ...pieces: Piece[]): Uint8Array =>
  box(type, [version, ...u32(flags).slice(1)], ...pieces);

const MATRIX = [...u32(0x10000), ...zeros(12), ...u32(0x10000), ...zeros(12), ...u32(0x40000000)];

const mvhd = (): Uint8Array =>
  fullBox('mvhd', 0, 0, zeros(8), u32(1000), u32(0), u32(0x10000), u16(0x100), zeros(10), MATRIX, zeros(24), u32(3));
const tkhd = (id: number, volume: number, width: number, height: number): Uint8Array =>
  fullBox(
    'tkhd',
    0,
    3,
    zeros(8),
    u32(id),
    zeros(4),
    u32(0),
    zeros(8),
    zeros(4),
    u16(volume),
    zeros(2),
    MATRIX,
    u32(width * 65_536),
    u32(height * 65_536),
  );
const hdlr = (type: string): Uint8Array => fullBox('hdlr', 0, 0, zeros(4), letters(type), zeros(12), [0]);
const dinf = (): Uint8Array => box('dinf', fullBox('dref', 0, 0, u32(1), fullBox('url ', 0, 1)));
const emptyTables = (): Uint8Array[] => [
  fullBox('stts', 0, 0, u32(0)),
  fullBox('stsc', 0, 0, u32(0)),
  fullBox('stsz', 0, 0, u32(0), u32(0)),
  fullBox('stco', 0, 0, u32(0)),
];

function trak(
  id: number,
  timescale: number,
  handler: 'vide' | 'soun',
  size: readonly [number, number],
  entry: Uint8Array,
  edits: readonly Uint8Array[] = [],
): Uint8Array {
  const isVideo = handler === 'vide';
  const head = isVideo ? fullBox('vmhd', 0, 1, zeros(8)) : fullBox('smhd', 0, 0, zeros(4));
  const stbl = box('stbl', fullBox('stsd', 0, 0, u32(1), entry), ...emptyTables());
  const mdhd = fullBox('mdhd', 0, 0, zeros(8), u32(timescale), u32(0), u16(0x55c4), u16(0));
  const mdia = box('mdia', mdhd, hdlr(handler), box('minf', head, dinf(), stbl));
  return box('trak', tkhd(id, isVideo ? 0 : 0x100, ...size), ...edits, mdia);
}

/** ISO/IEC 14496-12, 8.6.6: one edit, from `start` to the end of the fragments, at ordinary speed. */
const edts = (start: number): Uint8Array =>
  box('edts', fullBox('elst', 0, 0, u32(1), u32(0), u32(start), u32(0x10000)));

/** The trak of a picture. Its size is that on the screen (8.3.2), where a pixel is square. */
function videoTrak(video: VideoConfig): Uint8Array {
  const { width, height, aspect = { width: 1, height: 1 }, editStart = 0 } = video;
  const size = [Math.floor((width * aspect.width) / aspect.height), height] as const;
  return trak(VIDEO_TRACK, VIDEO_TIMESCALE, 'vide', size, avc1(video), editStart === 0 ? [] : [edts(editStart)]);
}

function avc1({ avcC, width, height, aspect }: VideoConfig): Uint8Array {
  const pasp = aspect ? [box('pasp', u32(aspect.width), u32(aspect.height))] : [];
  const head = [
    ...zeros(6),
    ...u16(1),
    ...zeros(16),
    ...u16(width),
    ...u16(height),
    ...u32(0x480000),
    ...u32(0x480000),
    ...zeros(4),
  ];
  return box('avc1', head, u16(1), zeros(32), u16(24), u16(0xffff), box('avcC', avcC), ...pasp);
}

/** ISO/IEC 14496-1 descriptors; every length here is below 128. */
function esds({ specificConfig }: AudioConfig): Uint8Array {
  const decoder = [0x40, 0x15, ...zeros(11), 0x05, specificConfig.length, ...specificConfig];
  const body = [...u16(AUDIO_TRACK), 0, 0x04, decoder.length, ...decoder, 0x06, 1, 2];
  return fullBox('esds', 0, 0, [0x03, body.length, ...body]);
}
function mp4a(config: AudioConfig): Uint8Array {
  const head = [...zeros(6), ...u16(1), ...zeros(8), ...u16(config.channels), ...u16(16), ...zeros(4)];
  return box('mp4a', head, u16(Math.min(config.sampleRate, 0xffff)), u16(0), esds(config));
}

const trex = (id: number): Uint8Array => fullBox('trex', 0, 0, u32(id), u32(1), u32(0), u32(0), u32(0));

/** The init segment of a picture, a sound, or both in one (ISO/IEC 14496-12, 8.8). Same configuration, same bytes. */
export function initSegmentOf({ video, audio }: { video?: VideoConfig; audio?: AudioConfig }): Uint8Array {
  const tracks = [
    ...(video ? [videoTrak(video)] : []),
    ...(audio ? [trak(AUDIO_TRACK, audio.timescale ?? audio.sampleRate, 'soun', [0, 0], mp4a(audio))] : []),
  ];
  const extends_ = [...(video ? [trex(VIDEO_TRACK)] : []), ...(audio ? [trex(AUDIO_TRACK)] : [])];
  const ftyp = box('ftyp', letters('iso6'), u32(0), letters('iso6cmfcmp41'));
  return joined([ftyp, box('moov', mvhd(), ...tracks, box('mvex', ...extends_))]);
}

/** Data offset, duration, size, flags and composition offset of each sample. */
const TRUN_FLAGS = 0x000f01;
const SYNC = 0x02000000;
const NOT_SYNC = 0x01010000;

function traf({ trackId, decodeTime, samples }: TrackRun, dataOffset: number): Uint8Array {
  const entries = samples.flatMap(({ bytes, duration, composition, isSync }) => [
    ...[...u32(duration), ...u32(bytes.length), ...u32(isSync ? SYNC : NOT_SYNC), ...u32(composition)],
  ]);
  return box(
    'traf',
    fullBox('tfhd', 0, 0x020000, u32(trackId)),
    fullBox('tfdt', 1, 0, u64(decodeTime)),
    fullBox('trun', 1, TRUN_FLAGS, u32(samples.length), u32(dataOffset), entries),
  );
}

/** One fragment of one or two tracks: `moof` and `mdat`, samples track by track. `sequence` counts fragments from 1. */
export function fragmentOf(sequence: number, runs: readonly TrackRun[]): Uint8Array {
  const filled = runs.filter(({ samples }) => samples.length > 0);
  const moofWith = (offsets: readonly number[]): Uint8Array =>
    box('moof', fullBox('mfhd', 0, 0, u32(sequence)), ...filled.map((run, index) => traf(run, offsets[index] ?? 0)));
  const head = moofWith([]).length + 8;
  const lengths = filled.map(({ samples }) => samples.reduce((sum, { bytes }) => sum + bytes.length, 0));
  const offsets = lengths.map((_, index) => lengths.slice(0, index).reduce((sum, length) => sum + length, head));
  const media = filled.flatMap(({ samples }) => samples.map(({ bytes }) => bytes));
  return joined([moofWith(offsets), box('mdat', ...media)]);
}
