import { SegmentCutter } from '../../../../../scripts/local/origin/built-in/segment-cutter';

const VIDEO = 0x100;
const AUDIO = 0x101;
const MAP = 0x1000;

/** One packet of 188 bytes. */
function packet(pid: number, payload: readonly number[], options: { start?: boolean; keyFrame?: boolean } = {}): Buffer {
  const { start = true, keyFrame = false } = options;
  const stuffing = 188 - 4 - payload.length - 2;
  const field = [stuffing + 1, keyFrame ? 0x40 : 0, ...Array<number>(stuffing).fill(0xff)];
  return Buffer.from([0x47, (start ? 0x40 : 0) | (pid >> 8), pid & 0xff, 0x30, ...field, ...payload]);
}

const stamp = (ticks: number): number[] => {
  const high = Math.floor(ticks / 2 ** 30) & 7;
  return [
    0x21 | (high << 1),
    (ticks >>> 22) & 0xff,
    ((ticks >>> 14) & 0xfe) | 1,
    (ticks >>> 7) & 0xff,
    ((ticks << 1) & 0xfe) | 1,
  ];
};

const frame = (pid: number, ms: number, keyFrame = false): Buffer => {
  const ticks = (ms * 90) % 2 ** 33;
  return packet(pid, [0, 0, 1, pid === VIDEO ? 0xe0 : 0xc0, 0, 0, 0x80, 0x80, 5, ...stamp(ticks), 1, 2, 3, 4, 5, 6], {
    keyFrame,
  });
};
const association = packet(0, [0, 0, 0xb0, 13, 0, 1, 0xc1, 0, 0, 0, 1, 0xe0 | (MAP >> 8), MAP & 0xff, 0, 0, 0, 0]);
const stream = (type: number, pid: number): number[] => [type, 0xe0 | (pid >> 8), pid & 0xff, 0xf0, 0];
const map = (...streams: number[][]): Buffer => {
  const body = [0, 1, 0xc1, 0, 0, 0xe1, 0, 0xf0, 0, ...streams.flat(), 0, 0, 0, 0];
  return packet(MAP, [0, 2, 0xb0, body.length, ...body]);
};
const both = Buffer.concat([association, map(stream(0x1b, VIDEO), stream(0x0f, AUDIO))]);

function cut(packets: readonly Buffer[], chunkBytes = 1 << 20): { durationMs: number; bytes: Buffer }[] {
  const segments: { durationMs: number; bytes: Buffer }[] = [];
  let open: Buffer[] = [];
  const sink = {
    open: () => {
      open = [];
    },
    write: (bytes: Buffer) => void open.push(Buffer.from(bytes)),
    close: (durationMs: number) => void segments.push({ durationMs: Math.round(durationMs), bytes: Buffer.concat(open) }),
  };
  const cutter = new SegmentCutter(sink, { fragmentMs: 2000, absoluteMs: 10_000 });
  const all = Buffer.concat(packets);
  for (let at = 0; at < all.length; at += chunkBytes) cutter.push(all.subarray(at, at + chunkBytes));
  cutter.end();
  return segments;
}

/** Frames of 40 ms from 0 to `untilMs`, a key frame every `gopMs`. */
const video = (untilMs: number, gopMs: number, fromMs = 0): Buffer[] =>
  Array.from({ length: untilMs / 40 }, (_, index) => frame(VIDEO, fromMs + index * 40, (index * 40) % gopMs === 0));

describe('cutting', () => {
  it.each([
    ['2 s', 2000, [2000, 2000, 1960]],
    ['1 s', 1000, [2000, 2000, 1960]],
    ['3 s', 3000, [3000, 2960]],
    ['6 s', 6000, [5960]],
  ])('begins a segment at the first key frame after 2 s: key frames every %s', (_name, gopMs, durations) => {
    expect(cut([both, ...video(6000, gopMs)]).map(({ durationMs }) => durationMs)).toEqual(durations);
  });

  it('loses no packet and begins every segment with both tables, whatever the chunks', () => {
    const packets = video(6000, 2000);
    const whole = cut([both, ...packets]);
    for (const { bytes } of whole) expect(bytes.subarray(0, 376).equals(both)).toBe(true);
    expect(Buffer.concat(whole.map(({ bytes }) => bytes.subarray(376))).equals(Buffer.concat(packets))).toBe(true);
    for (const chunkBytes of [1, 187, 189, 1000]) expect(cut([both, ...packets], chunkBytes)).toEqual(whole);
  });

  it('counts a segment from its first frame, sound too', () => {
    const packets = [both, frame(AUDIO, 0), ...video(2040, 2000, 23)];
    expect(cut(packets).map(({ durationMs }) => durationMs)).toEqual([2023, 0]);
  });

  it('lets sound cut after five fragments, if no key frame comes', () => {
    const sound = Array.from({ length: 250 }, (_, index) => frame(AUDIO, index * 50));
    expect(cut([association, map(stream(0x0f, AUDIO)), ...sound]).map(({ durationMs }) => durationMs)).toEqual([10_000, 2450]);
  });

  it('goes on over the wrap of the clock', () => {
    const wrapMs = 2 ** 33 / 90;
    const packets = video(6000, 2000, Math.floor(wrapMs) - 3000);
    expect(cut([both, ...packets]).map(({ durationMs }) => durationMs)).toEqual([2000, 2000, 1960]);
  });

  it('writes nothing before the first frame', () => {
    expect(cut([both, both])).toEqual([]);
  });
});
