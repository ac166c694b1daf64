import fc from 'fast-check';
import type { Frame } from '../../../../scripts/emulators/srs/frames';
import { SegmentCutter } from '../../../../scripts/emulators/srs/segment-cutter';
import { MediaRules } from '../../../support/platform/media-rules';
import { SPS } from '../../../support/platform/transport-stream';
import { Rig } from '../rig';

/**
 * A publisher with some clock as it looks behind SRS's segmenter and this agent: no encoder and no server are needed.
 */
type Kind = Frame['kind'];
type ClockOf = (ms: number, kind: Kind) => number | undefined;

const START = [0, 0, 0, 1];
const KEYFRAME = Buffer.from([...START, ...Buffer.from(SPS.small, 'hex'), ...START, 0x65, 0x88]);
const SLICE = Buffer.from([...START, 0x41, 0x9a]);
const SOUND = Buffer.from([0xff, 0xf1, 0x50, 0x40, 0x01, 0x1f, 0xfc, 0, 0]);
const LENGTH_MS = 24_000;

interface Cut {
  at: number;
  openMs: number;
  durationMs: number;
  media: Buffer;
}

/** Segments SRS would tell of, with the wall clock of each. */
function cutsOf(clock: ClockOf): Cut[] {
  const cuts: Cut[] = [];
  let [now, openedAt, packets]: [number, number, Buffer[]] = [0, 0, []];
  const sink = {
    open: () => {
      openedAt = now;
      packets = [];
    },
    write: (bytes: Buffer) => void packets.push(bytes),
    close: (durationMs: number) => {
      if (durationMs >= 100 && durationMs <= 6_000_000)
        cuts.push({ at: now, openMs: now - openedAt, durationMs, media: Buffer.concat(packets) });
    },
  };
  const cutter = new SegmentCutter(sink, { fragmentMs: 2000, absoluteMs: 10_000 });
  const send = (kind: Kind, payload: Buffer, keyFrame = false) => {
    const ms = clock(now, kind);
    if (ms === undefined) return;
    const dts = ((Math.round(ms) % 2 ** 31) + 2 ** 31) % 2 ** 31;
    cutter.push({ kind, dts, pts: dts, keyFrame, payload });
  };
  for (; now < LENGTH_MS; now += 20) {
    if (now % 40 === 0) send('video', now % 2000 === 0 ? KEYFRAME : SLICE, now % 2000 === 0);
    send('audio', SOUND);
  }
  cutter.end();
  return cuts;
}

/** Everything that is wrong in the session playlist against its media; with its target duration. */
async function judge(clock: ClockOf): Promise<{ problems: string[]; target: number; warned: number; count: number }> {
  const rig = new Rig();
  try {
    await rig.publish();
    const began = rig.clock.now();
    for (const { at, openMs, durationMs, media } of cutsOf(clock)) {
      await rig.run(Math.max(0, began + at - rig.clock.now()));
      await rig.onHls(rig.srs.segment({ media, durationMs, openMs: Math.max(1, openMs) }));
    }
    const now = rig.clock.now();
    await rig.run(5000);
    const playlist = (await rig.playlist('1-aaaaaaaa'))?.playlist;
    const rules = new MediaRules();
    const segments = playlist?.segments ?? [];
    const problems = segments.flatMap(({ uri, durationMs, discontinuity, programDateTimeMs: date = 0 }, index) => {
      const bytes = rig.content('1-aaaaaaaa', index);
      return bytes === undefined
        ? [`${uri} is not there`]
        : rules.next({ uri, durationMs, discontinuity, date }, bytes, now);
    });
    const warned = rig.events('publisher_warned').length;
    return { problems, target: playlist?.targetDurationSeconds ?? 0, warned, count: segments.length };
  } finally {
    rig.dispose();
  }
}

describe('a publisher', () => {
  it.each<[string, ClockOf]>([
    ['as it should be', (ms) => ms],
    ['with pairs of frames at one time (mediamtx#1002, OvenMediaEngine#645)', (ms) => Math.floor(ms / 80) * 80],
    ['with sound 5 s beside the picture (nginx-rtmp-module#320)', (ms, kind) => (kind === 'audio' ? ms + 5000 : ms)],
    ['that plays a file of 10 s in a loop (OvenMediaEngine#369)', (ms) => ms % 10_000],
    ['with the 33-bit clock at its end (Ant-Media-Server#6652)', (ms) => ms + Math.floor(2 ** 33 / 90) - 11_000],
    ['with the 31 bits SRS keeps at their end', (ms) => ms + 2 ** 31 - 11_000],
    [
      'whose sound stops for 6 s (srs#1630)',
      (ms, kind) => (kind === 'audio' && ms > 8000 && ms < 14_000 ? undefined : ms),
    ],
    ['whose picture stops for 3 s', (ms, kind) => (kind === 'video' && ms > 8100 && ms < 11_100 ? undefined : ms)],
    ['at half speed', (ms) => ms / 2],
    ['whose clock trembles', (ms) => ms + ((ms / 20) % 7)],
    ['that jumps an hour (OvenMediaEngine#1388)', (ms) => (ms < 9000 ? ms : ms + 3_600_000)],
    ['that begins again (hls.js#3110)', (ms) => (ms < 9000 ? ms + 5_000_000 : ms)],
  ])('%s: the playlist says what the media holds, and nobody is warned', async (_what, clock) => {
    const { problems, warned, count } = await judge(clock);
    expect(problems).toEqual([]);
    expect(warned).toBe(0);
    expect(count).toBeGreaterThan(4);
  });

  it.each<[string, ClockOf]>([
    ['with sound 28 s beside the picture (srs#597)', (ms, kind) => (kind === 'audio' ? ms + 28_000 : ms)],
    [
      'with sound at the other end of the clock (srs#1163)',
      (ms, kind) => (kind === 'audio' ? ms + 2 ** 31 - 1000 : ms),
    ],
  ])('%s is warned, and its playlist says what the media holds', async (_what, clock) => {
    const { problems, warned } = await judge(clock);
    expect(problems).toEqual([]);
    expect(warned).toBeGreaterThan(0);
  });

  it('with any jumps of its clock, at any time, has such a playlist', async () => {
    const jump = fc.record({
      at: fc.integer({ min: 2100, max: LENGTH_MS - 3000 }),
      by: fc.integer({ min: -9_000_000, max: 5_000_000 }),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(jump, { maxLength: 2 }),
        fc.integer({ min: 0, max: 2 ** 31 - 1 }),
        async (jumps, from) => {
          const clock: ClockOf = (ms) => jumps.reduce((sum, { at, by }) => (ms >= at ? sum + by : sum), from + ms);
          const { problems } = await judge(clock);
          expect(problems).toEqual([]);
        },
      ),
      { numRuns: 15 },
    );
  }, 60_000);
});
