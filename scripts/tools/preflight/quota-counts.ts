import { z } from 'zod';
import type { StackJson } from '../google/stack-json';

/**
 * Quotas of Compute Engine of which one resource of a type takes one, by the quota's name. A young project has few of
 * some: three backend buckets, no security policy. https://cloud.google.com/compute/resource-usage
 */
const COUNTED = {
  region: {
    STATIC_ADDRESSES: 'google_compute_address',
    INSTANCE_GROUP_MANAGERS: 'google_compute_region_instance_group_manager',
    REGIONAL_INSTANCE_GROUP_MANAGERS: 'google_compute_region_instance_group_manager',
    AUTOSCALERS: 'google_compute_region_autoscaler',
    REGIONAL_AUTOSCALERS: 'google_compute_region_autoscaler',
  },
  project: {
    STATIC_ADDRESSES: 'google_compute_global_address',
    IN_USE_ADDRESSES: 'google_compute_global_address',
    BACKEND_BUCKETS: 'google_compute_backend_bucket',
    BACKEND_SERVICES: 'google_compute_backend_service',
    SECURITY_POLICIES: 'google_compute_security_policy',
    URL_MAPS: 'google_compute_url_map',
    TARGET_HTTP_PROXIES: 'google_compute_target_http_proxy',
    TARGET_HTTPS_PROXIES: 'google_compute_target_https_proxy',
    TARGET_SSL_PROXIES: 'google_compute_target_ssl_proxy',
    GLOBAL_EXTERNAL_MANAGED_FORWARDING_RULES: 'google_compute_global_forwarding_rule',
    FORWARDING_RULES: 'google_compute_forwarding_rule',
    HEALTH_CHECKS: 'google_compute_(region_)?health_check',
    INSTANCE_TEMPLATES: 'google_compute_instance_template',
    FIREWALLS: 'google_compute_firewall',
    NETWORKS: 'google_compute_network',
    SUBNETWORKS: 'google_compute_subnetwork',
    ROUTERS: 'google_compute_router',
  },
} as const;

const PolicyBlock = z.object({ rule: z.array(z.unknown()) });

const PlacedBlock = z.object({ region: z.string().optional() });

/** Returns the resources that count against the quotas of a region, or of its `project`. */
export function countedIn(place: string, stack: StackJson): { metric: string; amount: number }[] {
  const isHere = ({ region }: z.output<typeof PlacedBlock>): boolean => place === 'project' || region === place;
  return Object.entries(place === 'project' ? COUNTED.project : COUNTED.region)
    .map(([metric, type]) => {
      const types = stack.types().filter((one) => new RegExp(`^${type}$`).test(one));
      const amount = types.reduce((sum, one) => sum + stack.all(one, PlacedBlock).filter(isHere).length, 0);
      return { metric, amount };
    })
    .filter(({ amount }) => amount > 0);
}

/** Counts the rules of all security policies together. https://cloud.google.com/armor/quotas */
export const policyRules = (stack: StackJson): number =>
  stack.all('google_compute_security_policy', PolicyBlock).reduce((sum, { rule }) => sum + rule.length, 0);
