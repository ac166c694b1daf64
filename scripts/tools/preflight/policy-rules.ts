import { z } from 'zod';
import type { StackJson } from '../google/stack-json';

/**
 * A rule of an organisation policy in force.
 * https://cloud.google.com/resource-manager/docs/reference/orgpolicy/rest/v2/organizations.policies
 */
const Rule = z.object({
  allowAll: z.boolean().default(false),
  denyAll: z.boolean().default(false),
  enforce: z.boolean().default(false),
  values: z
    .object({ allowedValues: z.array(z.string()).default([]), deniedValues: z.array(z.string()).default([]) })
    .optional(),
  parameters: z.record(z.string(), z.unknown()).optional(),
});
export const EffectivePolicy = z.object({ spec: z.object({ rules: z.array(Rule).default([]) }).prefault({}) });
type Rules = z.output<typeof EffectivePolicy>['spec']['rules'];

/** A constraint that can prevent an environment. */
export interface Constraint {
  readonly name: string;
  /**
   * Returns the needs of the environment that it forbids; `undefined` if none. `agents`: Google's accounts that get
   * grants.
   */
  readonly inTheWay: (rules: Rules, stack: StackJson, agents: readonly string[]) => string | undefined;
  /** Returns the rules of a policy of the project's own, which an administrator pastes. */
  readonly exception: (stack: StackJson, agents: readonly string[]) => readonly string[];
}

const Grant = z.object({ member: z.string() });
const Template = z.object({
  network_interface: z.array(z.object({ access_config: z.array(z.unknown()).default([]) })),
});
const Bucket = z.object({
  location: z.string(),
  custom_placement_config: z.object({ data_locations: z.array(z.string()) }).optional(),
  soft_delete_policy: z.object({ retention_duration_seconds: z.int() }).optional(),
});

const limited = (rules: Rules): boolean =>
  rules.some(({ denyAll, values }) => denyAll || (values?.allowedValues.length ?? 0) > 0);
const allows = (rules: Rules, fits: (value: string) => boolean): boolean =>
  rules.some(({ allowAll, values }) => allowAll || values?.allowedValues.some(fits) === true);

const everybody = (stack: StackJson): boolean =>
  stack.all('google_cloud_run_v2_service_iam_member', Grant).some(({ member }) => member === 'allUsers');
const externalAddresses = (stack: StackJson): boolean =>
  stack
    .all('google_compute_instance_template', Template)
    .some(({ network_interface: interfaces }) => interfaces.some(({ access_config: config }) => config.length > 0));

/** Returns the regions of the buckets, in which everything regional is. */
function regionsOf(stack: StackJson): string[] {
  const [bucket] = stack.all('google_storage_bucket', Bucket);
  const both = bucket?.custom_placement_config?.data_locations ?? [bucket?.location ?? ''];
  return both.map((region) => region.toLowerCase());
}
const continentOf = (region: string): string => region.split('-')[0] ?? '';
const fitsRegion =
  (region: string) =>
  (value: string): boolean =>
    [region, `in:${region}-locations`, `in:${continentOf(region)}-locations`].includes(value) ||
    (value === 'in:eu-locations' && continentOf(region) === 'europe');

const Parameters = z.object({ allowedMemberSubjects: z.array(z.string()).default([]) });

/**
 * The constraints that new organisations have, or that are often set, and the parts of the environment that they
 * concern.
 */
export const CONSTRAINTS: readonly Constraint[] = [
  {
    name: 'iam.allowedPolicyMemberDomains',
    inTheWay: (rules, stack) =>
      limited(rules) && everybody(stack)
        ? 'grants to allUsers are refused, and the API needs one (run.invoker)'
        : undefined,
    exception: () => ['- allowAll: true'],
  },
  {
    name: 'iam.managed.allowedPolicyMembers',
    inTheWay: (rules, stack, agents) => {
      const [rule] = rules.filter(({ enforce }) => enforce);
      if (rule === undefined) return undefined;
      const { allowedMemberSubjects: allowed } = Parameters.parse(rule.parameters ?? {});
      const absent = [...(everybody(stack) ? ['allUsers'] : []), ...agents].filter(
        (member) => !allowed.includes(member),
      );
      return absent.length === 0 ? undefined : `grants to ${absent.join(', ')} are refused`;
    },
    exception: (stack, agents) => [
      '- enforce: true',
      '  parameters:',
      '    allowedMemberSubjects:',
      ...[...(everybody(stack) ? ['allUsers'] : []), ...agents].map((member) => `    - ${member}`),
      '    allowedPrincipalSets:',
      '    - //cloudresourcemanager.googleapis.com/organizations/<organisation>',
    ],
  },
  {
    name: 'compute.vmExternalIpAccess',
    inTheWay: (rules, stack) =>
      limited(rules) && externalAddresses(stack)
        ? 'VMs get no external addresses, and encoders, SRT, WebRTC and TURN need them'
        : undefined,
    exception: () => ['- allowAll: true'],
  },
  {
    // Nothing here is public, so it may be enforced.
    name: 'storage.publicAccessPrevention',
    inTheWay: () => undefined,
    exception: () => ['- enforce: true'],
  },
  {
    name: 'gcp.resourceLocations',
    inTheWay: (rules, stack) => {
      const closed = regionsOf(stack).filter((region) => !allows(rules, fitsRegion(region)));
      return limited(rules) && closed.length > 0 ? `nothing may stand in ${closed.join(' and ')}` : undefined;
    },
    exception: (stack) => [
      ...['- values:', '    allowedValues:'],
      ...regionsOf(stack).map((region) => `    - in:${region}-locations`),
    ],
  },
  {
    name: 'storage.softDeletePolicySeconds',
    inTheWay: (rules, stack) => {
      const off = stack
        .all('google_storage_bucket', Bucket)
        .some((one) => one.soft_delete_policy?.retention_duration_seconds === 0);
      return off && limited(rules) && !allows(rules, (value) => value === '0' || value === 'under:0')
        ? 'buckets may not go without soft delete, which would bill every overwritten playlist for a week'
        : undefined;
    },
    exception: () => ['- values:', '    allowedValues:', '    - "0"'],
  },
];
