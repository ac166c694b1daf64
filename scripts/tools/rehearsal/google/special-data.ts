import { listQueryFrom } from '../../../emulators/gcs/listing';
import type { Call, GoogleReply } from './call';
import { type Fields, fieldsOf, isFields, listAt, textAt } from './json';
import { outcomeOf } from './operations';
import { create, createAt, found, missing, remove, update } from './resources';
import { ok, type Special } from './special-type';
import type { World } from './world';

const recordPath = (zone: string, record: unknown): string =>
  `${zone}/rrsets/${textAt(record, 'name')}/${textAt(record, 'type')}`;

/** Changes the records of a zone together. https://cloud.google.com/dns/docs/reference/rest/v1/changes */
function changeRecords(call: Call, world: World): GoogleReply {
  const zone = call.path.replace(/\/changes$/, '');
  for (const record of listAt(call.body, 'deletions'))
    world.remove(found({ ...call, path: recordPath(zone, record) }, world));
  for (const record of listAt(call.body, 'additions')) {
    const path = recordPath(zone, record);
    createAt(
      { ...call, collection: 'rrsets', path, body: { kind: 'dns#resourceRecordSet', ...fieldsOf(record) } },
      world,
    );
  }
  return ok({ kind: 'dns#change', id: `${world.serial()}`, status: 'done', ...call.body });
}

function records(call: Call, world: World): GoogleReply {
  const zone = call.path.replace(/\/rrsets$/, '');
  const name = call.query.get('name');
  const type = call.query.get('type');
  const all = world.in(call.host, 'rrsets').filter(({ path }) => path.startsWith(`${zone}/`));
  const rrsets = all
    .map(({ body }) => body)
    .filter((body) => (name === null || body.name === name) && (type === null || body.type === type));
  return ok({ kind: 'dns#resourceRecordSetsListResponse', rrsets });
}

/** Returns the resources that exist in every project, and are only ever changed. */
function standing(call: Call, world: World, body: Fields): void {
  const { host, path, collection, project } = call;
  if (world.find(host, path) === undefined) world.put({ host, path, collection, project, body });
}

function logBucket(call: Call, world: World): GoogleReply {
  standing(call, world, { name: call.path, retentionDays: 30, lifecycleState: 'ACTIVE', locked: false });
  return call.method === 'GET' ? ok(found(call, world).body) : update(call, world);
}

function field(call: Call, world: World): GoogleReply {
  standing(call, world, { name: call.path, indexConfig: { indexes: [], usesAncestorConfig: true } });
  if (call.method === 'GET') return ok(found(call, world).body);
  const { indexConfig = { indexes: [], usesAncestorConfig: true }, ttlConfig } = call.body;
  const thing = found(call, world);
  const body = { name: call.path, indexConfig, ...(isFields(ttlConfig) && { ttlConfig: { state: 'ACTIVE' } }) };
  world.put({ ...thing, body });
  return ok(outcomeOf(call, world, body));
}

/** Finds a log metric in Cloud Monitoring, once it has arrived there. */
function metricDescriptor({ host, path, project }: Call, world: World): GoogleReply {
  const name = /\/metricDescriptors\/logging\.googleapis\.com\/user\/(.+)$/.exec(path)?.[1];
  const metric = world.in('logging.googleapis.com', 'metrics', project).find(({ body }) => body.name === name);
  if (metric === undefined || world.now() < metric.createdAt + world.delays.metricMs) throw missing({ path });
  return ok({ name: `${host}/${path}`, type: `logging.googleapis.com/user/${name}` });
}

function makeBucket(call: Call, world: World): GoogleReply {
  const reply = create(call, world);
  world.objects.createBucket({ name: textAt(call.body, 'name') });
  return reply;
}

function removeBucket(call: Call, world: World): GoogleReply {
  const { objects } = world;
  for (const { name } of objects.list(call.path.slice(2), listQueryFrom(new URLSearchParams())).records)
    objects.remove({ bucket: call.path.slice(2), name }, {});
  objects.deleteBucket(call.path.slice(2));
  return remove(call, world);
}

/** Requests of buckets, DNS records, log buckets, fields of a database, tags of images. */
export const DATA: readonly Special[] = [
  { service: 'storage', said: /^POST b$/, answer: makeBucket },
  { service: 'storage', said: /^DELETE b\/[^/]+$/, answer: removeBucket },
  { service: 'dns', said: /^POST .*\/changes$/, answer: changeRecords },
  { service: 'dns', said: /^GET .*\/changes\/[^/]+$/, answer: () => ok({ kind: 'dns#change', status: 'done' }) },
  { service: 'dns', said: /^GET .*\/rrsets$/, answer: records },
  { service: 'logging', said: /^(GET|PATCH) .*\/buckets\/_(Default|Required)$/, answer: logBucket },
  { service: 'firestore', said: /^(GET|PATCH) .*\/fields\/[^/]+$/, answer: field },
  {
    service: 'cloudscheduler',
    said: /^(pause|resume) /,
    answer: (call, world) => {
      const thing = found(call, world);
      const body = { ...thing.body, state: call.verb === 'pause' ? 'PAUSED' : 'ENABLED' };
      world.put({ ...thing, body });
      return ok(body);
    },
  },
  { service: 'monitoring', said: /^GET .*\/metricDescriptors\//, answer: metricDescriptor },
];
