import fc from 'fast-check';
import { probe } from '../../../../srs-image/agent/inspect/probe';
import { straighten } from '../../../../srs-image/agent/inspect/straighten';
import { segmentOf, times, twoSeconds } from '../../../support/platform/transport-stream';

const HOUR = 3_600_000;
/** Milliseconds after which 33 bits of 90 kHz start again at 0. */
const END_OF_TS_CLOCK = Math.floor(2 ** 33 / 90);

describe('a segment measured by its own packets', () => {
  it('is the time of both tracks, the size of the picture and the format of the sound', () => {
    expect(probe(twoSeconds(10_000), 2000)).toMatchObject({
      video: { frames: 50, startMs: 10_000, endMs: 12_000, heldMs: 2000, jumps: [] },
      audio: { frames: 80, startMs: 10_000, endMs: 12_000, heldMs: 2000, jumps: [] },
      format: { codec: 'avc1.42c00c', width: 320, height: 180, startsWithKey: true, audioObjectType: 2 },
    });
  });

  it.each([
    ['an hour forward', HOUR],
    ['5000 s back', -5_000_000],
    ['half the RTMP clock back', -(2 ** 31)],
  ])('does not grow by a clock that jumps %s', (_what, by) => {
    const ts = segmentOf({
      video: times(5_000_000_000 - 4_990_000_000 + HOUR, 50, 40, { at: 25, by }),
      audio: times(10_000_000 + HOUR, 80, 25, { at: 40, by }),
    });
    const seen = probe(ts, 2000);
    expect(seen?.video).toMatchObject({ heldMs: 2000, jumps: [{ ticks: expect.any(Number) }] });
    expect(seen?.audio?.heldMs).toBe(2000);
  });

  it('goes on through the end of the 33-bit clock', () => {
    const from = END_OF_TS_CLOCK - 1000;
    expect(probe(twoSeconds(from), 2000)?.video).toMatchObject({ heldMs: expect.closeTo(2000, -1), jumps: [] });
  });

  it('is as long as a pause of the encoder that the wall clock saw too', () => {
    const ts = segmentOf({ video: times(0, 50, 40, { at: 25, by: 5000 }) });
    expect(probe(ts, 7000)?.video).toMatchObject({ heldMs: 7000, jumps: [] });
  });

  it('lacks a track that only the tables name', () => {
    expect(probe(segmentOf({ video: times(0, 50, 40) }), 2000)?.audio).toBeUndefined();
  });

  it('is nothing for bytes that are none', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2000 }), fc.nat(3000), (noise, at) => {
        expect(() => probe(noise, 2000)).not.toThrow();
        const broken = twoSeconds(0);
        broken.set(noise, at);
        const seen = probe(broken, 2000);
        if (seen !== undefined) expect(() => straighten(broken, seen)).not.toThrow();
      }),
      { numRuns: 40 },
    );
    expect(probe(Buffer.from('not a transport stream'), 2000)).toBeUndefined();
  });
});

describe('a segment with a jump inside', () => {
  it('is played through: both tracks go on where they were, clock references too', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: END_OF_TS_CLOCK - 1 }),
        fc.oneof(fc.integer({ min: 10_000, max: HOUR * 12 }), fc.integer({ min: -HOUR * 12, max: -1000 })),
        fc.integer({ min: 5, max: 45 }),
        (from, by, at) => {
          const ts = segmentOf({
            video: times(from, 50, 40, { at, by }),
            audio: times(from, 80, 25, { at: Math.round((at * 80) / 50), by }),
          });
          const seen = probe(ts, 2000);
          expect(seen?.video?.jumps).toHaveLength(1);
          const straight = straighten(ts, seen ?? {});
          expect(straight).toEqual(twoSeconds(from));
          expect(straight).not.toBe(ts);
        },
      ),
      { numRuns: 40 },
    );
  });

  it('without one keeps its bytes', () => {
    const ts = twoSeconds(0);
    expect(straighten(ts, probe(ts, 2000) ?? {})).toBe(ts);
  });
});
