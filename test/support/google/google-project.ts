import { z } from 'zod';
import { type Answer, GoogleStandIn, notFound, type Route } from './google-stand-in';

const Asked = z.object({ permissions: z.array(z.string()) });
const forbidden = (message: string): Answer => ({ status: 403, body: { error: { message } } });

const REGION_QUOTAS = ['CPUS', 'N2D_CPUS', 'INSTANCES', 'SSD_TOTAL_GB', 'IN_USE_ADDRESSES', 'STATIC_ADDRESSES'];
const PROJECT_QUOTAS = [
  'CPUS_ALL_REGIONS',
  'BACKEND_BUCKETS',
  'BACKEND_SERVICES',
  'SECURITY_POLICIES',
  'SECURITY_POLICY_RULES',
  'URL_MAPS',
];

/** The output of `gcloud compute project-info describe` for young projects, and the defaults of new organisations. */
export const YOUNG = {
  quotas: {
    BACKEND_BUCKETS: 3,
    SECURITY_POLICIES: 0,
    SECURITY_POLICY_RULES: 0,
    CPUS_ALL_REGIONS: 12,
    IN_USE_ADDRESSES: 4,
  },
  policies: {
    'iam.allowedPolicyMemberDomains': [{ values: { allowedValues: ['C0abcdefg'] } }],
    'iam.managed.allowedPolicyMembers': [
      { enforce: true, parameters: { allowedPrincipalSets: ['//…/organizations/1'] } },
    ],
    'compute.vmExternalIpAccess': [{ denyAll: true }],
    'storage.publicAccessPrevention': [{ enforce: true }],
    'gcp.resourceLocations': [{ values: { allowedValues: ['in:us-locations'] } }],
    'storage.softDeletePolicySeconds': [{ values: { allowedValues: ['604800'] } }],
  },
};

/** The number by which a lock is taken away: not the `ID` in it. */
export const LOCK_GENERATION = '1787242876096737';

/** A project as `preflight` looks at it: everything is there until a test takes it away. */
export class GoogleProject {
  /** Permissions nobody has granted. */
  readonly denied = new Set<string>();
  readonly servicesOff = new Set<string>();
  readonly imagesGone = new Set<string>();
  readonly quotaLimits = new Map<string, number>();
  /** Rules of organisation policies in force, by constraint; none of the others. */
  readonly policies = new Map<string, unknown[]>();
  currency = 'EUR';
  lock: { ID: string; Who: string; Created: string } | undefined;
  tainted: string | undefined;
  credentials: 'taken' | 'expired' = 'taken';
  project: 'there' | 'gone' | 'deleted' = 'there';
  billing: { account: string; on: boolean } | 'account gone' = { account: '000000-000000-000000', on: true };
  zone: 'there' | 'gone' | 'forbidden' = 'there';
  delegatedTo: readonly string[] = ['ns-cloud-a1.googledomains.com.'];
  state: 'there' | 'gone' | 'no versions' = 'there';
  readonly machineTypesGone = new Set<string>();

  readonly server = new GoogleStandIn(this.routes());

  private routes(): Route[] {
    const get = (path: RegExp, answer: Route['answer']): Route => ({ method: 'GET', path, answer });
    const granted: Route['answer'] = ({ body }) => ({
      body: { permissions: Asked.parse(body).permissions.filter((permission) => !this.denied.has(permission)) },
    });
    return [
      get(/^cloudresourcemanager\.googleapis\.com\/v3\/projects\/[\w-]+$/, () => this.projectAnswer()),
      {
        method: 'POST',
        path: /^cloudresourcemanager\.googleapis\.com\/v3\/projects\/[\w-]+:testIamPermissions$/,
        answer: granted,
      },
      get(/^cloudbilling\.googleapis\.com\/v1\/billingAccounts\/[\w-]+$/, () => ({
        body: { currencyCode: this.currency },
      })),
      get(/\/policies\/(?<constraint>[\w.]+):getEffectivePolicy$/, ({ groups: { constraint = '' } }) => ({
        body: { name: constraint, spec: { rules: this.policies.get(constraint) ?? [] } },
      })),
      get(/^storage\.googleapis\.com\/storage\/v1\/b\/[\w-]+\/o\/environments\/dev\/default\.tflock$/, ({ query }) => {
        if (this.lock === undefined) return notFound;
        return { body: query.get('alt') === 'media' ? this.lock : { generation: LOCK_GENERATION } };
      }),
      get(/^storage\.googleapis\.com\/storage\/v1\/b\/[\w-]+\/o\/environments\/dev\/default\.tfstate$/, () =>
        this.tainted === undefined ? notFound : { body: this.stateOfTerraform(this.tainted) },
      ),
      get(/^cloudbilling\.googleapis\.com\/v1\/projects\/[\w-]+\/billingInfo$/, () => this.billingAnswer()),
      {
        method: 'POST',
        path: /^cloudbilling\.googleapis\.com\/v1\/billingAccounts\/[\w-]+:testIamPermissions$/,
        answer: (asked) => (this.billing === 'account gone' ? notFound : granted(asked)),
      },
      get(/^serviceusage\.googleapis\.com\/v1\/projects\/[\w-]+\/services:batchGet$/, ({ query }) => ({
        body: { services: query.getAll('names').map((name) => ({ name, state: this.stateOf(name) })) },
      })),
      get(/^compute\.googleapis\.com\/compute\/v1\/projects\/[\w-]+(\/regions\/europe-west1)?$/, () => this.quotas()),
      get(/\/zones\/(?<zone>[\w-]+)\/machineTypes\/(?<name>[\w-]+)$/, ({ groups: { name = '' } }) =>
        this.machineTypesGone.has(name) ? notFound : { body: { name } },
      ),
      get(/^dns\.googleapis\.com\/dns\/v1\/projects\/[\w-]+\/managedZones\/dev-example-com$/, () => this.zoneAnswer()),
      get(/^dns\.google\/resolve$/, () => ({
        body: { Status: 0, Answer: [{ type: 6, data: 'soa' }, ...this.delegatedTo.map((data) => ({ type: 2, data }))] },
      })),
      get(/\/packages\/(?<name>\w+)\/tags\/[\w.-]+$/, ({ groups: { name = '' } }) =>
        this.imagesGone.has(name) ? notFound : { body: { name } },
      ),
      get(/^storage\.googleapis\.com\/storage\/v1\/b\/[\w-]+$/, () => this.stateAnswer()),
      get(/^storage\.googleapis\.com\/storage\/v1\/b\/[\w-]+\/iam\/testPermissions$/, ({ query }) => ({
        body: { permissions: query.getAll('permissions').filter((permission) => !this.denied.has(permission)) },
      })),
    ];
  }

  private projectAnswer(): Answer {
    if (this.credentials === 'expired')
      return { status: 401, body: { error: { message: 'Request had invalid authentication credentials.' } } };
    if (this.project === 'gone') return forbidden('The caller does not have permission');
    return { body: { name: 'projects/4711', state: this.project === 'deleted' ? 'DELETE_REQUESTED' : 'ACTIVE' } };
  }

  private billingAnswer(): Answer {
    if (this.billing === 'account gone' || !this.billing.on) return { body: { billingAccountName: '' } };
    return { body: { billingAccountName: `billingAccounts/${this.billing.account}`, billingEnabled: true } };
  }

  private stateOf(name: string): string {
    return this.servicesOff.has(name.split('/').at(-1) ?? '') ? 'DISABLED' : 'ENABLED';
  }

  private stateOfTerraform(name: string): unknown {
    return {
      version: 4,
      resources: [{ type: 'google_cloudfunctions2_function', name, instances: [{ status: 'tainted' }] }],
    };
  }

  private quotas(): Answer {
    const metrics = [...REGION_QUOTAS, ...PROJECT_QUOTAS];
    return {
      body: { quotas: metrics.map((metric) => ({ metric, limit: this.quotaLimits.get(metric) ?? 1000, usage: 1 })) },
    };
  }

  private zoneAnswer(): Answer {
    if (this.zone === 'forbidden')
      return forbidden('Cloud DNS API has not been used in project 4711 before or it is disabled.');
    if (this.zone === 'gone') return notFound;
    return {
      body: { name: 'dev-example-com', dnsName: 'dev.example.com.', nameServers: ['ns-cloud-a1.googledomains.com.'] },
    };
  }

  private stateAnswer(): Answer {
    if (this.state === 'gone') return notFound;
    return { body: { name: 'state', versioning: { enabled: this.state === 'there' } } };
  }
}
