import type { Call } from '../call';
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
  policy: { constraint: 'storage.publicAccessPrevention', rule: { enforce: true } },
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
  policy: { constraint: 'storage.softDeletePolicySeconds', rule: { values: { allowedValues: ['604800'] } } },
  check: ({ service, collection, action, body, query }, { lifted }) =>
    service === 'storage' &&
    collection === 'b' &&
    action === 'create' &&
    !lifted.has('storage.softDeletePolicySeconds') &&
    String(at(body, 'softDeletePolicy', 'retentionDurationSeconds')) === '0'
      ? denied('storage.softDeletePolicySeconds', query.get('project') ?? '')
      : undefined,
};

export const machinesHaveNoAddress: GoogleRule = {
  name: 'machines-have-no-address',
  says: 'where an organisation allows no external addresses, a machine with one is refused',
  page: 'https://cloud.google.com/compute/docs/ip-addresses/configure-static-external-ip-address#disableexternalip',
  byDefault: false,
  policy: { constraint: 'compute.vmExternalIpAccess', rule: { denyAll: true } },
  check({ service, collection, action, body, project }, { lifted }) {
    if (lifted.has('compute.vmExternalIpAccess')) return undefined;
    if (service !== 'compute' || action !== 'create' || !['instances', 'instanceTemplates'].includes(collection))
      return undefined;
    const networks = [...listAt(body, 'networkInterfaces'), ...listAt(body, 'properties', 'networkInterfaces')];
    return networks.some((network) => listAt(network, 'accessConfigs').length > 0)
      ? denied('compute.vmExternalIpAccess', project)
      : undefined;
  },
};

/** Returns the location of a new resource: the region or zone in its path, or the location that a bucket names. */
const placeOf = ({ path, body, collection, project }: Call): string =>
  collection === 'repositories' || /\/(?:locations|regions|zones)\//.test(path)
    ? (/\/(?:locations|regions|zones)\/([^/]+)/.exec(path)?.[1] ?? '')
    : project === '' && collection !== 'b'
      ? ''
      : (textAt(body, 'location') || textAt(body, 'locationId')).toLowerCase();

const LOCATIONS = 'gcp.resourceLocations';

export const regionsAreAllowed: GoogleRule = {
  name: 'regions-are-allowed',
  says: 'where an organisation allows places in the USA alone, nothing regional is made elsewhere',
  page: 'https://cloud.google.com/resource-manager/docs/organization-policy/defining-locations',
  byDefault: false,
  policy: { constraint: LOCATIONS, rule: { values: { allowedValues: ['in:us-locations'] } } },
  check(call, { lifted }) {
    if (call.action !== 'create' || lifted.has(LOCATIONS)) return undefined;
    const place = placeOf(call);
    return place === '' || place === 'global' || place.startsWith('us') ? undefined : denied(LOCATIONS, call.project);
  },
};

export const keysAreTheirs: GoogleRule = {
  name: 'keys-are-theirs',
  says: 'where an organisation wants a key of its own on what is kept, a bucket or a database without one is refused',
  page: 'https://cloud.google.com/kms/docs/cmek-org-policy',
  byDefault: false,
  check({ service, collection, action, body, project, query }) {
    if (action !== 'create') return undefined;
    const bare =
      (service === 'storage' && collection === 'b' && textAt(body, 'encryption', 'defaultKmsKeyName') === '') ||
      (service === 'firestore' && collection === 'databases' && textAt(body, 'cmekConfig', 'kmsKeyName') === '');
    return bare ? denied('gcp.restrictNonCmekServices', query.get('project') ?? project) : undefined;
  },
};
