import type { Call, GoogleReply } from './call';
import { at, type Fields, fieldsOf, listAt, merged, textAt } from './json';
import { outcomeOf } from './operations';
import { quotasOf } from './quotas';
import { createAt, found, remove } from './resources';
import { ok, type Special } from './special-type';
import type { World } from './world';

function changed(call: Call, world: World, change: (body: Fields) => Fields): GoogleReply {
  const thing = found(call, world);
  world.put({ ...thing, body: change(thing.body) });
  return ok(outcomeOf(call, world, {}));
}

/** The field of a resource that a verb sets, and the field of the request it comes from. */
const SETTERS: Readonly<Record<string, readonly [field: string, from: string]>> = {
  setLabels: ['labels', 'labels'],
  setSecurityPolicy: ['securityPolicy', 'securityPolicy'],
  setEdgeSecurityPolicy: ['edgeSecurityPolicy', 'securityPolicy'],
  setTarget: ['target', 'target'],
  setUrlMap: ['urlMap', 'urlMap'],
  setSslPolicy: ['sslPolicy', 'sslPolicy'],
  setCertificateMap: ['certificateMap', 'certificateMap'],
  setInstanceTemplate: ['instanceTemplate', 'instanceTemplate'],
  setMetadata: ['metadata', ''],
  setTags: ['tags', ''],
  setMachineType: ['machineType', 'machineType'],
};

const keysOf = (body: Fields): readonly unknown[] => listAt(body, 'cdnPolicy', 'signedUrlKeyNames');
const withKeys = (body: Fields, names: readonly unknown[]): Fields =>
  merged(body, { cdnPolicy: { ...fieldsOf(body.cdnPolicy), signedUrlKeyNames: names } });

/** Makes a machine from a template, with addresses and a disk of its own. */
function instance(call: Call, world: World): GoogleReply {
  const source = (call.query.get('sourceInstanceTemplate') ?? '')
    .replace(/^.*\/compute\/v1\//, '')
    .replace(/\?.*$/, '');
  const template = fieldsOf(at(world.find(call.host, source)?.body, 'properties'));
  const name = textAt(call.body, 'name');
  const path = `${call.path}/${name}`;
  const zone = call.path.split('/')[3] ?? '';
  const base = `https://www.googleapis.com/compute/v1/projects/${call.project}`;
  const body = {
    ...template,
    ...call.body,
    status: 'RUNNING',
    zone: `${base}/zones/${zone}`,
    machineType: `${base}/zones/${zone}/machineTypes/${textAt(template, 'machineType')}`,
    networkInterfaces: listAt(
      call.body.networkInterfaces === undefined ? template : call.body,
      'networkInterfaces',
    ).map(addressed),
    disks: listAt(template, 'disks').map((disk) => ({
      ...fieldsOf(disk),
      source: `${base}/zones/${zone}/disks/${name}`,
      deviceName: 'persistent-disk-0',
    })),
    metadata: { fingerprint: 'bQ==', ...fieldsOf(template.metadata) },
    tags: { fingerprint: 'dA==', ...fieldsOf(template.tags) },
  };
  const disk = { name, sizeGb: at(listAt(template, 'disks')[0], 'initializeParams', 'diskSizeGb') ?? '10' };
  const diskPath = `projects/${call.project}/zones/${zone}/disks/${name}`;
  createAt({ ...call, collection: 'disks', path: diskPath, body: disk, action: 'create' }, world);
  return createAt({ ...call, path, body }, world);
}

/** Deletes a machine with its own disk. */
function withDisk(call: Call, world: World): GoogleReply {
  const reply = remove(call, world);
  const disk = world.find(call.host, call.path.replace('/instances/', '/disks/'));
  if (disk !== undefined) world.remove(disk);
  return reply;
}

const addressed = (network: unknown, index: number): Fields => ({
  ...fieldsOf(network),
  networkIP: `10.0.0.${index + 2}`,
  name: `nic${index}`,
  fingerprint: 'bg==',
  ...(at(network, 'accessConfigs') !== undefined && {
    accessConfigs: listAt(network, 'accessConfigs').map((one) => ({ natIP: '203.0.113.250', ...fieldsOf(one) })),
  }),
});

const zoneAt = (path: string): Fields => ({
  name: path.split('/').at(-1),
  status: 'UP',
  selfLink: `https://www.googleapis.com/compute/v1/${path}`,
  region: `https://www.googleapis.com/compute/v1/${path.replace('/zones/', '/regions/').replace(/-[a-z]$/, '')}`,
});

/** Requests of Compute Engine beyond its resources: quotas, machine types, keys of the CDN, machines. */
export const COMPUTE: readonly Special[] = [
  {
    service: 'compute',
    said: /^GET projects\/[^/]+$/,
    answer: ({ project }, world) => ok({ name: project, quotas: quotasOf(world, project, 'global') }),
  },
  {
    service: 'compute',
    said: /^GET projects\/[^/]+\/regions\/[^/]+$/,
    answer: ({ project, path }, world) => {
      const name = path.split('/').at(-1) ?? '';
      const zones = ['b', 'c', 'd'].map(
        (zone) => `https://www.googleapis.com/compute/v1/projects/${project}/zones/${name}-${zone}`,
      );
      return ok({ name, status: 'UP', zones, quotas: quotasOf(world, project, name) });
    },
  },
  { service: 'compute', said: /^GET projects\/[^/]+\/zones\/[^/]+$/, answer: ({ path }) => ok(zoneAt(path)) },
  {
    service: 'compute',
    said: /^GET .*\/machineTypes\/[^/]+$/,
    answer: ({ path }) => ok({ name: path.split('/').at(-1) }),
  },
  {
    service: 'compute',
    said: /^GET projects\/[^/]+\/global\/images\//,
    answer: ({ path }) =>
      ok({ name: path.split('/').at(-1), selfLink: `https://www.googleapis.com/compute/v1/${path}`, status: 'READY' }),
  },
  { service: 'compute', said: /^POST projects\/[^/]+\/zones\/[^/]+\/instances$/, answer: instance },
  { service: 'compute', said: /^DELETE projects\/[^/]+\/zones\/[^/]+\/instances\/[^/]+$/, answer: withDisk },
  {
    service: 'compute',
    said: /^addSignedUrlKey /,
    answer: (call, world) => {
      world.wake(call.project, 'cloud-cdn-fill');
      return changed(call, world, (body) => withKeys(body, [...keysOf(body), textAt(call.body, 'keyName')]));
    },
  },
  {
    service: 'compute',
    said: /^deleteSignedUrlKey /,
    answer: (call, world) =>
      changed(call, world, (body) =>
        withKeys(
          body,
          keysOf(body).filter((name) => name !== call.query.get('keyName')),
        ),
      ),
  },
  {
    service: 'compute',
    said: /^(listManagedInstances|listInstances) /,
    answer: () => ok({ managedInstances: [], items: [] }),
  },
  {
    service: 'compute',
    said: new RegExp(`^(${Object.keys(SETTERS).join('|')}) `),
    answer: (call, world) => {
      const [field, from] = SETTERS[call.verb] ?? ['', ''];
      return changed(call, world, (body) => ({ ...body, [field]: from === '' ? call.body : call.body[from] }));
    },
  },
];
