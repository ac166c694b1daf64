import { createHash } from 'node:crypto';
import type { Call } from './call';
import { at, type Fields, fieldsOf, listAt, textAt } from './json';
import type { World } from './world';

interface Made {
  readonly call: Call;
  readonly world: World;
  readonly id: string;
  /** Path of the new resource. */
  readonly path: string;
  readonly body: Fields;
}
type Adds = (made: Made) => Fields;

const link = (path: string): string => `https://www.googleapis.com/compute/v1/${path}`;
const digest = (text: string): string => createHash('sha256').update(text).digest('hex');
/** Returns an address of the range for documents. https://www.rfc-editor.org/rfc/rfc5737 */
const addressOf = (path: string, net = '203.0.113'): string =>
  `${net}.${(Number.parseInt(digest(path).slice(0, 4), 16) % 250) + 1}`;
const placeOf = (path: string): Fields => {
  const [, kind, name] = /\/(regions|zones)\/([^/]+)/.exec(path) ?? [];
  return kind === undefined
    ? {}
    : { [kind.slice(0, -1)]: link(`${path.split('/').slice(0, 2).join('/')}/${kind}/${name}`) };
};

const computeFields: Adds = ({ world, path, id, body }) => ({
  id: `${world.serial()}`,
  creationTimestamp: new Date(world.now()).toISOString(),
  name: id,
  selfLink: link(path),
  fingerprint: Buffer.from(digest(path).slice(0, 8)).toString('base64'),
  ...placeOf(path),
  ...(body.labels !== undefined && { labelFingerprint: 'bGFiZWxz' }),
});

/** A group is stable at once: its machines are not imitated. */
const groupFields: Adds = ({ path, id, body }) => ({
  targetSize: body.targetSize ?? 0,
  instanceGroup: link(path.replace('instanceGroupManagers', 'instanceGroups')),
  baseInstanceName: body.baseInstanceName ?? id,
  // An empty message counts as absent.
  instanceFlexibilityPolicy:
    Object.keys(fieldsOf(body.instanceFlexibilityPolicy)).length === 0 ? undefined : body.instanceFlexibilityPolicy,
  status: {
    isStable: true,
    versionTarget: { isReached: true },
    stateful: { hasStatefulConfig: false, perInstanceConfigs: { allEffective: true } },
  },
  currentActions: { none: at(body, 'targetSize') ?? 0, creating: 0, deleting: 0, recreating: 0 },
});

const functionFields: Adds = ({ world, path, id, call, body }) => {
  const service = `projects/${call.project}/locations/${path.split('/')[3]}/services/${id}`;
  const uri = `https://${id}-${digest(path).slice(0, 10)}-ew.a.run.app`;
  const trigger =
    body.eventTrigger === undefined ? undefined : { ...fieldsOf(body.eventTrigger), trigger: `${path}-trigger` };
  return {
    state: 'ACTIVE',
    environment: 'GEN_2',
    url: uri,
    updateTime: new Date(world.now()).toISOString(),
    serviceConfig: {
      ...fieldsOf(body.serviceConfig),
      service,
      uri,
      revision: `${id}-00001-abc`,
      allTrafficOnLatestRevision: true,
    },
    buildConfig: {
      ...fieldsOf(body.buildConfig),
      build: `projects/${call.project}/locations/-/builds/${world.serial()}`,
    },
    ...(trigger !== undefined && { eventTrigger: trigger }),
  };
};

const runFields: Adds = ({ path, id, world }) => ({
  uri: `https://${id}-${digest(path).slice(0, 10)}-ew.a.run.app`,
  generation: `${world.serial()}`,
  etag: `"${world.serial()}"`,
  terminalCondition: { type: 'Ready', state: 'CONDITION_SUCCEEDED' },
  conditions: [],
  reconciling: false,
});

const bucketFields: Adds = ({ call, world, id, body }) => ({
  id,
  name: id,
  selfLink: `https://www.googleapis.com/storage/v1/b/${id}`,
  storageClass: 'STANDARD',
  kind: 'storage#bucket',
  metageneration: '1',
  location: textAt(body, 'location').toUpperCase(),
  locationType: 'region',
  etag: 'CAE=',
  projectNumber: world.numberOf(call.query.get('project') ?? ''),
  timeCreated: new Date(world.now()).toISOString(),
  iamConfiguration: { publicAccessPrevention: 'inherited', ...fieldsOf(body.iamConfiguration) },
  softDeletePolicy: body.softDeletePolicy ?? { retentionDurationSeconds: '604800' },
});

const accountFields: Adds = ({ path, id, call }) => ({
  name: path,
  email: id,
  projectId: call.project,
  uniqueId: `1${Number.parseInt(digest(path).slice(0, 12), 16)}`,
  oauth2ClientId: `1${Number.parseInt(digest(path).slice(0, 12), 16)}`,
});

const datasetFields: Adds = ({ call, path, id }) => ({
  kind: 'bigquery#dataset',
  id: `${call.project}:${id}`,
  etag: digest(path).slice(0, 8),
  selfLink: path,
  access: [
    { role: 'OWNER', specialGroup: 'projectOwners' },
    { role: 'WRITER', specialGroup: 'projectWriters' },
    { role: 'READER', specialGroup: 'projectReaders' },
  ],
});

const certificateFields: Adds = ({ body }) => ({
  ...(body.managed !== undefined && { managed: { ...fieldsOf(body.managed), state: 'PROVISIONING' } }),
});

const authorizationFields: Adds = ({ path, body }) => ({
  dnsResourceRecord: {
    name: `_acme-challenge.${textAt(body, 'domain')}.`,
    type: 'CNAME',
    data: `${digest(path).slice(0, 20)}.1.authorize.certificatemanager.goog.`,
  },
});

/** Returns the address of a rule, given directly or by its resource. */
function addressBehind(world: World, given: string): string | undefined {
  if (!given.includes('/')) return given === '' ? undefined : given;
  const path = given.replace(/^.*?(?=projects\/)/, '');
  return textAt(world.find('compute.googleapis.com', path)?.body, 'address');
}

const said = (given: Fields): Fields => Object.fromEntries(Object.entries(given).filter(([, value]) => value !== ''));
const SCHEDULING = {
  automaticRestart: true,
  onHostMaintenance: 'MIGRATE',
  preemptible: false,
  provisioningModel: 'STANDARD',
};
const DISK = { type: 'PERSISTENT', mode: 'READ_WRITE', interface: 'SCSI', deviceName: 'persistent-disk-0' };

/** Returns the properties that a template has beside the given ones. */
const templateProperties = (given: Fields): Fields => ({
  ...given,
  scheduling: { ...SCHEDULING, ...said(fieldsOf(given.scheduling)) },
  disks: listAt(given, 'disks').map((disk) => ({ ...DISK, ...fieldsOf(disk) })),
  networkInterfaces: listAt(given, 'networkInterfaces').map((one, index) => ({
    name: `nic${index}`,
    ...fieldsOf(one),
  })),
  metadata: { fingerprint: 'bQ==', ...fieldsOf(given.metadata) },
  tags: { fingerprint: 'dA==', ...fieldsOf(given.tags) },
});

const RETRIES = { maxRetryDuration: '0s', minBackoffDuration: '5s', maxBackoffDuration: '3600s', maxDoublings: 5 };

const withHeaders = (target: unknown): Fields => ({
  ...fieldsOf(target),
  headers: { 'User-Agent': 'Google-Cloud-Scheduler', ...fieldsOf(at(target, 'headers')) },
});

/** The fields that Google adds to a new resource, by service and collection; `service/*` to all of a service. */
export const ADDED: Readonly<Record<string, Adds>> = {
  'compute/*': computeFields,
  'compute/addresses': ({ path, body }) => ({
    address: body.ipVersion === 'IPV6' ? '2001:db8::1' : addressOf(path),
    status: 'RESERVED',
    networkTier: 'PREMIUM',
    addressType: 'EXTERNAL',
  }),
  'compute/forwardingRules': ({ world, path, body }) => ({
    IPAddress: addressBehind(world, textAt(body, 'IPAddress')) ?? addressOf(path),
  }),
  'compute/instanceTemplates': ({ body }) => ({ properties: templateProperties(fieldsOf(body.properties)) }),
  'compute/subnetworks': () => ({ gatewayAddress: '10.0.0.1', purpose: 'PRIVATE' }),
  'compute/networks': ({ body }) => ({ routingConfig: { routingMode: 'REGIONAL', ...fieldsOf(body.routingConfig) } }),
  'compute/instanceGroupManagers': groupFields,
  'compute/sslPolicies': () => ({ enabledFeatures: [] }),
  'compute/networkEndpointGroups': () => ({ size: 0 }),
  'cloudfunctions/functions': functionFields,
  'run/services': runFields,
  'storage/b': bucketFields,
  'iam/serviceAccounts': accountFields,
  'iam/workloadIdentityPools': () => ({ state: 'ACTIVE' }),
  'iam/providers': () => ({ state: 'ACTIVE' }),
  'bigquery/datasets': datasetFields,
  'bigquery/tables': ({ call, path, id }) => ({
    id: `${call.project}:${path.split('/')[3]}.${id}`,
    etag: digest(path).slice(0, 8),
    selfLink: path,
    numBytes: '0',
    type: at(call.body, 'view') === undefined ? 'TABLE' : 'VIEW',
  }),
  'certificatemanager/certificates': certificateFields,
  'certificatemanager/dnsAuthorizations': authorizationFields,
  'certificatemanager/certificateMapEntries': () => ({ state: 'ACTIVE' }),
  'vpcaccess/connectors': () => ({ state: 'READY' }),
  'firestore/databases': ({ id, world }) => ({
    uid: `uid-${id}`,
    etag: `e${world.serial()}`,
    versionRetentionPeriod: '3600s',
    concurrencyMode: 'PESSIMISTIC',
    createTime: new Date(world.now()).toISOString(),
    keyPrefix: '',
    appEngineIntegrationMode: 'DISABLED',
  }),
  'secretmanager/secrets': ({ world }) => ({
    etag: `"${world.serial()}"`,
    createTime: new Date(world.now()).toISOString(),
  }),
  'logging/sinks': ({ call, world }) => ({
    writerIdentity: `serviceAccount:service-${world.numberOf(call.project)}@gcp-sa-logging.iam.gserviceaccount.com`,
  }),
  'logging/metrics': ({ body }) => ({
    metricDescriptor: {
      ...fieldsOf(body.metricDescriptor),
      type: `logging.googleapis.com/user/${textAt(body, 'name')}`,
    },
  }),
  'monitoring/alertPolicies': ({ path, body }) => ({
    conditions: listAt(body, 'conditions').map((one, index) => ({
      ...fieldsOf(one),
      name: `${path}/conditions/${index + 1}`,
    })),
  }),
  'monitoring/dashboards': ({ world }) => ({ etag: `${world.serial()}` }),
  'cloudscheduler/jobs': ({ body }) => ({
    state: 'ENABLED',
    httpTarget: withHeaders(body.httpTarget),
    retryConfig: { ...RETRIES, ...fieldsOf(body.retryConfig) },
  }),
  'billingbudgets/budgets': ({ world }) => ({ etag: `${world.serial()}` }),
  'dns/managedZones': ({ world }) => ({
    id: `${world.serial()}`,
    nameServers: ['ns-cloud-a1.googledomains.com.'],
    visibility: 'public',
  }),
};
