import { PRICES } from '../../../../functions/contract/prices';
import { edgeViewerHour } from '../../../../scripts/tools/cost/edges';
import { machineHour } from '../../../../scripts/tools/cost/machine-price';
import type { EdgeGroup } from '../../../../scripts/tools/cost/size';

/** 100 Mbit/s. */
const edges: EdgeGroup = {
  machine: { machineType: 'n2d-standard-2', diskGigabytes: 0 },
  minNodes: 1,
  targetViewers: 200,
  targetBytesPerSecond: 12_500_000,
};
const HOUR = machineHour('n2d-standard-2') + PRICES.address.dollars;

describe('the price of a viewer at an edge', () => {
  it('has the share of the machine that its place takes where the stream is small', () => {
    expect(edgeViewerHour(edges, 0.1).machine).toBeCloseTo(HOUR / 200, 8);
  });

  it('has the share of the machine that its bytes take where the stream is large', () => {
    expect(edgeViewerHour(edges, 10).machine).toBeCloseTo(HOUR / 10, 8);
  });

  it('is more through the load balancer, by the bytes', () => {
    const { webRtc, flv, machine } = edgeViewerHour(edges, 1);
    const gibibytes = (125_000 * 3600) / 2 ** 30;
    expect(webRtc - machine).toBeCloseTo(gibibytes * PRICES.nodeEgress.dollars, 8);
    expect(flv - webRtc).toBeCloseTo(gibibytes * PRICES.balancedEgress.dollars, 8);
  });
});
