import { segmentOf, times, twoSeconds } from '../../../support/platform/transport-stream';
import { type FakeSrs, Rig } from '../rig';

/** Publishers whose clocks and tracks are odd: what the session playlist, and so every viewer, gets of them. */
let rig: Rig;
beforeEach(async () => {
  rig = new Rig();
  await rig.publish();
});
afterEach(() => rig.dispose());

const HOUR = 3_600_000;
type Options = Parameters<FakeSrs['segment']>[0];
const send = (media: Uint8Array, more: Options = {}) => rig.segment('client1', { media, ...more });
/** After what was sent is uploaded. */
const listed = async (session = '1-aaaaaaaa') => {
  await rig.run(3000);
  const found = await rig.playlist(session);
  return {
    target: found?.playlist.targetDurationSeconds,
    attributes: JSON.parse(found?.metadata.attributes ?? '{}'),
    segments: (found?.playlist.segments ?? []).map(({ durationMs, discontinuity, programDateTimeMs = 0 }) => ({
      durationMs,
      discontinuity,
      date: programDateTimeMs,
    })),
  };
};
const breaks = ({ segments }: Awaited<ReturnType<typeof listed>>) =>
  segments.flatMap(({ discontinuity }, index) => (discontinuity ? index : []));
const durations = ({ segments }: Awaited<ReturnType<typeof listed>>) => segments.map(({ durationMs }) => durationMs);

describe('a clock that jumps', () => {
  it.each([
    ['forward by an hour', 10_000, HOUR],
    ['back to 0', 5_000_000, -5_000_000],
    ['over the end of the 33-bit clock', Math.floor(2 ** 33 / 90) - 4000, -Math.floor(2 ** 33 / 90)],
  ])('%s between two segments is a discontinuity, whatever SRS counts', async (_what, from, by) => {
    await send(twoSeconds(from));
    // SRS counts to the next keyframe, the jump with it.
    await send(twoSeconds(from + 2000), { durationMs: Math.abs(by) + 2000, openMs: 2000 });
    await send(twoSeconds(from + 4000 + by));
    await send(twoSeconds(from + 6000 + by));
    const playlist = await listed();
    expect(durations(playlist)).toEqual([2000, 2000, 2000, 2000]);
    expect(breaks(playlist)).toEqual([2]);
    expect(playlist.target).toBe(2);
    const dates = playlist.segments.map(({ date }) => date);
    // To the wall clock at a break: a hook takes 50 ms here.
    for (const [index, date] of dates.entries()) expect(date - (dates[0] ?? 0) - index * 2000).toBeLessThanOrEqual(150);
  });

  it('in mid-segment is taken out of its time stamps, and the next segment is a discontinuity', async () => {
    await send(twoSeconds(0));
    const jump = { video: times(2000, 50, 40, { at: 25, by: HOUR }), audio: times(2000, 80, 25, { at: 40, by: HOUR }) };
    await send(segmentOf(jump), { durationMs: HOUR + 2000, openMs: 2000 });
    await send(twoSeconds(4000 + HOUR));
    const playlist = await listed();
    expect(durations(playlist)).toEqual([2000, 2000, 2000]);
    expect(breaks(playlist)).toEqual([2]);
    expect(rig.content('1-aaaaaaaa', 1)).toEqual(Buffer.from(twoSeconds(2000)));
  });

  it('where SRS cuts in mid-picture goes on until the next keyframe, since no decoder can begin there', async () => {
    await send(twoSeconds(0));
    await send(segmentOf({ video: times(2000, 25, 40), audio: times(2000, 40, 25) }), {
      durationMs: HOUR,
      openMs: 1000,
    });
    await send(twoSeconds(3000 + HOUR, { keys: [] }));
    await send(twoSeconds(5000 + HOUR));
    const playlist = await listed();
    expect(durations(playlist)).toEqual([2000, 1000, 2000, 2000]);
    expect(breaks(playlist)).toEqual([3]);
    expect(rig.content('1-aaaaaaaa', 2)).toEqual(Buffer.from(twoSeconds(3000, { keys: [] })));
  });

  it('that confuses SRS about where to cut makes no segment longer: it is cut at its keyframes', async () => {
    await send(twoSeconds(5_000_000));
    await send(twoSeconds(5_002_000));
    const pictures = times(5_004_000, 100, 40, { at: 25, by: -5_000_000 });
    const sound = times(5_004_000, 160, 25, { at: 40, by: -5_000_000 });
    await send(segmentOf({ video: pictures, audio: sound, keys: [0, 50] }), { durationMs: 3000, openMs: 4000 });
    await send(twoSeconds(8000));
    const playlist = await listed();
    expect(durations(playlist)).toEqual([2000, 2000, 2000, 2000, 2000]);
    expect(breaks(playlist)).toEqual([4]);
    expect(playlist.target).toBe(2);
    expect([2, 3].map((number) => rig.content('1-aaaaaaaa', number))).toEqual(
      [5_004_000, 5_006_000].map((from) => Buffer.from(twoSeconds(from))),
    );
  });

  it('with every frame gives segments as long as they took, and no date in the future', async () => {
    await send(twoSeconds(0));
    await send(twoSeconds(2000));
    for (let count = 1; count < 40; count += 1) {
      await rig.run(25);
      const media = segmentOf({ audio: [count * 230_000] });
      await rig.onHls(rig.srs.segment({ media, durationMs: 230_000, openMs: 25 }));
    }
    const now = rig.clock.now();
    const playlist = await listed();
    expect(Math.max(...durations(playlist).slice(2))).toBeLessThanOrEqual(50);
    expect(playlist.target).toBe(2);
    const dates = playlist.segments.map(({ date }) => date);
    expect(dates).toEqual(dates.toSorted((a, b) => a - b));
    expect((dates.at(-1) ?? 0) - now).toBeLessThan(2000);
  });

  it('of the sound alone makes no segment longer', async () => {
    for (let at = 0; at < 4; at += 1) {
      const media = segmentOf({ video: times(at * 2000, 50, 40), audio: times(at * 2000 + 100_000, 80, 25) });
      await send(media, { durationMs: 100_000, openMs: 2000 });
    }
    const playlist = await listed();
    expect(durations(playlist)).toEqual([2000, 2000, 2000, 2000]);
    expect(breaks(playlist)).toEqual([]);
  });
});

describe('program date time', () => {
  it('stays within a segment of the wall clock when the publisher’s clock is slow', async () => {
    for (let at = 0; at < 12; at += 1) {
      await rig.run(2000);
      await send(twoSeconds(at * 2000), { openMs: 4000 });
    }
    const end = rig.clock.now();
    const { segments } = await listed();
    expect(Math.abs((segments.at(-1)?.date ?? 0) + 4000 - end)).toBeLessThanOrEqual(2000 + 2000);
    expect(segments.map(({ date }) => date)).toEqual(segments.map(({ date }) => date).toSorted((a, b) => a - b));
  });

  it('keeps its sums over a stall of the network that is caught up', async () => {
    for (let at = 0; at < 3; at += 1) await send(twoSeconds(at * 2000));
    await rig.run(3000);
    await send(twoSeconds(6000), { openMs: 5000 });
    await rig.onHls(rig.srs.segment({ media: twoSeconds(8000), openMs: 50 }));
    const dates = (await listed()).segments.map(({ date }) => date);
    expect(dates.map((date) => date - (dates[0] ?? 0))).toEqual([0, 2000, 4000, 6000, 8000]);
  });
});

describe('tracks that change', () => {
  it('are described again behind a discontinuity: another size', async () => {
    await send(twoSeconds(0));
    await send(twoSeconds(2000));
    expect((await listed()).attributes).toMatchObject({ codecs: 'avc1.42c00c,mp4a.40.2', width: 320, height: 180 });
    await send(twoSeconds(4000, { size: 'large' }));
    const playlist = await listed();
    expect(playlist.attributes).toMatchObject({ codecs: 'avc1.42c028,mp4a.40.2', width: 1920, height: 1080 });
    expect(breaks(playlist)).toEqual([2]);
  });

  it('are described again behind a discontinuity: another sampling rate', async () => {
    await send(twoSeconds(0));
    await send(twoSeconds(2000, { rateIndex: 3 }));
    expect(breaks(await listed())).toEqual([1]);
  });

  it('are described again behind a discontinuity: sound that comes late, and vanishes again', async () => {
    const mute = (from: number) => segmentOf({ video: times(from, 50, 40) });
    rig.srs.streams = rig.srs.streams.map((each) => ({
      ...each,
      media: { video: { codec: 'H264', width: 320, height: 180 } },
    }));
    await rig.run(1000);
    await send(mute(0));
    await send(mute(2000));
    expect((await listed()).attributes.codecs).toBe('avc1.42c00c');
    await send(twoSeconds(4000));
    expect((await listed()).attributes.codecs).toBe('avc1.42c00c,mp4a.40.2');
    await send(mute(6000));
    const playlist = await listed();
    expect(playlist.attributes.codecs).toBe('avc1.42c00c');
    expect(breaks(playlist)).toEqual([2, 3]);
  });

  it('in a stub at the end change nothing', async () => {
    await send(twoSeconds(0));
    await send(segmentOf({ video: times(2000, 10, 40) }), { durationMs: 400 });
    const playlist = await listed();
    expect(playlist.attributes.codecs).toBe('avc1.42c00c,mp4a.40.2');
    expect(breaks(playlist)).toEqual([]);
  });
});

describe('a track that is offered and late', () => {
  const mute = (from: number) => segmentOf({ video: times(from, 50, 40) });

  it('keeps the first segments out, so that every player starts with both', async () => {
    await send(mute(0));
    await send(mute(2000));
    // A few frames of sound at the very end: a player would wait for the rest.
    await send(segmentOf({ video: times(4000, 50, 40), audio: times(5900, 4, 25) }));
    await send(twoSeconds(6000));
    await send(twoSeconds(8000));
    const playlist = await listed();
    expect(playlist.segments).toHaveLength(2);
    expect(rig.content('1-aaaaaaaa', 0)).toEqual(Buffer.from(twoSeconds(6000)));
    expect(playlist.attributes.codecs).toBe('avc1.42c00c,mp4a.40.2');
    expect(breaks(playlist)).toEqual([]);
    expect(rig.events('segment_left_out')).toHaveLength(3);
    expect(rig.events('segment_lost')).toEqual([]);
  });

  it('on a clock 5 s beside the other’s is not late', async () => {
    const beside = (from: number) => segmentOf({ video: times(from, 50, 40), audio: times(from + 5000, 80, 25) });
    await send(beside(0));
    await send(beside(2000));
    const playlist = await listed();
    expect(playlist.segments).toHaveLength(2);
    expect(playlist.attributes.codecs).toBe('avc1.42c00c,mp4a.40.2');
  });

  it('is waited for no longer than 10 s', async () => {
    for (let at = 0; at < 7; at += 1) await send(mute(at * 2000));
    const playlist = await listed();
    expect(playlist.segments).toHaveLength(2);
    expect(playlist.attributes.codecs).toBe('avc1.42c00c');
  });

  it('is not waited for in the middle of a session', async () => {
    await send(twoSeconds(0));
    await send(mute(2000));
    expect((await listed()).segments).toHaveLength(2);
  });

  it('that never came costs a short broadcast nothing', async () => {
    await send(mute(0));
    await send(mute(2000));
    await rig.unpublish();
    expect((await listed()).segments).toHaveLength(2);
  });

  it('keeps its numbers over a restart of the agent', async () => {
    await send(mute(0));
    await rig.crash();
    rig.restart();
    await rig.run(6000);
    await send(twoSeconds(2000));
    await send(twoSeconds(4000));
    expect(rig.content('1-aaaaaaaa', 0)).toEqual(Buffer.from(twoSeconds(2000)));
  });
});
