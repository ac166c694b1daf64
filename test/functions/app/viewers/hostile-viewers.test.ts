import { jsonLog } from '../../../../functions/adapters/log';
import { memoryAudienceStore } from '../../../../functions/adapters/memory/audience-store';
import { memoryStreamStore } from '../../../../functions/adapters/memory/stream-store';
import { ViewerCount } from '../../../../functions/app/viewers/viewer-count';
import type { Beacon, BeaconAnswer } from '../../../../functions/contract/api/viewers';
import { sha256Hex } from '../../../../functions/core/signing/hash';
import { sampleOf, viewersOf } from '../../../../functions/core/viewers/audience';
import type { AudienceStore } from '../../../../functions/ports/stores';
import { manualClock } from '../../../support/manual-clock';
import { broadcastOf, publishedStream } from '../../../support/streams';

const streamOf = (n: number) => `s${String(n).padStart(15, '0')}`;
const unknownOf = (n: number) => `z${String(n).padStart(15, '0')}`;
const addressOf = (n: number) => `198.51.100.${n % 250}`;
const nameOf = (n: number) => `viewing${String(n).padStart(12, '0')}`;
const beaconOf = (viewing: string): Beacon => ({
  viewing,
  number: 1,
  way: 'hls',
  playedSeconds: 0,
  stalls: 0,
  stalledSeconds: 0,
  startupMs: 900,
});
/** Lets everything that waits for nothing else go on. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('the count of viewers with a hostile sender or a slow store', () => {
  const clock = manualClock();

  async function rig(
    streams: number,
    change?: (memory: AudienceStore) => AudienceStore['change'],
    askedTime: () => void = () => undefined,
  ) {
    const memory = memoryAudienceStore();
    const streamStore = memoryStreamStore();
    for (let n = 0; n < streams; n += 1) {
      const published = publishedStream({ startedAt: clock.now() }, { unfinished: [broadcastOf()] });
      await streamStore.createStream({ ...published, id: streamOf(n) });
    }
    const audiences = { ...memory, ...(change && { change: change(memory) }) };
    const log = jsonLog(() => undefined);
    const now = () => {
      askedTime();
      return clock.now();
    };
    const viewingSecret = 'of the test';
    const count = new ViewerCount({
      audiences,
      streamStore,
      log,
      viewingSecret,
      clock: { ...clock, now },
      tokenKeys: [],
    });
    const viewers = async (n: number) => {
      const audience = await audiences.get(streamOf(n));
      return audience === undefined ? 0 : viewersOf(sampleOf(audience), clock.now()).all;
    };
    const viewings = async (n: number) => (await audiences.get(streamOf(n)))?.totals.viewings;
    return { count, viewers, viewings };
  }

  it('answers a beacon of a stream while the last ones of another stream are due and cannot be written', async () => {
    let store: 'away' | 'stuck' | undefined;
    const { count } = await rig(2, (memory) => (id, decide) => {
      if (id !== streamOf(0) || store === undefined) return memory.change(id, decide);
      return store === 'away' ? Promise.reject(new Error('away')) : new Promise(() => undefined);
    });
    store = 'away';
    await count.take(streamOf(0), beaconOf(nameOf(0)), addressOf(0));
    for (const _ of [1, 2]) await clock.advance(10_000);
    store = 'stuck';
    const answers: (BeaconAnswer | undefined)[] = [];
    const ask = async () => answers.push(await count.take(streamOf(1), beaconOf(nameOf(1)), addressOf(1)));
    void ask();
    await settled();
    expect(answers).toMatchObject([{ counted: true }]);
  });

  it('loses nobody to a flood of unknown ids while the store is away', async () => {
    let isAway = true;
    const { count, viewings } = await rig(
      1,
      (memory) => (id, decide) => (isAway ? Promise.reject(new Error('away')) : memory.change(id, decide)),
    );
    await count.take(streamOf(0), beaconOf(nameOf(0)), addressOf(0));
    for (let n = 0; n < 3000; n += 1) {
      await count.take(unknownOf(n), beaconOf(nameOf(n)), addressOf(n));
      if (n % 10 === 0) await clock.advance(1000);
    }
    isAway = false;
    await count.take(streamOf(0), beaconOf(nameOf(1)), addressOf(0));
    await clock.advance(10_000);
    await settled();
    expect(await viewings(0)).toBe(2);
  });

  it('counts a stream nobody asked for yet while one address tries a thousand unknown ids', async () => {
    const { count } = await rig(1);
    for (let n = 0; n < 1000; n += 1) await count.take(unknownOf(n), beaconOf(nameOf(n)), addressOf(1));
    expect(await count.take(streamOf(0), beaconOf(nameOf(0)), addressOf(2))).toMatchObject({ counted: true });
  });

  it('writes the due audiences of two hundred streams, a bounded number of them at once', async () => {
    let now = 0;
    let most = 0;
    const { count, viewings } = await rig(200, (memory) => async (id, decide) => {
      now += 1;
      most = Math.max(most, now);
      await settled();
      now -= 1;
      return memory.change(id, decide);
    });
    for (const viewing of ['first', 'second'])
      for (let n = 0; n < 200; n += 1)
        await count.take(streamOf(n), beaconOf(nameOf(n).replace('viewing', viewing)), addressOf(n));
    most = 0;
    await clock.advance(60_000);
    for (let n = 0; n < 100; n += 1) await settled();
    expect(most).toBeLessThan(20);
    for (let n = 0; n < 200; n += 1) expect([n, await viewings(n)]).toEqual([n, 2]);
  });

  it('asks the clock no more often for a beacon while more streams have unwritten viewings', async () => {
    const asked = async (streams: number) => {
      let asks = 0;
      const { count } = await rig(streams, undefined, () => {
        asks += 1;
      });
      for (const viewing of ['first', 'second'])
        for (let n = 0; n < streams; n += 1)
          await count.take(streamOf(n), beaconOf(nameOf(n).replace('viewing', viewing)), addressOf(n));
      asks = 0;
      await count.take(streamOf(0), beaconOf(nameOf(0)), addressOf(0));
      return asks;
    };
    expect(await asked(100)).toBe(await asked(10));
  });

  it('writes a last beacon that came between a write of its stream and the look for what is due', async () => {
    const { count, viewings } = await rig(1);
    const take = (n: number) => count.take(streamOf(0), beaconOf(nameOf(n)), addressOf(n));
    await take(0);
    await clock.advance(1000);
    await take(1);
    await clock.advance(9000);
    await take(2);
    await take(3);
    for (const _ of [1, 2]) await clock.advance(10_000);
    await settled();
    expect(await viewings(0)).toBe(4);
  });

  it('writes the last beacons once the store is back, without a further one', async () => {
    let isAway = false;
    const { count, viewings } = await rig(
      1,
      (memory) => (id, decide) => (isAway ? Promise.reject(new Error('away')) : memory.change(id, decide)),
    );
    for (const n of [0, 1]) await count.take(streamOf(0), beaconOf(nameOf(n)), addressOf(n));
    isAway = true;
    for (const _ of [1, 2]) await clock.advance(10_000);
    isAway = false;
    for (const _ of [1, 2]) await clock.advance(10_000);
    expect(await viewings(0)).toBe(2);
  });

  it('is not multiplied by viewings whose names were chosen so that the sample keeps them', async () => {
    const { count, viewers } = await rig(1);
    const chosen: string[] = [];
    for (let n = 0; chosen.length < 3000; n += 1)
      if (
        sha256Hex(`${streamOf(0)} ${nameOf(n)}`)
          .slice(0, 12)
          .endsWith('0')
      )
        chosen.push(nameOf(n));
    for (const [n, name] of chosen.entries()) await count.take(streamOf(0), beaconOf(name), addressOf(n));
    await clock.advance(10_000);
    const counted = await viewers(0);
    expect([counted > 2500 && counted < 3500, counted]).toEqual([true, counted]);
  });
});
