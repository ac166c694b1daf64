import type { Call, GoogleReply } from './call';
import { ADDED } from './created';
import { at, type Fields, fieldsOf, merged, textAt, withPath } from './json';
import { failedOperation, outcomeOf } from './operations';
import { RehearsalRefusal } from './refusal';
import type { Thing, World } from './world';

/** Collections whose names Google makes itself, and parameters that are no name. */
const GENERATED = /^(alertPolicies|notificationChannels|uptimeCheckConfigs|dashboards|budgets|triggers)$/;
const NO_NAME = new Set(['requestId', 'projectId']);
/** Fields of a resource that some services wrap in their PATCH, beside the mask. */
const WRAPPED = ['topic', 'subscription', 'serviceAccount'];

const decoded = (name: string): string => name.split('/').at(-1) ?? '';

/** Returns the id of a new resource: from the query, or from the body where its service has it. */
function idOf({ service, collection, query, body, project }: Call, world: World): string {
  const named = [...query].find(([name]) => /(Id|_id)$/.test(name) && !NO_NAME.has(name))?.[1];
  if (named !== undefined) return named;
  if (service === 'iam' && collection === 'serviceAccounts')
    return `${textAt(body, 'accountId')}@${project}.iam.gserviceaccount.com`;
  if (service === 'iam' && collection === 'roles') return textAt(body, 'roleId');
  if (collection === 'datasets') return textAt(body, 'datasetReference', 'datasetId');
  if (collection === 'tables') return textAt(body, 'tableReference', 'tableId');
  if (GENERATED.test(collection)) return `${world.serial()}`;
  return decoded(textAt(body, 'name')) || `${world.serial()}`;
}

/** Returns the fields of the resource itself, where a request wraps it. */
function sentOf({ service, collection, body }: Call): Fields {
  if (service === 'iam' && collection === 'serviceAccounts') return fieldsOf(body.serviceAccount);
  if (service === 'iam' && collection === 'roles' && body.role !== undefined) return fieldsOf(body.role);
  const wrapped = WRAPPED.find((name) => collection.startsWith(name) && body[name] !== undefined);
  return wrapped === undefined ? body : fieldsOf(body[wrapped]);
}

const SHORT_NAMES = ['compute', 'storage', 'dns', 'bigquery'];
const hasShortName = ({ service, collection }: Call): boolean =>
  SHORT_NAMES.includes(service) || (service === 'logging' && ['metrics', 'sinks', 'exclusions'].includes(collection));

function stored(call: Call, world: World, path: string, id: string): Fields {
  const body = sentOf(call);
  const made = { call, world, id, path, body };
  const name = SHORT_NAMES.includes(call.service) ? {} : { name: hasShortName(call) ? id : path };
  const defaults = ADDED[`${call.service}/*`]?.(made) ?? {};
  const own = ADDED[`${call.service}/${call.collection}`]?.(made) ?? {};
  const identity = call.service === 'compute' ? { id: defaults.id, selfLink: defaults.selfLink } : name;
  return { ...defaults, ...body, ...own, ...identity };
}

/** Makes a resource. A taken path is refused, as at Google. */
export function create(call: Call, world: World): GoogleReply {
  const id = idOf(call, world);
  const path = `${call.path}/${id}`;
  return createAt({ ...call, path }, world, id);
}

/** Makes a resource at the path the call names. */
export function createAt(call: Call, world: World, id = decoded(call.path)): GoogleReply {
  const { host, path, collection, project } = call;
  // A deleted role is still shown; a rule decides whether its name is free.
  const there = world.find(host, path);
  if (there !== undefined && there.body.deleted !== true)
    throw new RehearsalRefusal(409, `Resource '${path}' already exists.`, { reason: 'alreadyExists' });
  const { body } = world.put({ host, path, collection, project, body: stored(call, world, path, id) });
  return { status: 200, body: outcomeOf(call, world, body) };
}

export const missing = ({ path }: Pick<Call, 'path'>): RehearsalRefusal =>
  new RehearsalRefusal(404, `The resource '${path}' was not found`, { reason: 'notFound' });

export function found({ host, path }: Pick<Call, 'host' | 'path'>, world: World): Thing {
  const thing = world.find(host, path);
  if (thing === undefined) throw missing({ path });
  return thing;
}

/** Changes a resource: the fields of the mask, or all fields of the body. */
export function update(call: Call, world: World): GoogleReply {
  const thing = found(call, world);
  const sent = sentOf(call);
  const said = call.query.get('updateMask') ?? textAt(call.body, 'updateMask');
  const mask =
    said === ''
      ? []
      : said.split(',').map((path) => path.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()));
  const body =
    mask.length === 0
      ? merged(thing.body, sent)
      : mask.reduce((all, path) => withPath(all, sent, path.split('.')), thing.body);
  const again = { ...call, body: fieldsOf(body) };
  const kept =
    mask.length > 0 && call.service === 'cloudfunctions' ? stored(again, world, call.path, decoded(call.path)) : body;
  world.put({ ...thing, body: kept });
  return { status: 200, body: outcomeOf(call, world, kept) };
}

/** Replaces a whole resource, or makes it. The fields that Google added stay. */
export function replace(call: Call, world: World): GoogleReply {
  const thing = world.find(call.host, call.path);
  if (thing === undefined) return createAt(call, world);
  const kept = { ...stored(call, world, call.path, decoded(call.path)), id: thing.body.id };
  world.put({ ...thing, body: kept });
  return { status: 200, body: outcomeOf(call, world, kept) };
}

export function remove(call: Call, world: World): GoogleReply {
  const thing = found(call, world);
  for (const inner of world.things())
    if (inner.host === thing.host && inner.path.startsWith(`${thing.path}/`)) world.remove(inner);
  world.remove(thing);
  return { status: 200, body: outcomeOf(call, world, {}) };
}

export function list({ host, path, collection, service }: Call, world: World): GoogleReply {
  const within = new RegExp(`^${path.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}/[^/]+$`);
  const items = world.things().filter((thing) => thing.host === host && within.test(thing.path));
  const bodies = items.map(({ body }) => body);
  return { status: 200, body: { [['compute', 'storage'].includes(service) ? 'items' : collection]: bodies } };
}

/** Applies a request whose operation fails: a broken function stays behind; any other resource is not created. */
export function fail(call: Call, world: World, refusal: RehearsalRefusal): GoogleReply {
  const id = call.action === 'create' ? idOf(call, world) : decoded(call.path);
  const path = call.action === 'create' ? `${call.path}/${id}` : call.path;
  const { host, collection, project } = call;
  if (call.service === 'cloudfunctions' && call.action === 'create') {
    const body = { ...stored(call, world, path, id), state: 'FAILED' };
    world.put({ host, path, collection, project, body });
  }
  return { status: 200, body: failedOperation({ ...call, path }, world, refusal) };
}

/** Returns a resource as its reader gets it. */
export const read = (call: Call, world: World): GoogleReply => ({ status: 200, body: at(found(call, world), 'body') });
