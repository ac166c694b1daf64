import { jsonLog } from '../../../../functions/adapters/log';
import { memoryAudienceStore } from '../../../../functions/adapters/memory/audience-store';
import { memoryStreamStore } from '../../../../functions/adapters/memory/stream-store';
import { ViewerCount } from '../../../../functions/app/viewers/viewer-count';
import type { Beacon } from '../../../../functions/contract/api/viewers';
import type { Stream } from '../../../../functions/contract/state';
import { mintToken } from '../../../../functions/core/signing/token';
import { sampleOf, viewersOf } from '../../../../functions/core/viewers/audience';
import { manualClock } from '../../../support/manual-clock';
import { KEYS, NEWEST } from '../../../support/signing-keys';
import { broadcastOf, publishedStream, STREAM_ID } from '../../../support/streams';
import { AudienceWorld, STEP_SECONDS } from '../../../support/world/audience-world';

const GRANT = 'grantgrantgrant0';

it('500 viewers are counted within 5 % on three instances, a fifth of the beacons lost, a tenth doubled', async () => {
  const viewers = 500;
  const world = new AudienceWorld({ viewers, seed: 1, lost: 0.2, doubled: 0.1, instances: 3 });
  await world.open();
  const seconds = 720;
  for (let at = 0; at < seconds; at += STEP_SECONDS) {
    await world.pass();
    if (at >= 120 && at % 30 === 0) {
      const ratio = (await world.counted()).viewers / viewers;
      expect([at, ratio > 0.95 && ratio < 1.05, ratio]).toEqual([at, true, ratio]);
    }
  }
  const watched = (await world.counted()).minutes / (world.played / 60);
  expect([watched > 0.95 && watched < 1.05, watched]).toEqual([true, watched]);
  expect(world.writes).toBeLessThanOrEqual((3 * seconds) / 10);
}, 120_000);

describe('the count of viewers', () => {
  const clock = manualClock();
  let audiences = memoryAudienceStore();
  let lines: string[] = [];
  let reads = 0;

  async function countOf(more: Partial<Stream> = {}): Promise<ViewerCount> {
    audiences = memoryAudienceStore();
    lines = [];
    reads = 0;
    const streamStore = memoryStreamStore();
    await streamStore.createStream(
      publishedStream({ startedAt: clock.now() }, { unfinished: [broadcastOf()], ...more }),
    );
    const getStream = (id: string) => {
      reads += 1;
      return streamStore.getStream(id);
    };
    const log = jsonLog((line) => lines.push(line));
    const viewingSecret = 'of the test';
    return new ViewerCount({ audiences, streamStore: { getStream }, clock, log, tokenKeys: KEYS, viewingSecret });
  }

  const beaconOf = (n: number, more: Partial<Beacon> = {}): Beacon => ({
    viewing: `viewing${String(n).padStart(12, '0')}`,
    number: 1,
    way: 'hls',
    playedSeconds: 0,
    stalls: 0,
    stalledSeconds: 0,
    startupMs: 900,
    ...more,
  });
  const viewers = async () => {
    const audience = await audiences.get(STREAM_ID);
    return audience === undefined ? undefined : viewersOf(sampleOf(audience), clock.now()).all;
  };

  it('costs no read a beacon: one of a stream in 10 s, and one before a write', async () => {
    const count = await countOf();
    for (let n = 0; n < 200; n += 1) await count.take(STREAM_ID, beaconOf(n), '192.0.2.1');
    expect(reads).toBe(2);
    await clock.advance(10_000);
    expect(await viewers()).toBe(200);
  });

  it('has no audience of a stream that is not there, however many ids are tried, and stops looking', async () => {
    const count = await countOf();
    const ids = Array.from({ length: 1000 }, (_, n) => `z${String(n).padStart(15, '0')}`);
    const answers = await Promise.all(ids.map((id, n) => count.take(id, beaconOf(1), `192.0.2.${n % 100}`)));
    expect(answers.filter((answer) => answer === undefined)).toHaveLength(200);
    expect(reads).toBe(200);
    for (const id of ids) expect(await audiences.get(id)).toBeUndefined();
  });

  it.each<[string, Partial<Stream>]>([
    ['is over', { unfinished: [] }],
    ['is suspended', { suspended: { at: 0 } }],
    ['is gated, without its play token', { policy: 'gated' }],
  ])('counts nobody for a stream that %s', async (_, more) => {
    const count = await countOf(more);
    expect(await count.take(STREAM_ID, beaconOf(1, { playToken: 'slp_x' }), '192.0.2.1')).toMatchObject({
      counted: false,
    });
    await clock.advance(10_000);
    expect(await audiences.get(STREAM_ID)).toBeUndefined();
  });

  it('counts the holder of a play token, and a flood with one token twenty times at most', async () => {
    const count = await countOf({ policy: 'gated' });
    const expires = Math.floor(clock.now() / 1000) + 60;
    const playToken = mintToken('play', { streamId: STREAM_ID, grantId: GRANT, expires }, NEWEST);
    for (let n = 0; n < 100; n += 1) await count.take(STREAM_ID, beaconOf(n, { playToken }), '192.0.2.1');
    await clock.advance(10_000);
    expect(await viewers()).toBe(20);
  });

  it('bounds what one address can add', async () => {
    const count = await countOf();
    for (let n = 0; n < 1000; n += 1) await count.take(STREAM_ID, beaconOf(n), '192.0.2.1');
    expect(await count.take(STREAM_ID, beaconOf(5000), '192.0.2.2')).toMatchObject({ counted: true });
    await clock.advance(10_000);
    expect(await viewers()).toBe(301);
  });

  it('believes no more seconds than can have passed', async () => {
    const count = await countOf();
    await count.take(STREAM_ID, beaconOf(1, { playedSeconds: 600_000, stalls: 100_000 }), '192.0.2.1');
    await clock.advance(60_000);
    await count.take(STREAM_ID, beaconOf(1, { number: 2, playedSeconds: 604_800 }), '192.0.2.1');
    const { totals } = (await audiences.get(STREAM_ID)) ?? {};
    expect(totals).toMatchObject({ viewings: 1, playedSeconds: 300, stalls: 300 });
  });

  it('lets a viewer who says so leave at once, and a late beacon of before bring nobody back', async () => {
    const count = await countOf();
    await count.take(STREAM_ID, beaconOf(1), '192.0.2.1');
    await count.take(STREAM_ID, beaconOf(1, { number: 3, leaving: true }), '192.0.2.1');
    await count.take(STREAM_ID, beaconOf(1, { number: 2 }), '192.0.2.1');
    await clock.advance(10_000);
    expect(await viewers()).toBe(0);
  });

  it('keeps what could not be written, and starts from zero with the next broadcast', async () => {
    const count = await countOf();
    const { change } = audiences;
    audiences.change = () => Promise.reject(new Error('away'));
    expect(await count.take(STREAM_ID, beaconOf(1), '192.0.2.1')).toMatchObject({ counted: true });
    expect(lines.join()).toContain('viewers_not_written');
    audiences.change = change;
    await clock.advance(10_000);
    expect(await viewers()).toBe(1);
    await audiences.change(STREAM_ID, (found) => {
      if (found === undefined) throw new Error('nobody was counted');
      return { audience: { ...found, broadcastId: 'b9-zzzzzzzz' }, result: 0 };
    });
    await clock.advance(10_000);
    await count.take(STREAM_ID, beaconOf(2), '192.0.2.1');
    expect(await audiences.get(STREAM_ID)).toMatchObject({ broadcastId: broadcastOf().id, totals: { viewings: 1 } });
  });
});
