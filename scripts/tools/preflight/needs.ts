import { z } from 'zod';
import type { StackJson } from '../google/stack-json';
import { countedIn, policyRules } from './quota-counts';

const AutoscalerBlock = z.object({
  name: z.string(),
  region: z.string(),
  autoscaling_policy: z.object({ max_replicas: z.int() }),
});
const GroupBlock = z.object({
  name: z.string(),
  distribution_policy_zones: z.array(z.string()),
  target_size: z.int().optional(),
  update_policy: z.object({ max_surge_fixed: z.int().default(0) }),
});
const TemplateBlock = z.object({
  name_prefix: z.string(),
  machine_type: z.string(),
  disk: z.array(z.object({ disk_size_gb: z.int() })),
});
const VmBlock = z.object({ name: z.string(), zone: z.string() });

/** VMs of one kind: the most that run at a time. */
interface Fleet {
  readonly machineType: string;
  readonly zones: readonly string[];
  readonly region: string;
  readonly vms: number;
  readonly diskGigabytes: number;
}

/** Returns the region of zones such as `europe-west1-b`. */
const regionOf = ([zone = '']: readonly string[]): string => zone.replace(/-[a-z]$/, '');

export interface Need {
  /** The name of a quota of a region or of a project at Compute Engine. */
  readonly metric: string;
  readonly amount: number;
}

function fleets(stack: StackJson): Fleet[] {
  const templates = stack.all('google_compute_instance_template', TemplateBlock);
  const scalings = stack.all('google_compute_region_autoscaler', AutoscalerBlock);
  const mostOf = (group: string, zones: readonly string[]): number =>
    scalings.find(({ name, region }) => name === group && region === regionOf(zones))?.autoscaling_policy
      .max_replicas ?? 0;
  const of = (name: string, zones: readonly string[], vms: number): Fleet[] =>
    templates
      .filter(({ name_prefix: prefix }) => `${name}-`.startsWith(prefix))
      // The prefix of the home region's template begins the name of the second region's.
      .sort((a, b) => b.name_prefix.length - a.name_prefix.length)
      .slice(0, 1)
      .map(({ machine_type: machineType, disk }) => ({
        machineType,
        zones,
        region: regionOf(zones),
        vms,
        diskGigabytes: disk[0]?.disk_size_gb ?? 0,
      }));
  const groups = stack.all('google_compute_region_instance_group_manager', GroupBlock);
  const vms = stack.all('google_compute_instance_from_template', VmBlock);
  return [
    // The size of a group without one of its own is that of its autoscaler, which has the group's name.
    ...groups.flatMap(
      ({ name, distribution_policy_zones: zones, target_size: size, update_policy: { max_surge_fixed: surge } }) =>
        of(name, zones, size === 0 ? 0 : (size ?? mostOf(name, zones)) + surge),
    ),
    ...vms.flatMap(({ name, zone }) => of(name, [zone], 1)),
  ];
}

/** Returns every machine type with every zone it may be in. */
export function machines(stack: StackJson): { machineType: string; zone: string }[] {
  const all = fleets(stack).flatMap(({ machineType, zones }) => zones.map((zone) => ({ machineType, zone })));
  return [...new Map(all.map((one) => [`${one.machineType} ${one.zone}`, one])).values()];
}

const RegionalBlock = z.object({ region: z.string() });

/**
 * Returns the quotas of each of its regions that the VMs and addresses of an environment need, when all nodes run and
 * some are being replaced.
 */
export function needs(stack: StackJson): { region: string; needs: Need[] }[] {
  const regions = new Set(stack.all('google_compute_region_autoscaler', RegionalBlock).map(({ region }) => region));
  return [...regions].map((region) => ({ region, needs: needsOf(region, stack) }));
}

function needsOf(region: string, stack: StackJson): Need[] {
  const all = fleets(stack).filter((fleet) => fleet.vms > 0 && fleet.region === region);
  const addresses = stack.all('google_compute_address', RegionalBlock).filter((one) => one.region === region).length;
  const sum = (amount: (fleet: Fleet) => number) => all.reduce((total, fleet) => total + amount(fleet), 0);
  const families = [...new Set(all.map(({ machineType }) => cpuMetric(machineType)))];
  return [
    ...families.map((metric) => ({
      metric,
      amount: sum(({ machineType, vms }) => (cpuMetric(machineType) === metric ? vms * cpus(machineType) : 0)),
    })),
    { metric: 'INSTANCES', amount: sum(({ vms }) => vms) },
    { metric: 'SSD_TOTAL_GB', amount: sum(({ vms, diskGigabytes }) => vms * diskGigabytes) },
    // Every VM has an external address, and load balancers have theirs.
    { metric: 'IN_USE_ADDRESSES', amount: sum(({ vms }) => vms) + addresses },
    ...countedIn(region, stack),
  ];
}

/** Returns the quotas of its project that an environment needs, in any region. */
export function projectNeeds(stack: StackJson): Need[] {
  const all = fleets(stack).reduce((sum, { machineType, vms }) => sum + vms * cpus(machineType), 0);
  const rules = policyRules(stack);
  return [
    { metric: 'CPUS_ALL_REGIONS', amount: all },
    ...countedIn('project', stack),
    ...(rules === 0 ? [] : [{ metric: 'SECURITY_POLICY_RULES', amount: rules }]),
  ];
}

/**
 * Returns the quota of a machine type: E2 and the shared cores count against the common one, other families have their
 * own.
 */
const cpuMetric = (machineType: string): string => {
  const family = machineType.split('-')[0] ?? '';
  return ['e2', 'f1', 'g1', 'n1'].includes(family) ? 'CPUS' : `${family.toUpperCase()}_CPUS`;
};

/** https://cloud.google.com/compute/docs/general-purpose-machines: shared-core types have two, but for the oldest. */
const cpus = (machineType: string): number => {
  const count = Number(/-(\d+)$/.exec(machineType)?.[1] ?? Number.NaN);
  if (!Number.isNaN(count)) return count;
  return /^[fg]1-/.test(machineType) ? 1 : 2;
};
