import fc from 'fast-check';
import { type Cut, Cutter } from '../../../../functions/core/low-latency/cutter';
import type { FlvMedia } from '../../../../functions/core/low-latency/flv';
import { applyCut, beginning, formatLowLatency } from '../../../../functions/core/low-latency/playlist';
import { fragmentTimes } from '../../../../functions/core/packaging/fragment';
import { initSegment } from '../../../../functions/core/packaging/init-segment';
import { checkLowLatency, checkLowLatencyUpdate } from '../../../support/rfc8216bis';

const AVC = new Uint8Array([1, 0x64, 0, 0x1f, 0xff, 0xe1, 0, 4, 0x67, 0x64, 0, 0x1f, 1, 0, 2, 0x68, 0xee]);
const OTHER_AVC = AVC.with(3, 0x20);
/** AAC-LC, 44.1 kHz, stereo. */
const AAC = new Uint8Array([0x12, 0x10]);
const NOW = Date.UTC(2026, 10, 26, 12);
const OPTIONS = { hasAudio: true, sizeOf: () => ({ width: 640, height: 360 }) };

const picture = (dtsMs: number, isKeyframe: boolean): FlvMedia => ({
  kind: 'video',
  dtsMs,
  compositionMs: 0,
  isKeyframe,
  bytes: new Uint8Array([0, 0, 0, 1, dtsMs & 255]),
});
const sound = (dtsMs: number): FlvMedia => ({ kind: 'audio', dtsMs, bytes: new Uint8Array([7]) });
const CONFIG: FlvMedia[] = [
  { kind: 'avc-config', bytes: AVC },
  { kind: 'aac-config', bytes: AAC },
];

const even = (_: number): number => 0;
/** A publish of pictures and sound, a keyframe every `keyframes` pictures. */
function publish({
  seconds = 12,
  framesPerSecond = 30,
  keyframes = 60,
  fromMs = 1000,
  jitterMs = even,
} = {}): FlvMedia[] {
  const pictures = Array.from({ length: seconds * framesPerSecond }, (_, index) => {
    return picture(Math.round(fromMs + (index * 1000) / framesPerSecond + jitterMs(index)), index % keyframes === 0);
  });
  const sounds = Array.from({ length: Math.floor((seconds * 44_100) / 1024) }, (_, index) =>
    sound(Math.round(fromMs + (index * 1_024_000) / 44_100)),
  );
  const timed = [...pictures, ...sounds].flatMap((media) => ('dtsMs' in media ? [media] : []));
  return [...CONFIG, ...timed.sort((a, b) => a.dtsMs - b.dtsMs)];
}

function cutAll(media: readonly FlvMedia[], options = OPTIONS): Cut[] {
  const cutter = new Cutter(options);
  return [...media.flatMap((one) => cutter.push(one, NOW + ('dtsMs' in one ? one.dtsMs : 0))), ...cutter.end()];
}
const partsOf = (cuts: readonly Cut[]) => cuts.flatMap((cut) => (cut.kind === 'part' ? [cut.part] : []));
const segmentsOf = (cuts: readonly Cut[]) => cuts.flatMap((cut) => (cut.kind === 'segment' ? [cut] : []));

/** Every version of the playlist that the cuts lead to. */
function versionsOf(cuts: readonly Cut[]): string[] {
  let state = beginning(0);
  return cuts.flatMap((cut, index) => {
    state = applyCut(state, cut);
    // The last part of a segment and its EXTINF are one version.
    if (cut.kind === 'init' || (cut.kind === 'part' && cuts[index + 1]?.kind === 'segment')) return [];
    return formatLowLatency(state) ?? [];
  });
}
function problemsOf(cuts: readonly Cut[]) {
  const versions = versionsOf(cuts);
  return versions.flatMap((version, index) => [
    ...checkLowLatency(version),
    ...(index === 0 ? [] : checkLowLatencyUpdate(versions[index - 1] ?? '', version)),
  ]);
}

describe('cutting a publish', () => {
  it('gives parts of half a second and segments at keyframes', () => {
    const cuts = cutAll(publish());
    expect(segmentsOf(cuts).map(({ durationMs }) => durationMs)).toEqual([2000, 2000, 2000, 2000, 2000, 2000]);
    expect(partsOf(cuts)).toHaveLength(24);
    for (const { durationMs } of partsOf(cuts).slice(0, -1)) expect(Math.abs(durationMs - 500)).toBeLessThanOrEqual(1);
    expect(partsOf(cuts).filter(({ isIndependent }) => isIndependent)).toHaveLength(6);
  });

  it('writes parts whose decode times follow each other, after an init segment with both tracks', () => {
    const cuts = cutAll(publish());
    const [init] = cuts;
    if (init?.kind !== 'init') throw new Error('the first cut is no init segment');
    expect(Buffer.from(init.bytes).includes('avcC')).toBe(true);
    expect(Buffer.from(init.bytes).includes('esds')).toBe(true);
    const times = partsOf(cuts).map(({ bytes }) => fragmentTimes(bytes));
    times.slice(1).forEach((time, index) => {
      const before = times[index];
      expect(time?.decodeTime).toBe((before?.decodeTime ?? 0) + (before?.duration ?? 0));
    });
  });

  it('writes an init segment of a picture alone that another reader understands', () => {
    const media = publish().filter(({ kind }) => kind !== 'audio' && kind !== 'aac-config');
    const [init] = cutAll(media, { ...OPTIONS, hasAudio: false });
    expect(init?.kind === 'init' && initSegment(init.bytes)?.track).toMatchObject({
      kind: 'video',
      timescale: 90_000,
      codecs: 'avc1.64001f',
      width: 640,
      height: 360,
    });
  });

  it('dates segments by the promptest arrival, however late the first packets were', () => {
    const cutter = new Cutter(OPTIONS);
    const cuts = publish().flatMap((one) => {
      const dtsMs = 'dtsMs' in one ? one.dtsMs : 0;
      return cutter.push(one, NOW + Math.max(dtsMs, 2500));
    });
    expect(segmentsOf(cuts)[0]?.programDateTimeMs).toBe(NOW + 1000);
  });

  it('waits for the sound that a publisher sends', () => {
    expect(cutAll(publish().filter(({ kind }) => kind !== 'aac-config'))).toEqual([]);
  });

  it('ignores a configuration that comes again, and breaks off at another one', () => {
    const media = publish({ seconds: 6 });
    const again = cutAll([...media.slice(0, 100), { kind: 'avc-config', bytes: AVC }, ...media.slice(100)]);
    expect(again).toEqual(cutAll(media));
    const changed = cutAll([...media.slice(0, 100), { kind: 'avc-config', bytes: OTHER_AVC }, ...media.slice(100)]);
    expect(changed.filter(({ kind }) => kind === 'init')).toHaveLength(2);
    expect(segmentsOf(changed).filter(({ isDiscontinuous }) => isDiscontinuous)).toHaveLength(1);
  });

  it.each([
    ['back', -20_000],
    ['ahead', 100_000],
  ])('makes a jump of the clock %s a discontinuity', (_, jumpMs) => {
    const media = [
      ...publish({ seconds: 4, fromMs: 50_000 }),
      ...publish({ seconds: 4, fromMs: 54_000 + jumpMs }).slice(2),
    ];
    const cuts = cutAll(media);
    expect(segmentsOf(cuts).map(({ isDiscontinuous }) => isDiscontinuous)).toEqual([false, false, true, false]);
    expect(problemsOf(cuts)).toEqual([]);
  });

  it('ends a segment at a part when no keyframe comes', () => {
    const cuts = cutAll(publish({ seconds: 30, keyframes: 100_000 }));
    expect(Math.max(...segmentsOf(cuts).map(({ durationMs }) => durationMs))).toBeLessThanOrEqual(10_400);
    expect(problemsOf(cuts)).toEqual([]);
  });

  it('makes only right playlists of any frame rate, keyframe interval and jitter', () => {
    const settings = fc.record({
      framesPerSecond: fc.constantFrom(15, 24, 25, 30, 50, 60),
      keyframes: fc.integer({ min: 8, max: 300 }),
      seed: fc.nat(1000),
    });
    fc.assert(
      fc.property(settings, ({ framesPerSecond, keyframes, seed }) => {
        const jitterMs = (index: number): number => ((index * 7 + seed) % 5) - 2;
        expect(problemsOf(cutAll(publish({ seconds: 16, framesPerSecond, keyframes, jitterMs })))).toEqual([]);
      }),
      { numRuns: 40 },
    );
  });
});
