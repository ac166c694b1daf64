import { segmentOf, times, twoSeconds } from '../../../support/platform/transport-stream';
import { type FakeSrs, Rig } from '../rig';

let rig: Rig;
beforeEach(async () => {
  rig = new Rig();
  await rig.publish();
});
afterEach(() => rig.dispose());

type Options = Parameters<FakeSrs['segment']>[0];
const send = (media: Uint8Array, more: Options = {}) => rig.segment('client1', { media, ...more });

describe('a publisher whose clocks are wrong', () => {
  const clockIn = () => rig.cloud.heartbeats().at(-1)?.sessions;
  /** A segment a time, `everyMs`, for so long. */
  const flood = async (forMs: number, everyMs: number, media: (count: number) => Uint8Array, more: Options = {}) => {
    for (let count = 0; count * (everyMs + 50) < forMs && rig.srs.kicked.length === 0; count += 1) {
      await rig.run(everyMs);
      await rig.onHls(rig.srs.segment({ media: media(count), openMs: everyMs, ...more }));
    }
  };

  it.each([
    ['clock_floods', 100, (count: number) => segmentOf({ audio: [count * 230_000] })],
    ['clock_floods', 300, (count: number) => twoSeconds(count * 2000)],
    ['clock_jumps', 1950, (count: number) => twoSeconds(count * 1_000_000)],
    [
      'tracks_apart',
      1950,
      (count: number) => segmentOf({ video: times(count * 2000, 50, 40), audio: times(count * 2000 + 11_000, 80, 25) }),
    ],
  ])('is warned of %s, and cut after 30 s', async (clock, everyMs, media) => {
    await flood(20_000, everyMs, media);
    await rig.run(3000);
    expect(clockIn()).toMatchObject([{ media: { clock } }]);
    expect(rig.events('publisher_warned').map(({ fields }) => fields.code)).toContain(clock);
    expect(rig.srs.kicked).toEqual([]);
    await flood(40_000, everyMs, (count) => media(count + 1000));
    expect(rig.srs.kicked).toContain('client1');
    expect(rig.events('publisher_cut')).toMatchObject([{ fields: { reason: clock } }]);
    // Told before SRS says that it left.
    expect(clockIn()).toMatchObject([{ cut: 'media_clock' }]);
  });

  it('has 40 segments in 10 s taken at most, the rest is counted and not logged each', async () => {
    for (let count = 0; count < 400; count += 1) {
      await rig.run(25);
      rig.srs.segment({ media: segmentOf({ audio: [count * 230_000] }), openMs: 25, durationMs: 230_000 });
      if (count % 4 === 0)
        void rig.onHls(rig.srs.segment({ media: segmentOf({ audio: [count * 230_000] }), openMs: 25 }));
    }
    await rig.run(1000);
    const from = rig.clock.now() - 10_000;
    expect(
      rig.agent.sessions.open()[0]?.state.kept.filter(({ openedAt }) => openedAt > from).length,
    ).toBeLessThanOrEqual(45);
    expect(rig.events('segment_lost').length).toBeLessThan(5);
  });

  it('is cut also when none of its segments came for a while in between', async () => {
    for (let round = 0; round < 4; round += 1) {
      await flood(12_000, 100, (count) => twoSeconds((round * 1000 + count) * 2000));
      if (rig.srs.kicked.length === 0) await rig.run(12_000);
    }
    expect(rig.events('publisher_cut')).toMatchObject([{ fields: { reason: 'clock_floods' } }]);
  });

  it('is cut also when its segments come so fast that SRS has removed them before they were taken', async () => {
    for (let count = 0; count < 450 && rig.srs.kicked.length === 0; count += 1) {
      await rig.run(50);
      const segment = rig.srs.segment({ media: twoSeconds(count * 2000), openMs: 100 });
      if (count % 40 !== 0) rig.srs.remove(segment);
      await rig.onHls(segment);
    }
    expect(rig.events('publisher_cut')).toMatchObject([{ fields: { reason: 'clock_floods' } }]);
  });

  it('for a while is warned, then left in peace', async () => {
    await flood(15_000, 100, (count) => twoSeconds(count * 2000));
    for (let count = 0; count < 15; count += 1) await send(twoSeconds(count * 2000));
    expect(rig.events('publisher_warned')).toHaveLength(1);
    expect(rig.srs.kicked).toEqual([]);
    expect(clockIn()).not.toMatchObject([{ media: { clock: expect.anything() } }]);
  });

  it.each([
    ['a stall of the network that is caught up at once', 8, 8],
    ['a backlog at the beginning', 0, 7],
  ])('is not %s', async (_what, before, count) => {
    for (let at = 0; at < before; at += 1) await send(twoSeconds(at * 2000));
    await rig.run(count * 2000);
    for (let at = before; at < before + count; at += 1)
      await rig.onHls(rig.srs.segment({ media: twoSeconds(at * 2000), openMs: 50 }));
    for (let at = before + count; at < before + count + 5; at += 1) await send(twoSeconds(at * 2000));
    expect(rig.events('publisher_warned')).toEqual([]);
  });
});
