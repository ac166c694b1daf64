/**
 * A transport stream written by hand, frame by frame, so that a test can give it any clock: no encoder makes the odd
 * ones.
 */
const PACKET = 188;
const VIDEO_PID = 0x100;
const AUDIO_PID = 0x101;
const PMT_PID = 0x1001;

/**
 * One packet that begins a unit; the rest is stuffed by an adaptation field, which may hold a clock reference of 6
 * bytes.
 */
export function packet(pid: number, payload: readonly number[], reference: readonly number[] = []): number[] {
  const stuffing = PACKET - 4 - payload.length;
  const head = [0x47, 0x40 | (pid >> 8), pid & 0xff, stuffing > 0 ? 0x30 : 0x10];
  const flags = reference.length > 0 ? 0x10 : 0;
  const field =
    stuffing > 0
      ? [
          stuffing - 1,
          ...(stuffing > 1 ? [flags, ...reference, ...Array(stuffing - 2 - reference.length).fill(0xff)] : []),
        ]
      : [];
  return [...head, ...field, ...payload];
}

export const PAT = packet(0, [0, 0, 0xb0, 13, 0, 1, 0xc1, 0, 0, 0, 1, 0xf0, 0x01, 0, 0, 0, 0]);
export const pmt = (...streams: [type: number, pid: number][]): number[] => {
  const entries = streams.flatMap(([type, pid]) => [type, 0xe0 | (pid >> 8), pid & 0xff, 0xf0, 0]);
  return packet(PMT_PID, [0, 2, 0xb0, 13 + entries.length, 0, 1, 0xc1, 0, 0, 0xe1, 0, 0xf0, 0, ...entries, 0, 0, 0, 0]);
};

const time = (mark: number, ticks: number): number[] => [
  (mark << 4) | ((Math.floor(ticks / 2 ** 30) & 7) << 1) | 1,
  Math.floor(ticks / 2 ** 22) & 0xff,
  (Math.floor(ticks / 2 ** 14) & 0xfe) | 1,
  Math.floor(ticks / 2 ** 7) & 0xff,
  ((ticks % 128) << 1) | 1,
];
const reference = (ticks: number): number[] => [
  Math.floor(ticks / 2 ** 25) & 0xff,
  Math.floor(ticks / 2 ** 17) & 0xff,
  Math.floor(ticks / 2 ** 9) & 0xff,
  Math.floor(ticks / 2) & 0xff,
  ((ticks % 2) << 7) | 0x7e,
  0,
];
export const pes = (pid: number, pts: number, dts: number, data: readonly number[], withClock = false): number[] =>
  packet(
    pid,
    [0, 0, 1, pid === AUDIO_PID ? 0xc0 : 0xe0, 0, 0, 0x80, 0xc0, 10, ...time(3, pts), ...time(1, dts), ...data],
    withClock ? reference(dts) : [],
  );

/** Parameter sets of x264 at 320x180 and 1920x1080. */
export const SPS = {
  small: '6742c00cda05067e7c0440000003004000000c83c50aa8',
  large: '6742c028da01e0089f97011000000300100000030320f1832a',
} as const;
const bytesOf = (hex: string): number[] => [...Buffer.from(hex, 'hex')];
const keyframe = (sps: keyof typeof SPS): number[] => [0, 0, 0, 1, ...bytesOf(SPS[sps]), 0, 0, 0, 1, 0x65, 0x88];
const SLICE = [0, 0, 0, 1, 0x41, 0x9a];
/** ADTS header of AAC LC with one channel. */
const adts = (rateIndex: number): number[] => [0xff, 0xf1, 0x40 | (rateIndex << 2), 0x40, 0x01, 0x1f, 0xfc, 0, 0];

/** Time stamps in milliseconds of the track's own clock; wraps as 33 bits at 90 kHz do. */
export interface Media {
  video?: readonly number[];
  audio?: readonly number[];
  size?: keyof typeof SPS;
  /** The indexes of pictures that are keyframes. @default [0] */
  keys?: readonly number[];
  /** @default 4: 44.1 kHz */
  rateIndex?: number;
}

/** `count` times from `fromMs`, each `stepMs` later; from the one at `jumpAt` on, `by` beside that. */
export const times = (fromMs: number, count: number, stepMs: number, jump = { at: count, by: 0 }): number[] =>
  Array.from({ length: count }, (_, index) => fromMs + index * stepMs + (index >= jump.at ? jump.by : 0));

const ticksOf = (ms: number): number => (((ms * 90) % 2 ** 33) + 2 ** 33) % 2 ** 33;

/** A segment as SRS writes it: tables that always name both tracks, then frames in the order they were sent. */
export function segmentOf({ video = [], audio = [], size = 'small', keys = [0], rateIndex = 4 }: Media): Uint8Array {
  const frames = [
    ...video.map((ms, index) => ({
      order: index / Math.max(1, video.length),
      bytes: pes(VIDEO_PID, ticksOf(ms), ticksOf(ms), keys.includes(index) ? keyframe(size) : SLICE, true),
    })),
    ...audio.map((ms, index) => ({
      order: index / Math.max(1, audio.length),
      bytes: pes(AUDIO_PID, ticksOf(ms), ticksOf(ms), adts(rateIndex)),
    })),
  ].sort((a, b) => a.order - b.order);
  return Uint8Array.from([
    ...PAT,
    ...pmt([0x1b, VIDEO_PID], [0x0f, AUDIO_PID]),
    ...frames.flatMap(({ bytes }) => bytes),
  ]);
}

/** Two seconds of both tracks, the video's clock at `fromMs`. */
export const twoSeconds = (fromMs: number, more: Media = {}): Uint8Array =>
  segmentOf({ video: times(fromMs, 50, 40), audio: times(fromMs, 80, 25), ...more });
