import { PRICES } from '../../../../functions/contract/prices';
import { cdnViewerHour, compareCdns } from '../../../../scripts/tools/cost/cdns';
import type { Item } from '../../../../scripts/tools/cost/item';
import type { Usage } from '../../../../scripts/tools/cost/model';

const usage: Usage = { streams: 1, viewers: 10, hours: 5, bitrate: 2.5, broadcasts: 1, keepDays: 2, locations: 1 };
const item = (name: string, of: Item['of'], dollars: number): Item => ({ name, of, dollars, verified: true });

describe('the comparison of CDNs', () => {
  it("counts as Cloud CDN's own what would go with the viewers", () => {
    const items = [
      item('CDN to viewers', 'viewer', 4),
      item('CDN look-ups', 'viewer', 1),
      item('beacons of players', 'viewer', 9),
      item('CDN fills', 'stream', 7),
    ];
    expect(cdnViewerHour(items, usage)).toBeCloseTo(0.1);
  });

  it('says from how many viewers of a stream another CDN is cheaper, its fill counted', () => {
    const [standard] = compareCdns(0.087, 2.5);
    expect(standard?.viewerHour).toBeCloseTo(0.01125);
    expect(standard?.fillStreamHour).toBeCloseTo(1.125 * PRICES.storageEgress.dollars);
    const from = standard?.paysFrom ?? 0;
    const dollars = (viewers: number) => (standard?.fillStreamHour ?? 0) + viewers * (standard?.viewerHour ?? 0);
    expect(dollars(from)).toBeLessThan(from * 0.087);
    expect(dollars(from - 1)).toBeGreaterThanOrEqual((from - 1) * 0.087);
  });

  it('finds no audience for one that asks more than Cloud CDN', () => {
    expect(compareCdns(0.001, 2.5).map(({ paysFrom }) => paysFrom)).toEqual([undefined, undefined]);
  });
});
