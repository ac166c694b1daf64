import { z } from 'zod';
import { StackJson } from '../../../../scripts/tools/google/stack-json';
import { needs } from '../../../../scripts/tools/preflight/needs';
import { ENVIRONMENTS, synthEnvironment, TWO_REGIONS } from '../../../support/synth';

const Resources = z.record(z.string(), z.record(z.string(), z.record(z.string(), z.unknown())));
const HOME = 'europe-west1';
const OTHER = 'us-central1';
/** Types that a region of nodes has of its own. */
const OF_A_REGION = [
  'google_compute_address',
  'google_compute_region_autoscaler',
  'google_compute_region_instance_group_manager',
];

const dev = synthEnvironment(ENVIRONMENTS.dev);
const home = StackJson.of('dev', dev);

/** Returns `dev` with its nodes a second time, in another region and with at most so many of them. */
function inTwoRegions(maxNodes: number): StackJson {
  const resource = Resources.parse(dev.resource);
  for (const type of OF_A_REGION)
    for (const [name, block] of Object.entries(resource[type] ?? {})) {
      const moved = z.record(z.string(), z.unknown()).parse(JSON.parse(JSON.stringify(block).replaceAll(HOME, OTHER)));
      const scaled = moved.autoscaling_policy === undefined ? {} : { autoscaling_policy: { max_replicas: maxNodes } };
      resource[type] = { ...resource[type], [`${name}_2`]: { ...moved, ...scaled } };
    }
  return StackJson.of('dev', { ...dev, resource });
}

const amountOf = (stack: StackJson, region: string, metric: string): number | undefined =>
  needs(stack)
    .find((one) => one.region === region)
    ?.needs.find((need) => need.metric === metric)?.amount;

describe('the quotas that an environment needs', () => {
  it('are of its one region', () => {
    expect(needs(home).map(({ region }) => region)).toEqual([HOME]);
  });

  it('are told of each region by what stands in it, so that a second region is data alone', () => {
    const stack = inTwoRegions(9);
    expect(needs(stack).map(({ region }) => region)).toEqual([HOME, OTHER]);
    for (const metric of ['INSTANCES', 'N2D_CPUS', 'STATIC_ADDRESSES', 'REGIONAL_AUTOSCALERS', 'IN_USE_ADDRESSES'])
      expect([metric, amountOf(stack, HOME, metric)]).toEqual([metric, amountOf(home, HOME, metric)]);
    // Nine nodes and one more while some are replaced, of two CPUs each.
    expect([amountOf(stack, OTHER, 'INSTANCES'), amountOf(stack, OTHER, 'N2D_CPUS')]).toEqual([10, 20]);
    expect(amountOf(stack, OTHER, 'REGIONAL_AUTOSCALERS')).toBe(1);
  });

  it('are as many in each region of an environment with two', () => {
    const stack = StackJson.of('dev', synthEnvironment(TWO_REGIONS));
    for (const metric of ['INSTANCES', 'N2D_CPUS', 'STATIC_ADDRESSES', 'REGIONAL_AUTOSCALERS', 'IN_USE_ADDRESSES'])
      for (const region of TWO_REGIONS.regions)
        expect([metric, region, amountOf(stack, region, metric)]).toEqual([
          metric,
          region,
          amountOf(home, HOME, metric),
        ]);
  });

  it('count edges by the most of their own autoscaler, and not by that of the origins', () => {
    const edge = { ...ENVIRONMENTS.dev.edge, minNodes: 1, maxNodes: 7 };
    const withEdges = StackJson.of('dev', synthEnvironment({ ...ENVIRONMENTS.dev, edge }));
    const more = (metric: string) => (amountOf(withEdges, HOME, metric) ?? 0) - (amountOf(home, HOME, metric) ?? 0);
    const most = edge.maxNodes + ENVIRONMENTS.dev.origin.surge;
    expect([more('INSTANCES'), more('IN_USE_ADDRESSES')]).toEqual([most, most]);
  });
});
