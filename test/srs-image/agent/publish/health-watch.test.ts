import { NodeHealth } from '../../../../functions/contract/hooks/session-health';
import { Heartbeat } from '../../../../functions/contract/hooks/srs';
import { paceOf, problemsOf } from '../../../../srs-image/agent/publish/rolling-health';
import { segmentOf, times } from '../../../support/platform/transport-stream';
import { virtualClock } from '../../../support/virtual-clock';
import { API, Rig, STREAM } from '../rig';

let rig: Rig;
beforeEach(async () => {
  rig = new Rig();
  await rig.publish();
});
afterEach(() => rig.dispose());

/** `seconds` of a publisher that SRS counts `bytes` a second of, with a segment every 2 s. */
async function send(seconds: number, bytes: number, withSegments = true): Promise<void> {
  for (let second = 1; second <= seconds; second += 1) {
    rig.srs.streams = rig.srs.streams.map((each) => ({ ...each, receivedBytes: each.receivedBytes + bytes }));
    await rig.run(1000);
    if (withSegments && second % 2 === 0) await rig.onHls(rig.srs.segment(), 'client1');
  }
}
const reported = () => Heartbeat.parse(rig.cloud.heartbeats().at(-1)).sessions[0]?.health;
const minutes = async () => NodeHealth.parse((await rig.get(`/health/${STREAM}`, API)).body).minutes;

describe('the health of a session', () => {
  it('is in each heartbeat: what arrives a second, losses, and the lag of the upload', async () => {
    await send(24, 250_000);
    expect(reported()).toMatchObject({ outBitsPerSecond: 0, lostSegments: 0 });
    expect(reported()?.inBitsPerSecond).toBeGreaterThan(1_800_000);
    expect(reported()?.inBitsPerSecond).toBeLessThan(2_200_000);
    expect(reported()?.uploadLagSeconds).toBeLessThan(3);
  });

  it('falls to nothing within seconds when nothing arrives, and says that media is slow', async () => {
    await send(40, 250_000);
    expect(reported()?.problems).toBeUndefined();
    await send(24, 0, false);
    expect(reported()).toMatchObject({ inBitsPerSecond: 0, problems: ['slow_arrival'] });
  });

  it('is a point a minute of the last hour, for the API only', async () => {
    await send(130, 125_000);
    const measured = await minutes();
    expect(measured.length).toBeGreaterThanOrEqual(3);
    expect(measured.map(({ at }) => at % 60_000)).toEqual(measured.map(() => 0));
    expect(measured.at(-2)?.inBitsPerSecond).toBeGreaterThan(900_000);
    expect((await rig.get(`/health/${STREAM}`)).status).toBe(401);
  });

  it('counts bytes from 0 when SRS does', async () => {
    await send(20, 250_000);
    rig.srs.streams = rig.srs.streams.map((each) => ({ ...each, receivedBytes: 0 }));
    await send(12, 250_000);
    expect(reported()?.inBitsPerSecond).toBeLessThan(2_300_000);
  });

  it('goes with its publisher', async () => {
    await send(10, 250_000);
    await rig.hook('on_unpublish');
    await rig.run(12_000);
    expect(reported()).toBeUndefined();
    expect(await minutes()).not.toEqual([]);
  });
});

describe('the bytes that SRS counts in steps of 3 s', () => {
  /** As SRS 6.0.157 and 5.0.216 counted a stream of 0.68 Mbit/s, at each step. */
  const STEPS = [3419, 224_898, 478_193, 742_002, 997_059, 1_283_145, 1_546_000, 1_790_280, 2_050_783, 2_292_737];
  const MEASURED = ((2_292_737 - 224_898) * 8) / (8 * 3);

  it.each([0, 1, 2])(
    'are the right bits a second from the first minute on, looked at %d s after a step',
    async (late) => {
      const rates: number[] = [];
      for (let second = late; second < 30; second += 1) {
        const receivedBytes = STEPS[Math.floor(second / 3)] ?? 0;
        rig.srs.streams = rig.srs.streams.map((each) => ({ ...each, receivedBytes }));
        await rig.run(1000);
        rates.push(...(await minutes()).flatMap(({ inBitsPerSecond }) => inBitsPerSecond ?? []));
      }
      expect(rates.length).toBeGreaterThan(15);
      expect(Math.max(...rates)).toBeLessThan(MEASURED * 1.1);
      expect(Math.min(...rates)).toBeGreaterThan(MEASURED * 0.9);
    },
  );
});

describe('a publisher whose clock jumps inside segments', () => {
  it('is not slow: all parts of a file that is cut count', async () => {
    let clock = 0;
    for (let file = 0; file < 6; file += 1) {
      const jump = { at: 25, by: file % 2 === 0 ? 5_000_000 : -5_000_000 };
      const media = segmentOf({
        video: times(clock, 100, 40, jump),
        audio: times(clock, 160, 25, jump),
        keys: [0, 50],
      });
      await rig.run(4000);
      await rig.onHls(rig.srs.segment({ media, durationMs: 3000, openMs: 4000 }), 'client1');
      clock += 4000 + jump.by;
    }
    await rig.run(3000);
    expect(reported()?.problems).toBeUndefined();
  });
});

describe('a clock of the node that is set during a broadcast', () => {
  it.each([
    ['an hour ahead', 3_600_000],
    ['an hour back', -3_600_000],
  ])('%s changes neither the lag of the upload nor the bits a second', async (_how, by) => {
    rig.dispose();
    const clock = virtualClock();
    let setBy = 0;
    const node = {
      ...clock,
      now: () => clock.now() + setBy,
      run: (until = Number.POSITIVE_INFINITY) => clock.run(until - setBy),
    };
    rig = new Rig({ clock: node });
    await rig.publish();
    await send(20, 250_000);
    setBy = by;
    await send(40, 250_000);
    const health = reported();
    expect(health?.uploadLagSeconds).toBeLessThan(3);
    expect(health?.problems).toBeUndefined();
    expect(health?.inBitsPerSecond).toBeGreaterThan(1_800_000);
    expect(health?.inBitsPerSecond).toBeLessThan(2_200_000);
  });
});

describe('a problem', () => {
  const judge = (framesPerSecond: number, before: ('few_frames' | 'slow_arrival')[] = []) =>
    problemsOf({ framesPerSecond, lostSegments: 0 }, { pace: 1, usual: 30, before });

  it('begins below its first bound and ends at its second, so that it does not come and go at one value', () => {
    expect(judge(20)).toEqual([]);
    expect(judge(17)).toEqual(['few_frames']);
    expect(judge(20, ['few_frames'])).toEqual(['few_frames']);
    expect(judge(25, ['few_frames', 'slow_arrival'])).toEqual([]);
  });

  it('stays as it was where nothing is known', () => {
    const unknown = { pace: undefined, usual: undefined };
    expect(problemsOf({ lostSegments: 0 }, { ...unknown, before: ['upload_behind'] })).toEqual(['upload_behind']);
    expect(problemsOf({ lostSegments: 0, uploadLagSeconds: 1 }, { ...unknown, before: ['upload_behind'] })).toEqual([]);
  });

  it('is not told of long segments that are on time, which come in steps of 10 s', () => {
    const segments = [0, 10_000, 20_000, 30_000].map((at) => ({ at, durationMs: 10_000, pictures: 1, keyframes: 1 }));
    expect(paceOf(segments, 39_000)).toBe(1);
    expect(paceOf(segments.slice(0, 3), 39_000)).toBeUndefined();
  });
});
