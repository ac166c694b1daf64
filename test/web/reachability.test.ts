import { Reachability } from '../../web/watch/reachability';

const settled = () => new Promise((resolve) => setImmediate(resolve));

function rig() {
  const seen = { onLine: true, answers: true, now: 0, asked: 0 };
  const reachability = new Reachability({
    isOnLine: () => seen.onLine,
    reach: async () => {
      seen.asked += 1;
      if (!seen.answers) throw new TypeError('Failed to fetch');
    },
    now: () => seen.now,
  });
  /** Looks every quarter of a second. */
  const look = async (ms: number) => {
    for (const end = seen.now + ms; seen.now < end; seen.now += 250) {
      reachability.isOffline();
      await settled();
    }
    return reachability.isOffline();
  };
  return { seen, look };
}

describe('the state offline', () => {
  it('is not asked of the server while the browser says that it is online', async () => {
    const { seen, look } = rig();
    expect([await look(10_000), seen.asked]).toEqual([false, 0]);
  });

  it('is not so where the browser says so and the server answers, as in a namespace with loopback alone', async () => {
    const { seen, look } = rig();
    seen.onLine = false;
    expect(await look(9000)).toBe(false);
    expect(seen.asked).toBe(4);
  });

  it('is so once a request has failed, and no longer when one is answered or the browser is online', async () => {
    const { seen, look } = rig();
    Object.assign(seen, { onLine: false, answers: false });
    expect(await look(500)).toBe(true);
    seen.answers = true;
    expect(await look(3500)).toBe(false);
    seen.answers = false;
    expect(await look(3500)).toBe(true);
    seen.onLine = true;
    expect(await look(250)).toBe(false);
  });
});
