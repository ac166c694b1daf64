import type { Call } from './call';
import type { Fields } from './json';
import type { RehearsalRefusal } from './refusal';
import type { World } from './world';

/** Services that answer a change with an operation, and which collections of theirs do. */
const LONG_RUNNING: Readonly<Record<string, RegExp>> = {
  artifactregistry: /^repositories$/,
  certificatemanager: /./,
  cloudfunctions: /./,
  eventarc: /./,
  firestore: /^(databases|fields|indexes)$/,
  iam: /^(workloadIdentityPools|providers)$/,
  networkservices: /./,
  run: /./,
  vpcaccess: /./,
};
const DIRECT_UPDATES = ['artifactregistry'];

const isLongRunning = ({ service, collection, action }: Call): boolean =>
  (LONG_RUNNING[service]?.test(collection) ?? false) && !(action === 'update' && DIRECT_UPDATES.includes(service));

/** Returns the answer to a change: the resource after it, or an operation that is done. */
export function outcomeOf(call: Call, world: World, resource: Fields): Fields {
  if (call.service === 'compute') return computeOperation(call, world, { targetId: resource.id ?? '0' });
  if (!isLongRunning(call)) return resource;
  return longRunning(call, world, { response: { '@type': 'type.googleapis.com/google.protobuf.Struct', ...resource } });
}

/** Returns an operation that Google accepted and that failed. */
export function failedOperation(call: Call, world: World, { message, status, options }: RehearsalRefusal): Fields {
  if (call.service === 'compute')
    return computeOperation(call, world, {
      httpErrorStatusCode: status,
      error: { errors: [{ code: options.reason ?? 'INVALID', message }] },
    });
  return longRunning(call, world, { error: { code: 3, message } });
}

function longRunning({ host, path, action }: Call, world: World, outcome: Fields): Fields {
  const parent = action === 'create' ? path.replace(/\/[^/]+$/, '') : path.replace(/\/[^/]+\/[^/]+$/, '');
  const name = `${parent}/operations/operation-${world.serial()}`;
  const operation = { name, done: true, metadata: {}, ...outcome };
  world.operations.set(`${host}/${name}`, operation);
  return operation;
}

/** Returns `projects/p`, and the region or zone in it. */
const scopeOf = (path: string): string =>
  /^projects\/[^/]+\/(?:global|regions\/[^/]+|zones\/[^/]+)/.exec(path)?.[0] ?? path;

function computeOperation({ host, path, action, verb }: Call, world: World, outcome: Fields = {}): Fields {
  const id = `${world.serial()}`;
  const scope = scopeOf(path);
  const [, , kind] = scope.split('/');
  const selfLink = `https://www.googleapis.com/compute/v1/${scope}/operations/operation-${id}`;
  const operation = {
    kind: 'compute#operation',
    id,
    name: `operation-${id}`,
    selfLink,
    status: 'DONE',
    progress: 100,
    operationType: verb === '' ? action : verb,
    targetLink: `https://www.googleapis.com/compute/v1/${path}`,
    ...(kind === 'regions' && { region: `https://www.googleapis.com/compute/v1/${scope}` }),
    ...(kind === 'zones' && { zone: `https://www.googleapis.com/compute/v1/${scope}` }),
    ...outcome,
  };
  world.operations.set(`${host}/${scope}/operations/operation-${id}`, operation);
  return operation;
}
