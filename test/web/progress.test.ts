import { type Look, PlaybackProgress } from '../../web/watch/progress';
import { SlowNetwork } from '../../web/watch/slow-network';

const EVERY_MS = 250;

/** Looks every quarter of a second at a media element whose clock runs as `rate` says. */
function watching() {
  const progress = new PlaybackProgress();
  let at = 0;
  let time = 10;
  return {
    progress,
    run(ms: number, { rate = 1, ...more }: Partial<Look> = {}) {
      for (let passed = 0; passed < ms; passed += EVERY_MS) {
        at += EVERY_MS;
        time += (rate * EVERY_MS) / 1000;
        progress.look({ at, time, paused: false, seeking: false, rate: 1, ...more });
      }
    },
    jump(seconds: number) {
      time += seconds;
    },
    sleep(ms: number) {
      at += ms;
    },
  };
}

describe('progress, by the media’s own clock', () => {
  it('has begun in a tab that nobody sees, which is looked at once a minute', () => {
    const { progress, run, jump, sleep } = watching();
    run(250);
    expect(progress.begun).toBe(false);
    sleep(60_000);
    jump(60);
    run(250);
    expect([progress.begun, progress.stalls]).toEqual([true, 0]);
  });

  it('counts a picture that stands once, and again after it moved', () => {
    const { progress, run } = watching();
    run(3000);
    expect([progress.begun, progress.stalls, progress.standingMs]).toEqual([true, 0, 0]);
    run(4000, { rate: 0 });
    expect(progress.stalls).toBe(1);
    expect(progress.standingMs).toBeGreaterThan(2500);
    run(3000);
    expect(progress.standingMs).toBe(0);
    run(3000, { rate: 0 });
    expect(progress.stalls).toBe(2);
  });

  it('is not fooled by a player that nudges itself on', () => {
    const { progress, run, jump } = watching();
    run(3000);
    for (let nudges = 0; nudges < 5; nudges += 1) {
      run(1000, { rate: 0 });
      jump(0.1);
    }
    expect(progress.stalls).toBe(1);
  });

  it('takes a picture at a tenth of its speed for one that stands, and one at 0.5 for one that moves', () => {
    const { progress, run } = watching();
    run(3000);
    run(3000, { rate: 0.5 });
    expect(progress.stalls).toBe(0);
    run(3000, { rate: 0.1 });
    expect(progress.stalls).toBe(1);
  });

  it.each([
    ['before the first picture', (one: ReturnType<typeof watching>) => one.progress.restart(), {}],
    ['while the viewer pauses', () => undefined, { paused: true }],
  ])('counts no wait %s', (_when, before, more) => {
    const one = watching();
    one.run(3000);
    before(one);
    one.run(5000, { rate: 0, ...more });
    expect([one.progress.stalls, one.progress.standingMs]).toEqual([0, 0]);
  });

  it('takes a seek that comes to nothing for a picture that stands, but for no stall', () => {
    const { progress, run, jump } = watching();
    run(3000);
    jump(3600);
    run(750, { rate: 0, seeking: true });
    expect([progress.stalls, progress.standingMs]).toEqual([0, 0]);
    run(6000, { rate: 0, seeking: true });
    jump(14);
    run(6000, { rate: 0, seeking: true });
    expect(progress.stalls).toBe(0);
    expect(progress.standingMs).toBeGreaterThan(12_000);
    run(2000);
    expect(progress.standingMs).toBe(0);
  });

  it('counts nothing for a tab that slept, nor for a seek', () => {
    const { progress, run, sleep, jump } = watching();
    run(3000);
    sleep(60_000);
    run(500, { rate: 0 });
    run(2000);
    jump(-60);
    run(2000);
    jump(60);
    run(2000);
    expect(progress.stalls).toBe(0);
  });
});

describe('a slow network', () => {
  it('is one with two stalls in twenty seconds, until a minute without', () => {
    const network = new SlowNetwork();
    network.stalled(0);
    expect(network.isSlow(1000)).toBe(false);
    network.stalled(25_000);
    expect(network.isSlow(26_000)).toBe(false);
    network.stalled(40_000);
    expect(network.isSlow(41_000)).toBe(true);
    network.stalled(90_000);
    expect(network.isSlow(149_000)).toBe(true);
    expect(network.isSlow(150_000)).toBe(false);
  });

  it('holds a picture that stood until six seconds are loaded, or twenty have passed', () => {
    const network = new SlowNetwork();
    const holds = (standingMs: number, aheadSeconds: number) => network.shouldHold(2000, { standingMs, aheadSeconds });
    expect(holds(1000, 1)).toBe(false);
    for (const at of [1000, 2000]) network.stalled(at);
    expect([holds(1000, 1), holds(1000, 6.1), holds(20_000, 1), holds(0, 1)]).toEqual([true, false, false, false]);
  });
});
