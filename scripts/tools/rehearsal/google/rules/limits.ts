import { at, listAt, textAt, textsIn } from '../json';
import { limitOf, metricOf, usageOf } from '../quotas';
import { RehearsalRefusal } from '../refusal';
import type { GoogleRule } from '../rule';

const COMPUTE = 'compute.googleapis.com';
const DAY_MS = 86_400_000;

export const quotasHold: GoogleRule = {
  name: 'quotas-hold',
  says: 'a young project has few of everything: three backend buckets',
  page: 'https://cloud.google.com/compute/resource-usage',
  byDefault: true,
  check(call, world) {
    if (call.service !== 'compute' || call.action !== 'create') return undefined;
    const metric = metricOf(call.collection, call.path);
    if (metric === undefined || usageOf(world, call.project, metric) < limitOf(world, metric)) return undefined;
    const region = /\/regions\/([^/]+)/.exec(call.path)?.[1];
    const message =
      `Quota '${metric}' exceeded.  Limit: ${limitOf(world, metric)}.0 ` +
      `${region === undefined ? 'globally' : `in region ${region}`}.`;
    return new RehearsalRefusal(403, message, { reason: 'QUOTA_EXCEEDED', later: true });
  },
};

export const metricsTakeTime: GoogleRule = {
  name: 'metrics-take-time',
  says: 'a metric made of log lines can be alerted on up to ten minutes after it was made',
  page: 'https://github.com/hashicorp/terraform-provider-google/issues/11102',
  byDefault: true,
  check(call, world) {
    if (call.service !== 'monitoring' || call.collection !== 'alertPolicies' || call.action !== 'create')
      return undefined;
    const named = textsIn(call.body.conditions).flatMap((text) => [
      ...text.matchAll(/logging\.googleapis\.com\/user\/([\w./-]+)/g),
    ]);
    const unknown = named
      .map(([, name = '']) => name)
      .find((name) => {
        const metric = world
          .in('logging.googleapis.com', 'metrics', call.project)
          .find(({ body }) => body.name === name);
        return metric === undefined || world.now() < metric.createdAt + world.delays.metricMs;
      });
    if (unknown === undefined) return undefined;
    const message =
      `Cannot find metric(s) that match type = "logging.googleapis.com/user/${unknown}". ` +
      'If a metric was created recently, it could take up to 10 minutes to become available. Please try again soon.';
    return new RehearsalRefusal(404, message);
  },
};

/** A deleted role can be restored for a week, and its name is blocked for 37 days. */
const ROLE_BACK_MS = 7 * DAY_MS;
const ROLE_FREE_MS = 37 * DAY_MS;

export const rolesStayReserved: GoogleRule = {
  name: 'roles-stay-reserved',
  says: 'the name of a deleted role comes back by undelete for 7 days, ' + 'and is blocked until 37 days have passed',
  page: 'https://cloud.google.com/iam/docs/creating-custom-roles#deleting-custom-role',
  byDefault: true,
  check(call, world) {
    if (call.service !== 'iam' || !/\/roles(\/|$)/.test(call.path)) return undefined;
    const path = call.action === 'create' ? `${call.path}/${textAt(call.body, 'roleId')}` : call.path;
    const gone = world.deleted.get(`${call.host}/${path}`);
    const thing = world.find(call.host, path);
    if (gone === undefined || at(thing?.body, 'deleted') !== true) return undefined;
    const age = world.now() - gone.at;
    if (age >= ROLE_FREE_MS && call.action === 'create' && thing !== undefined) {
      world.remove(thing);
      return undefined;
    }
    if (call.action === 'create')
      return new RehearsalRefusal(400, `You can't create a role_id (${path}) which has been marked for deletion.`, {
        reason: 'FAILED_PRECONDITION',
      });
    if (age < ROLE_BACK_MS || call.action === 'read' || call.action === 'list') return undefined;
    return new RehearsalRefusal(400, `You can't undelete or update a role that was deleted more than 7 days ago.`, {
      reason: 'FAILED_PRECONDITION',
    });
  },
};

export const bucketsAreEmpty: GoogleRule = {
  name: 'buckets-are-empty',
  says: 'a bucket with something in it is not deleted',
  page: 'https://cloud.google.com/storage/docs/deleting-buckets',
  byDefault: true,
  check: ({ service, collection, action, path }, world) => {
    if (
      service !== 'storage' ||
      collection !== 'b' ||
      action !== 'delete' ||
      world.find('storage.googleapis.com', path) === undefined
    )
      return undefined;
    return world.objects.count(path.slice(2)) === 0
      ? undefined
      : new RehearsalRefusal(409, 'The bucket you tried to delete is not empty.', { reason: 'conflict' });
  },
};

export const protectedStays: GoogleRule = {
  name: 'protected-stays',
  says: 'what says it is protected is not deleted: databases, machines, tables',
  page: 'https://cloud.google.com/firestore/docs/manage-databases#delete_protection',
  byDefault: true,
  check: (call, world) => {
    const body = call.action === 'delete' ? world.find(call.host, call.path)?.body : undefined;
    const isProtected =
      body?.deleteProtectionState === 'DELETE_PROTECTION_ENABLED' || body?.deletionProtection === true;
    return isProtected
      ? new RehearsalRefusal(400, `'${call.path}' has delete protection enabled.`, { reason: 'FAILED_PRECONDITION' })
      : undefined;
  },
};

/** Returns `projects/p/...` of every resource of Compute Engine that a request names. */
const namedIn = (body: unknown): readonly string[] =>
  textsIn(body)
    .map(
      (text) =>
        /^(?:https:\/\/[^/]+\/compute\/v1\/)?(projects\/[^/]+\/(?:global|regions\/[^/]+|zones\/[^/]+)\/[^/]+\/[^/]+)$/.exec(
          text,
        )?.[1] ?? '',
    )
    .filter((path) =>
      /\/(backendBuckets|backendServices|healthChecks|networks|subnetworks|securityPolicies|sslPolicies|urlMaps|instanceTemplates|instanceGroups|instanceGroupManagers|networkEndpointGroups|target\w+)\//.test(
        path,
      ),
    );

const exists = (path: string, things: ReadonlySet<string>): boolean =>
  things.has(path) || things.has(path.replace('/instanceGroups/', '/instanceGroupManagers/'));

export const referencesAreThere: GoogleRule = {
  name: 'references-are-there',
  says: 'what a resource of Compute Engine names has to be there',
  page: 'https://cloud.google.com/compute/docs/reference/rest/v1/backendServices/insert',
  byDefault: true,
  check(call, world) {
    if (call.service !== 'compute' || !['create', 'update', 'replace'].includes(call.action)) return undefined;
    const things = new Set(
      world
        .things()
        .filter(({ host }) => host === COMPUTE)
        .map(({ path }) => path),
    );
    const absent = namedIn(call.body).find((path) => !exists(path, things));
    return absent === undefined
      ? undefined
      : new RehearsalRefusal(404, `The resource '${absent}' was not found`, { reason: 'notFound' });
  },
};

export const usedStays: GoogleRule = {
  name: 'used-stays',
  says: 'what another resource of Compute Engine uses is not deleted',
  page: 'https://cloud.google.com/compute/docs/troubleshooting/troubleshooting-resource-in-use',
  byDefault: true,
  check(call, world) {
    if (call.service !== 'compute' || call.action !== 'delete') return undefined;
    const group = call.path.replace('/instanceGroupManagers/', '/instanceGroups/');
    const user = world
      .things()
      .find(
        ({ host, path, body }) =>
          host === COMPUTE &&
          path !== call.path &&
          namedIn(body).some((named) => named === call.path || named === group),
      );
    if (user === undefined) return undefined;
    const message = `The ${call.collection} resource '${call.path}' is already being used by '${user.path}'`;
    return new RehearsalRefusal(400, message, { reason: 'resourceInUseByAnotherResource' });
  },
};

const HYPERDISK_ONLY = /^(n4|c4|c4a|c4d|m4|x4)-/;

export const disksFit: GoogleRule = {
  name: 'disks-fit',
  says: 'machines of the families N4 and C4 take Hyperdisk only',
  page: 'https://cloud.google.com/compute/docs/general-purpose-machines#n4_disks',
  byDefault: true,
  check(call) {
    if (call.service !== 'compute' || call.action !== 'create' || call.collection !== 'instanceTemplates')
      return undefined;
    const machine = textAt(call.body, 'properties', 'machineType');
    const disk = listAt(call.body, 'properties', 'disks')
      .map((one) => textAt(one, 'initializeParams', 'diskType'))
      .find((type) => type.startsWith('pd-'));
    if (!HYPERDISK_ONLY.test(machine) || disk === undefined) return undefined;
    return new RehearsalRefusal(
      400,
      `[${disk}] features are not compatible for creating instance with machine type ${machine}.`,
      {
        later: true,
      },
    );
  },
};
