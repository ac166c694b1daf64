import type { Call, GoogleReply } from './call';
import { type Fields, fieldsOf } from './json';
import { RehearsalRefusal } from './refusal';
import { found } from './resources';
import { ok, type Special } from './special-type';
import type { World } from './world';

const resourceOf = ({ host, path }: Call): string => `${host}/${path}`;

/** Replaces a policy, unless it was written since it was read. */
function setPolicy(call: Call, world: World, policy: unknown): GoogleReply {
  if (!world.policies.write(resourceOf(call), policy))
    throw new RehearsalRefusal(409, 'There were concurrent policy changes. Please retry the whole read-modify-write.', {
      reason: 'aborted',
    });
  return ok(world.policies.read(resourceOf(call)));
}

const storagePolicy = (call: Call, world: World): Fields => ({
  kind: 'storage#policy',
  resourceId: `projects/_/buckets/${call.path.slice(2)}`,
  ...world.policies.read(resourceOf(call)),
});

const accounts: readonly Special[] = [
  {
    service: 'iam',
    said: /^undelete projects\/[^/]+\/roles\/[^/]+$/,
    answer: (call, world) => {
      const thing = found(call, world);
      const { deleted: _deleted, ...body } = thing.body;
      world.put({ ...thing, body });
      return ok(body);
    },
  },
  {
    service: 'iam',
    said: /^DELETE projects\/[^/]+\/roles\/[^/]+$/,
    answer: (call, world) => {
      const thing = found(call, world);
      const body = { ...thing.body, deleted: true };
      world.deleted.set(resourceOf(call), { thing, at: world.now() });
      world.put({ ...thing, body });
      return ok(body);
    },
  },
];

const secrets: readonly Special[] = [
  {
    service: 'secretmanager',
    said: /^addVersion /,
    answer: (call, world) => {
      const { host, path, project } = found(call, world);
      const number =
        world.in(host, 'versions', project).filter((thing) => thing.path.startsWith(`${path}/`)).length + 1;
      const body = { name: `${path}/versions/${number}`, state: 'ENABLED', payload: call.body.payload };
      world.put({ host, project, collection: 'versions', path: body.name, body });
      return ok({ name: body.name, state: 'ENABLED' });
    },
  },
  {
    service: 'secretmanager',
    said: /^access .*\/versions\/[^/]+$/,
    answer: (call, world) => ok(versionOf(call, world)),
  },
  {
    service: 'secretmanager',
    said: /^(destroy|disable) .*\/versions\/\d+$/,
    answer: (call, world) => {
      const thing = found(call, world);
      world.put({ ...thing, body: { name: thing.path, state: call.verb === 'destroy' ? 'DESTROYED' : 'DISABLED' } });
      return ok({ name: thing.path });
    },
  },
  {
    service: 'secretmanager',
    said: /^GET .*\/secrets\/[^/]+\/versions$/,
    answer: ({ host, path }, world) => {
      const versions = versionsOf(world, host, path).map(({ body }) => ({ name: body.name, state: body.state }));
      return ok({ versions: versions.filter(({ state }) => state === 'ENABLED') });
    },
  },
];

const versionsOf = (world: World, host: string, secret: string) =>
  world.in(host, 'versions').filter(({ path }) => path.startsWith(`${secret.replace(/\/versions$/, '')}/versions/`));

function versionOf({ host, path }: Call, world: World): Fields {
  const [secret = '', wanted = ''] = path.split('/versions/');
  const enabled = versionsOf(world, host, secret).filter(({ body }) => body.state === 'ENABLED');
  const version = wanted === 'latest' ? enabled.at(-1) : enabled.find((thing) => thing.path === path);
  if (version === undefined) throw new RehearsalRefusal(404, `Secret [${secret}] not found or has no versions.`);
  return version.body;
}

/** Requests of access control: policies, accounts, roles, secrets. */
export const ACCESS: readonly Special[] = [
  {
    service: 'storage',
    said: /^iam\/testPermissions /,
    answer: ({ query }) => ok({ permissions: query.getAll('permissions') }),
  },
  {
    service: 'storage',
    said: /^iam b\//,
    answer: (call, world) => {
      found(call, world);
      if (call.method === 'PUT') setPolicy(call, world, call.body);
      return ok(storagePolicy(call, world));
    },
  },
  { service: '*', said: /^getIamPolicy /, answer: (call, world) => ok(world.policies.read(resourceOf(call))) },
  { service: '*', said: /^setIamPolicy /, answer: (call, world) => setPolicy(call, world, policyOf(call)) },
  ...accounts,
  ...secrets,
];

/** Returns the policy of a request: most services wrap it, Compute Engine does not. */
export const policyOf = ({ body }: Pick<Call, 'body'>): Fields =>
  body.policy === undefined ? body : fieldsOf(body.policy);
