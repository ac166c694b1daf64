import type { World } from './world';

/** The quotas of Compute Engine, and the collection that each counts. */
const COUNTED: Readonly<Record<string, { readonly collection: string; readonly global: boolean }>> = {
  BACKEND_BUCKETS: { collection: 'backendBuckets', global: true },
  BACKEND_SERVICES: { collection: 'backendServices', global: true },
  FIREWALLS: { collection: 'firewalls', global: true },
  HEALTH_CHECKS: { collection: 'healthChecks', global: true },
  NETWORKS: { collection: 'networks', global: true },
  SECURITY_POLICIES: { collection: 'securityPolicies', global: true },
  SSL_POLICIES: { collection: 'sslPolicies', global: true },
  STATIC_ADDRESSES: { collection: 'addresses', global: false },
  TARGET_HTTPS_PROXIES: { collection: 'targetHttpsProxies', global: true },
  URL_MAPS: { collection: 'urlMaps', global: true },
};

/**
 * Limits of a young project that pays. BACKEND_BUCKETS is verbatim from a failed apply; the rest from public
 * `project-info describe` dumps of 2023, policies raised to what Google grants with billing.
 * https://cloud.google.com/compute/resource-usage
 */
export const YOUNG: Readonly<Record<string, number>> = {
  BACKEND_BUCKETS: 3,
  BACKEND_SERVICES: 9,
  CPUS_ALL_REGIONS: 12,
  FIREWALLS: 100,
  GLOBAL_EXTERNAL_MANAGED_FORWARDING_RULES: 30,
  HEALTH_CHECKS: 75,
  IN_USE_ADDRESSES: 8,
  NETWORKS: 5,
  SECURITY_POLICIES: 10,
  SECURITY_POLICY_RULES: 100,
  SSL_POLICIES: 10,
  STATIC_ADDRESSES: 8,
  TARGET_HTTPS_PROXIES: 10,
  URL_MAPS: 10,
};

/** Metrics that preflight only compares, in every region. */
const REGIONAL = [
  'CPUS',
  'N2D_CPUS',
  'N2_CPUS',
  'N4_CPUS',
  'E2_CPUS',
  'C4_CPUS',
  'INSTANCES',
  'SSD_TOTAL_GB',
  'DISKS_TOTAL_GB',
];
const ROOMY = 1000;

export const limitOf = (world: World, metric: string): number =>
  world.raised(metric) ?? world.options.quotas?.[metric] ?? YOUNG[metric] ?? ROOMY;

/** Returns how much of a quota a project uses. */
export function usageOf(world: World, project: string, metric: string): number {
  const counted = COUNTED[metric];
  if (counted === undefined) return 0;
  const things = world.in('compute.googleapis.com', counted.collection, project);
  return things.filter(({ path }) => path.includes('/global/') === counted.global).length;
}

/** Returns the quota that a new resource counts against. */
export const metricOf = (collection: string, path: string): string | undefined =>
  Object.entries(COUNTED).find(
    ([, one]) => one.collection === collection && one.global === path.includes('/global'),
  )?.[0];

/** Returns quotas in Compute Engine's form, of a region or `global`. */
export function quotasOf(
  world: World,
  project: string,
  where: string,
): { metric: string; limit: number; usage: number }[] {
  const regional = (metric: string): boolean => COUNTED[metric]?.global === false || metric === 'IN_USE_ADDRESSES';
  const metrics = where === 'global' ? Object.keys(YOUNG) : [...Object.keys(YOUNG).filter(regional), ...REGIONAL];
  return metrics.map((metric) => ({ metric, limit: limitOf(world, metric), usage: usageOf(world, project, metric) }));
}
