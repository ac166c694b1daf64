import { ProbeCount } from '../../../../scripts/tools/soak/probes';

describe('the count of probes of a soak', () => {
  it('answers no share where nothing was asked', () => {
    expect(new ProbeCount(() => 0).report()).toEqual({
      asked: 0,
      fresh: 0,
      share: 0,
      askedWithoutFaults: 0,
      shareWithoutFaults: 0,
      stale: {},
    });
  });

  it('counts a stale probe against the fault that is at work, or heals', () => {
    let nowMs = 0;
    const probes = new ProbeCount(() => nowMs);
    probes.add(true);
    probes.struck('storage-503');
    probes.add(false);
    probes.mended();
    nowMs += 19_999;
    probes.add(false);
    nowMs += 1;
    probes.add(true);
    expect(probes.report()).toEqual({
      asked: 4,
      fresh: 2,
      share: 0.5,
      askedWithoutFaults: 2,
      shareWithoutFaults: 1,
      stale: { 'storage-503': 2 },
    });
  });

  it('does not round a share up to the goal', () => {
    const probes = new ProbeCount(() => 0);
    for (let count = 0; count < 99_999; count++) probes.add(count >= 100);
    expect(probes.report()).toMatchObject({ shareWithoutFaults: 0.99899, stale: { 'no fault': 100 } });
  });
});
