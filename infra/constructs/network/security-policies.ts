import {
  ComputeSecurityPolicy,
  type ComputeSecurityPolicyRule,
} from '@cdktf/provider-google/lib/compute-security-policy';
import { Construct } from 'constructs';
import type { Deployment } from '../../names';

export interface SecurityPoliciesProps extends Deployment {
  /** Countries whose viewers are admitted; empty: all. */
  readonly onlyCountries: readonly string[];
  readonly deniedCountries: readonly string[];
  /** Networks that may neither watch nor call the API. */
  readonly deniedRanges: readonly string[];
  /** True: Google's rules look at the API's requests, and log those that they would refuse. */
  readonly wafPreview: boolean;
  /** Requests to the API that one address may make in a minute. */
  readonly requestsPerMinute: number;
}

/** https://cloud.google.com/armor/quotas: networks of a rule, and comparisons of an expression. */
const RANGES_A_RULE = 10;
const COUNTRIES_A_RULE = 5;
const DENY = 'deny(403)';

/** Cloud Armor's last rule, which is mandatory. */
const LAST_PRIORITY = 2_147_483_647;
const lastRule = (action: 'allow' | typeof DENY): ComputeSecurityPolicyRule => ({
  action,
  priority: LAST_PRIORITY,
  description: 'everybody else',
  match: { versionedExpr: 'SRC_IPS_V1', config: { srcIpRanges: ['*'] } },
});

/**
 * Cloud Armor's policies. An edge policy restricts viewers by address and country, before the cache. A backend policy
 * limits how often one address may call the API.
 */
export class SecurityPolicies extends Construct {
  /**
   * For backend buckets; `undefined` without a restriction of viewers: a policy without a rule costs money and does
   * nothing.
   */
  readonly viewers: string | undefined;
  /** For the API's backend service. */
  readonly api: string;
  /**
   * For the nodes' backend services: the restriction of viewers, and the rate of one address. Without a restriction it
   * is the API's policy, because a second one would cost money and say the same.
   */
  readonly nodes: string;

  constructor(scope: Construct, id: string, props: SecurityPoliciesProps) {
    super(scope, id);
    const { names, projectId: project, onlyCountries, deniedCountries, deniedRanges, requestsPerMinute } = props;
    const banned = rangeRules(deniedRanges);
    const watching = [
      ...banned,
      ...countryRules(2000, DENY, deniedCountries),
      ...countryRules(3000, 'allow', onlyCountries),
    ];
    if (watching.length > 0)
      this.viewers = new ComputeSecurityPolicy(this, 'viewers', {
        project,
        name: names.resource('viewers'),
        type: 'CLOUD_ARMOR_EDGE',
        rule: [...watching, lastRule(onlyCountries.length > 0 ? DENY : 'allow')],
      }).id;
    this.api = new ComputeSecurityPolicy(this, 'api', {
      project,
      name: names.resource('api'),
      type: 'CLOUD_ARMOR',
      rule: [...banned, ...(props.wafPreview ? WAF_RULES : []), throttle(requestsPerMinute), lastRule('allow')],
    }).id;
    this.nodes = watching.length === 0 ? this.api : this.policyOfNodes(props, banned);
  }

  /** Edge policies work in front of caches only, and answers without an end have none. */
  private policyOfNodes(
    { names, projectId: project, ...props }: SecurityPoliciesProps,
    banned: readonly ComputeSecurityPolicyRule[],
  ): string {
    const { onlyCountries, deniedCountries, requestsPerMinute } = props;
    return new ComputeSecurityPolicy(this, 'nodes', {
      project,
      name: names.resource('nodes'),
      type: 'CLOUD_ARMOR',
      // The throttle decides about every address that it matches, so refused countries come before it.
      rule: [
        ...banned,
        ...countryRules(2000, DENY, deniedCountries),
        ...(onlyCountries.length > 0 ? [elsewhere(onlyCountries)] : []),
        throttle(requestsPerMinute),
        lastRule('allow'),
      ],
    }).id;
  }
}

const rangeRules = (ranges: readonly string[]): ComputeSecurityPolicyRule[] =>
  chunks(ranges, RANGES_A_RULE).map((srcIpRanges, index) => ({
    action: DENY,
    priority: 1000 + index,
    description: 'denied networks',
    match: { versionedExpr: 'SRC_IPS_V1', config: { srcIpRanges } },
  }));

const countryRules = (
  first: number,
  action: 'allow' | typeof DENY,
  countries: readonly string[],
): ComputeSecurityPolicyRule[] =>
  chunks(countries, COUNTRIES_A_RULE).map((some, index) => ({
    action,
    priority: first + index,
    description: `${action === 'allow' ? 'allowed' : 'denied'} countries`,
    match: { expr: { expression: some.map((country) => `origin.region_code == '${country}'`).join(' || ') } },
  }));

/** Google takes five comparisons in an expression, so more countries are matched by one pattern. */
const elsewhere = (countries: readonly string[]): ComputeSecurityPolicyRule => ({
  action: DENY,
  priority: 3000,
  description: 'all countries but the allowed ones',
  match: { expr: { expression: `!origin.region_code.matches('^(${countries.join('|')})$')` } },
});

/** Google's own rules against scanners and injections. https://cloud.google.com/armor/docs/waf-rules */
const WAF_RULES: readonly ComputeSecurityPolicyRule[] = ['scannerdetection', 'sqli', 'xss', 'rce'].map(
  (kind, index) => ({
    action: DENY,
    priority: 3500 + index,
    preview: true,
    description: `looks like ${kind}`,
    match: { expr: { expression: `evaluatePreconfiguredWaf('${kind}-v33-stable', {'sensitivity': 1})` } },
  }),
);

const throttle = (count: number): ComputeSecurityPolicyRule => ({
  action: 'throttle',
  priority: 4000,
  description: 'requests of one address',
  match: { versionedExpr: 'SRC_IPS_V1', config: { srcIpRanges: ['*'] } },
  rateLimitOptions: {
    conformAction: 'allow',
    exceedAction: 'deny(429)',
    enforceOnKey: 'IP',
    rateLimitThreshold: { count, intervalSec: 60 },
  },
});

const chunks = <T>(items: readonly T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(items.length / size) }, (_, index) => items.slice(index * size, (index + 1) * size));
