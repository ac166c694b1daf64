import { LowLatencyWay } from '../../../web/watch/low-latency-way';

const PATH = '/live/abcdefgh01234567/index.m3u8';
/** A way that is there or not, and how often it was looked for. */
function rig() {
  const world = { now: 0, path: PATH as string | undefined, asked: 0 };
  const find = async () => {
    world.asked += 1;
    return world.path;
  };
  return { world, way: new LowLatencyWay({ find, now: () => world.now, random: () => 0 }) };
}
/** Milliseconds until the way is looked for again, by looks every 250 ms. */
async function untilBack({ world, way }: ReturnType<typeof rig>): Promise<number> {
  const from = world.now;
  while (world.now - from < 200_000) {
    if (await way.isBack()) return world.now - from;
    world.now += 250;
  }
  return Number.POSITIVE_INFINITY;
}

describe('the way of low latency', () => {
  it('is taken at the first start where it is there', async () => {
    expect(await rig().way.path()).toBe(PATH);
  });

  it('is not asked for again just after it was not there', async () => {
    const { world, way } = rig();
    world.path = undefined;
    expect(await way.path()).toBeUndefined();
    expect(await way.path()).toBeUndefined();
    expect(world.asked).toBe(1);
  });

  it('is looked for after it was lost in mid-play, and found is what the next start plays', async () => {
    const own = rig();
    await own.way.path();
    own.way.carries();
    own.way.missed();
    expect(await own.way.path()).toBeUndefined();
    expect(await untilBack(own)).toBe(4000);
    const { asked } = own.world;
    expect(await own.way.path()).toBe(PATH);
    expect(own.world.asked).toBe(asked);
  });

  it('is looked for less and less often while it does not carry, and soon again once it did for long', async () => {
    const own = rig();
    const lost = async (playedMs: number) => {
      own.way.carries();
      own.world.now += playedMs;
      own.way.carries();
      own.way.missed();
      const waited = await untilBack(own);
      expect(await own.way.path()).toBe(PATH);
      return waited;
    };
    const waits: number[] = [];
    for (const playedMs of [500, 500, 500, 500, 500, 60_000]) waits.push(await lost(playedMs));
    expect(waits).toEqual([4000, 8000, 16_000, 60_000, 60_000, 4000]);
  });

  it('is asked for once at a time', async () => {
    let answer: (path: string) => void = () => undefined;
    let asked = 0;
    const find = () => {
      asked += 1;
      return new Promise<string>((resolve) => {
        answer = resolve;
      });
    };
    const way = new LowLatencyWay({ find, now: () => 0, random: () => 0 });
    const first = way.isBack();
    expect(await way.isBack()).toBe(false);
    answer(PATH);
    expect([await first, asked]).toEqual([true, 1]);
  });
});
