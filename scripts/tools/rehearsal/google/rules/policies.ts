import { at, listAt, textAt } from '../json';
import { RehearsalRefusal } from '../refusal';
import type { GoogleRule } from '../rule';

const CONSTRAINTS = 'https://cloud.google.com/resource-manager/docs/organization-policy/org-policy-constraints';

const denied = (constraint: string, project: string, status = 412): RehearsalRefusal =>
  new RehearsalRefusal(
    status,
    `Constraint constraints/${constraint} violated for projects/${project}. See ${CONSTRAINTS} for more information.`,
    {
      reason: 'conditionNotMet',
    },
  );

export const bucketsAreUniform: GoogleRule = {
  name: 'buckets-are-uniform',
  says: 'in a new organisation a bucket has uniform access',
  page: 'https://cloud.google.com/resource-manager/docs/secure-by-default-organizations',
  byDefault: true,
  check: ({ service, collection, action, body, query }) =>
    service === 'storage' &&
    collection === 'b' &&
    action === 'create' &&
    at(body, 'iamConfiguration', 'uniformBucketLevelAccess', 'enabled') !== true
      ? denied('storage.uniformBucketLevelAccess', query.get('project') ?? '')
      : undefined,
};

export const bucketsArePrivate: GoogleRule = {
  name: 'buckets-are-private',
  says: 'where an organisation prevents public access, a bucket that allows it is refused',
  page: 'https://cloud.google.com/storage/docs/public-access-prevention',
  byDefault: false,
  check: ({ service, collection, action, body, query }) =>
    service === 'storage' &&
    collection === 'b' &&
    action === 'create' &&
    textAt(body, 'iamConfiguration', 'publicAccessPrevention') !== 'enforced'
      ? denied('storage.publicAccessPrevention', query.get('project') ?? '')
      : undefined,
};

export const softDeleteIsKept: GoogleRule = {
  name: 'soft-delete-is-kept',
  says: 'where an organisation says how long what was deleted is kept, a bucket that keeps nothing is refused',
  page: 'https://cloud.google.com/storage/docs/soft-delete#org-policy',
  byDefault: false,
  check: ({ service, collection, action, body, query }) =>
    service === 'storage' &&
    collection === 'b' &&
    action === 'create' &&
    String(at(body, 'softDeletePolicy', 'retentionDurationSeconds')) === '0'
      ? denied('storage.softDeletePolicySeconds', query.get('project') ?? '')
      : undefined,
};

export const machinesHaveNoAddress: GoogleRule = {
  name: 'machines-have-no-address',
  says: 'where an organisation allows no external addresses, a machine with one is refused',
  page: 'https://cloud.google.com/compute/docs/ip-addresses/configure-static-external-ip-address#disableexternalip',
  byDefault: false,
  check({ service, collection, action, body, project }) {
    if (service !== 'compute' || action !== 'create' || !['instances', 'instanceTemplates'].includes(collection))
      return undefined;
    const networks = [...listAt(body, 'networkInterfaces'), ...listAt(body, 'properties', 'networkInterfaces')];
    return networks.some((network) => listAt(network, 'accessConfigs').length > 0)
      ? denied('compute.vmExternalIpAccess', project)
      : undefined;
  },
};
