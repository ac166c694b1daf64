import fc from 'fast-check';
import { cutWithin } from '../../../../srs-image/agent/inspect/cut-within';
import { probe } from '../../../../srs-image/agent/inspect/probe';
import { offerOf } from '../../../support/network/sdp';
import { segmentOf, times } from '../../../support/platform/transport-stream';
import { API, KEY, Rig, STREAM } from '../rig';

const FRAME_MS = 50;

/** A browser's segment of so many milliseconds, whose keyframes are at `keys` milliseconds. */
const browserSegment = (durationMs: number, keys: readonly number[], fromMs = 0): Uint8Array =>
  segmentOf({
    video: times(fromMs, durationMs / FRAME_MS, FRAME_MS),
    audio: times(fromMs, Math.floor(durationMs / 25), 25),
    keys: keys.map((ms) => ms / FRAME_MS),
  });

const cut = (durationMs: number, keysMs: readonly number[], seconds = 2) => {
  const ts = browserSegment(durationMs, keysMs);
  const { keys = [] } = probe(ts, durationMs) ?? {};
  return cutWithin(ts, { keys, durationMs, seconds });
};
const durations = (...given: Parameters<typeof cut>) => cut(...given).map(({ durationMs }) => durationMs);

describe('a segment that the media server cut too late', () => {
  it.each<[string, number, number[], number[]]>([
    ['of 2 s is one', 2000, [0], [2000]],
    ['that rounds to 2 s is one, whatever keyframes it has', 2450, [0, 300, 1250], [2450]],
    ['whose keyframe came a moment early is cut there', 3900, [0, 1750], [1750, 2150]],
    ['that begins without a keyframe is cut at the one it has', 3600, [1500], [1500, 2100]],
    ['has no stub for a keyframe that came at once', 4100, [0, 50, 2050], [2050, 2050]],
    ['is cut at the last keyframe that is early enough', 3900, [0, 500, 1800, 2300], [2300, 1600]],
    ['of three groups is cut twice', 6200, [0, 1900, 4100], [1900, 2200, 2100]],
    ['with a keyframe that came too late is cut there: no other helps', 5000, [0, 2900], [2900, 2100]],
    ['that only a stub would shorten is one', 2900, [0, 50], [2900]],
    ['without a keyframe inside cannot be cut', 4000, [0], [4000]],
  ])('%s', (_what, durationMs, keys, expected) => {
    expect(durations(durationMs, keys)).toEqual(expected);
  });

  it('is left as it is where longer segments are wanted', () => {
    expect(durations(4100, [0, 2050], 4)).toEqual([4100]);
  });

  it('repeats no packet when the clock goes back a little between two keyframes', () => {
    const ts = browserSegment(6000, [0, 2000, 2050, 5000]);
    const [first, early, late, last] = probe(ts, 6000)?.keys ?? [];
    if (first === undefined || early === undefined || late === undefined || last === undefined) throw new Error('keys');
    const keys = [first, { ...early, ms: 2150 }, { ...late, ms: 2000 }, last];
    const parts = cutWithin(ts, { keys, durationMs: 6000, seconds: 2 });
    const frames = parts.map(({ bytes }) => probe(bytes, 2000)?.video?.frames ?? 0);
    expect(frames.reduce((sum, each) => sum + each, 0)).toBe(120);
    expect(Math.min(...frames)).toBeGreaterThan(0);
  });

  it('loses and repeats no packet, and each part begins with a picture that decodes, for any keyframes', () => {
    const frame = fc.integer({ min: 1, max: 119 }).map((at) => at * FRAME_MS);
    fc.assert(
      fc.property(fc.uniqueArray(frame, { maxLength: 12 }), (keys) => {
        const parts = cut(6000, [0, ...keys]);
        const seen = parts.map(({ bytes, durationMs = 0 }) => probe(bytes, durationMs));
        expect(seen.map((each) => each?.format.startsWithKey)).toEqual(parts.map(() => true));
        expect(seen.reduce((sum, each) => sum + (each?.video?.frames ?? 0), 0)).toBe(120);
        expect(seen.reduce((sum, each) => sum + (each?.audio?.frames ?? 0), 0)).toBe(240);
        expect(parts.reduce((sum, { durationMs = 0 }) => sum + durationMs, 0)).toBe(6000);
      }),
      { numRuns: 60 },
    );
  });
});

describe('a publish whose keyframe came a moment too early to cut', () => {
  let rig: Rig;
  beforeEach(() => {
    rig = new Rig();
  });
  afterEach(() => rig.dispose());

  const SEGMENTS: readonly (readonly [number, readonly number[]])[] = [
    [2000, [0]],
    [3900, [0, 1750]],
    [2100, [0]],
  ];
  /** Tells of the segments, and returns what the session's playlist says: target duration, EXTINF, discontinuities. */
  const listed = async (clientId: string) => {
    let from = 0;
    for (const [durationMs, keys] of SEGMENTS) {
      const media = Buffer.from(browserSegment(durationMs, keys, from));
      await rig.run(durationMs);
      await rig.onHls(rig.srs.segment({ media, durationMs, openMs: durationMs }), clientId);
      from += durationMs;
    }
    await rig.run(5000);
    const [session] = rig.agent.sessions.open();
    const { playlist } = (await rig.playlist(session?.ref.sessionId ?? '')) ?? {};
    const segments = playlist?.segments.map(({ durationMs, discontinuity }) => [durationMs, discontinuity]);
    return { target: playlist?.targetDurationSeconds, segments };
  };

  it('has segments of two seconds from a browser, no discontinuity and no other target duration', async () => {
    const offer = { kind: 'publish', streamId: STREAM, secret: KEY, address: '198.51.100.9', sdp: offerOf() };
    await rig.call('POST', '/rtc/offer', { caller: API, body: JSON.stringify(offer) });
    rig.srs.publishing('media1', STREAM);
    const segments = [2000, 1750, 2150, 2100].map((durationMs) => [durationMs, false]);
    expect(await listed('media1')).toEqual({ target: 2, segments });
  });

  it('is left as it is from an encoder, whose keyframe interval is its own to set', async () => {
    await rig.publish();
    const segments = [2000, 3900, 2100].map((durationMs) => [durationMs, false]);
    expect(await listed('client1')).toEqual({ target: 4, segments });
  });
});
