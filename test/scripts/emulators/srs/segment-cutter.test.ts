import type { Frame } from '../../../../scripts/emulators/srs/frames';
import { SegmentCutter } from '../../../../scripts/emulators/srs/segment-cutter';
import { readSrsConf } from '../../../../scripts/local/origin/srs-conf';
import { probe } from '../../../../srs-image/agent/inspect/probe';

const frame = (kind: Frame['kind'], ms: number, keyFrame = false): Frame => ({
  kind,
  dts: ms,
  pts: ms,
  keyFrame,
  payload: Buffer.from(
    kind === 'audio' ? [0xff, 0xf1, 0x50, 0x40, 1, 0x1f, 0xfc, 0] : [0, 0, 0, 1, keyFrame ? 0x65 : 0x41, 0],
  ),
});
const muted = (ms: number): Frame => ({ ...frame('audio', ms), payload: Buffer.alloc(0) });
/** Frames of 40 ms until `untilMs`, a key frame every `gopMs`; from `fromMs` on. */
const video = (untilMs: number, gopMs: number, fromMs = 0): Frame[] =>
  Array.from({ length: untilMs / 40 }, (_, index) => frame('video', fromMs + index * 40, (index * 40) % gopMs === 0));

function cut(
  frames: readonly Frame[],
  rule = { fragmentMs: 2000, absoluteMs: 10_000 },
): { durationMs: number; bytes: Buffer }[] {
  const segments: { durationMs: number; bytes: Buffer }[] = [];
  let open: Buffer[] = [];
  const cutter = new SegmentCutter(
    {
      open: () => {
        open = [];
      },
      write: (bytes) => void open.push(bytes),
      close: (durationMs) => void segments.push({ durationMs, bytes: Buffer.concat(open) }),
    },
    rule,
  );
  for (const each of frames) cutter.push(each);
  cutter.end();
  return segments;
}
const durations = (frames: readonly Frame[]): number[] => cut(frames).map(({ durationMs }) => durationMs);

describe('cutting', () => {
  it.each([
    ['2 s', 2000, [2000, 2000, 1960]],
    ['1 s', 1000, [2000, 2000, 1960]],
    ['3 s', 3000, [3000, 2960]],
    ['6 s', 6000, [5960]],
  ])('begins a segment at the first key frame after 2 s: key frames every %s', (_name, gopMs, expected) => {
    expect(durations(video(6000, gopMs))).toEqual(expected);
  });

  it.each([
    ['0.52 s', 520, 2080],
    ['1 s', 1000, 2000],
    ['1.72 s', 1720, 3440],
    ['1.92 s, a moment less than 2 s', 1920, 1920],
    ['2 s', 2000, 2000],
    ['4 s', 4000, 4000],
    ['10 s', 10_000, 10_000],
  ])('with the figures of srs.conf has segments of whole groups: key frames every %s', (_name, gopMs, expected) => {
    const { fragmentSeconds, cutRatio, absoluteRatio } = readSrsConf();
    const milliseconds = (ratio: number) => fragmentSeconds * ratio * 1000;
    const rule = { fragmentMs: milliseconds(cutRatio), absoluteMs: milliseconds(absoluteRatio) };
    const sound = Array.from({ length: 1100 }, (_, index) => frame('audio', index * 20));
    const both = [...video(22_000, gopMs), ...sound].sort((a, b) => a.dts - b.dts);
    const whole = cut(both, rule).slice(0, -1);
    expect(new Set(whole.map(({ durationMs }) => durationMs))).toEqual(new Set([expected]));
  });

  it('loses no frame, and each segment can be read alone', () => {
    const seen = cut([...video(6000, 2000)]).map(({ bytes }) => probe(bytes, 2000)?.video);
    expect(seen).toMatchObject(
      [0, 2000, 4000].map((startMs) => ({ startMs, endMs: startMs + 2000, frames: 50, jumps: [] })),
    );
  });

  it('counts a segment from its first frame, sound too', () => {
    expect(durations([frame('audio', 0), ...video(2040, 2000, 23)])).toEqual([2023, 0]);
  });

  it('lets sound cut after five fragments, if no key frame comes', () => {
    expect(durations(Array.from({ length: 250 }, (_, index) => frame('audio', index * 50)))).toEqual([10_000, 2450]);
  });

  it('takes presentation apart from decoding, through the end of the 33-bit clock', () => {
    const from = Math.floor(2 ** 33 / 90) - 1000;
    const [segment] = cut(video(2000, 2000, from).map((each) => ({ ...each, pts: each.pts + 80 })));
    expect(probe(segment?.bytes ?? Buffer.alloc(0), 2000)?.video).toMatchObject({ startMs: from, jumps: [] });
  });
});

/** Durations of SRS 6.0.157, as its playlist had them (the clock in the title, ffmpeg's test picture every 2 s). */
describe('the count of SRS is confused as SRS’s is', () => {
  const both = (untilMs: number, clock: (ms: number, kind: Frame['kind']) => number): Frame[] =>
    Array.from({ length: untilMs / 20 }, (_, index) => index * 20).flatMap((ms) => [
      ...(ms % 40 === 0 ? [frame('video', clock(ms, 'video'), ms % 2000 === 0)] : []),
      frame('audio', clock(ms, 'audio')),
    ]);

  it('by a jump forward: that segment has it, and sound cuts at once', () => {
    const [first, jumped, next] = durations(both(8000, (ms) => (ms < 3000 ? ms : ms + 3_600_000)));
    expect([first, jumped, next]).toEqual([2000, 3_601_000, 3000]);
  });

  it('by a jump back: the segment begins again within', () => {
    expect(durations(both(8000, (ms) => (ms < 3000 ? ms + 5_000_000 : ms))).slice(0, 2)).toEqual([2000, 3000]);
  });

  it('by sound that is 100 s ahead: it cuts with every packet after a picture', () => {
    const all = durations(both(400, (ms, kind) => (kind === 'audio' ? ms + 100_000 : ms)));
    expect(all.length).toBeGreaterThan(8);
    expect(Math.max(...all)).toBeGreaterThan(99_000);
  });

  it('by sound without its configuration: every segment counts from the first of it', () => {
    const frames = both(6040, (ms) => ms).map((each) => (each.kind === 'audio' ? muted(each.dts) : each));
    expect(durations(frames)).toEqual([2000, 4000, 6000, expect.any(Number)]);
  });
});
