import type { Call } from '../call';
import { at, textAt } from '../json';
import { newMembers } from '../policies';
import { RehearsalRefusal } from '../refusal';
import type { GoogleRule } from '../rule';
import { policyOf } from '../special-access';
import type { World } from '../world';

/** Returns the policy that a call writes, and the one that it replaces. */
function writtenBy(call: Call, world: World): readonly string[] {
  const isWrite = call.verb === 'setIamPolicy' || (call.verb === 'iam' && call.method === 'PUT');
  if (!isWrite) return [];
  return newMembers(world.policies.read(`${call.host}/${call.path}`), policyOf(call));
}

const accountOf = (member: string): string => /^serviceAccount:([^?]+)$/.exec(member)?.[1] ?? '';
const isAgent = (account: string): boolean => /^service-\d+@/.test(account);
const IAM = 'iam.googleapis.com';

const isThere = (account: string, world: World): boolean =>
  isAgent(account)
    ? world.agents.has(account)
    : world.in(IAM, 'serviceAccounts').some(({ body }) => body.email === account) ||
      !account.endsWith('.iam.gserviceaccount.com');

export const membersAreThere: GoogleRule = {
  name: 'members-are-there',
  says: "who is granted something has to be there: an account of one's own, or one of Google's that came to life",
  page: 'https://cloud.google.com/iam/docs/service-agents',
  byDefault: true,
  check(call, world) {
    const account = writtenBy(call, world)
      .map(accountOf)
      .find((one) => one !== '' && !isThere(one, world));
    return account === undefined
      ? undefined
      : new RehearsalRefusal(400, `Service account ${account} does not exist.`, { reason: 'invalid' });
  },
};

const MEMBER_DOMAINS = 'iam.allowedPolicyMemberDomains';

export const nobodyIsEverybody: GoogleRule = {
  name: 'allowed-members',
  says: 'in a new organisation nobody outside it is granted anything: allUsers and allAuthenticatedUsers are refused',
  page: 'https://cloud.google.com/resource-manager/docs/organization-policy/restricting-domains',
  byDefault: true,
  policy: { constraint: MEMBER_DOMAINS, rule: { values: { allowedValues: ['C0abcd123'] } } },
  check(call, world) {
    if (!writtenBy(call, world).some((member) => /^all(Authenticated)?Users$/.test(member))) return undefined;
    // Google's exception holds for the whole project; here it holds for the API alone: a public bucket is always
    // refused.
    if (call.service === 'run' && world.lifted.has(MEMBER_DOMAINS)) return undefined;
    const message =
      'One or more users named in the policy do not belong to a permitted customer, perhaps due to an ' +
      'organization policy.';
    return new RehearsalRefusal(call.service === 'storage' ? 412 : 400, message, { reason: 'conditionNotMet' });
  },
};

const READS_OBJECTS = [
  'roles/storage.objectViewer',
  'roles/storage.objectUser',
  'roles/storage.objectAdmin',
  'roles/storage.admin',
];

/** Returns whether an account may read a bucket's objects, by a grant that was early enough. */
function mayRead(world: World, bucket: string, project: string, account: string): boolean {
  const resources = [`storage.googleapis.com/b/${bucket}`, `cloudresourcemanager.googleapis.com/projects/${project}`];
  const grants = resources.flatMap((resource) => world.policies.grants(resource));
  const known = world.now() - world.delays.grantMs;
  return grants.some(
    ({ role, member, since }) =>
      READS_OBJECTS.includes(role) && member === `serviceAccount:${account}` && since <= known,
  );
}

export const buildsReadTheirSource: GoogleRule = {
  name: 'grants-take-time',
  says: 'a function is built by an account that may read the archive, and a grant works some time after it was made',
  page: 'https://cloud.google.com/iam/docs/access-change-propagation and hashicorp/magic-modules#11909',
  byDefault: true,
  check(call, world) {
    if (call.service !== 'cloudfunctions' || call.collection !== 'functions') return undefined;
    if (call.action !== 'create' && call.action !== 'update') return undefined;
    const bucket = textAt(call.body, 'buildConfig', 'source', 'storageSource', 'bucket');
    const account = textAt(call.body, 'buildConfig', 'serviceAccount').split('/').at(-1) ?? '';
    if (bucket === '' || account === '' || mayRead(world, bucket, call.project, account)) return undefined;
    const message =
      `Build failed: failed to Fetch: Access to bucket ${bucket} denied. ` +
      `You must grant Storage Object Viewer permission to ${account}.`;
    return new RehearsalRefusal(403, message, { later: true });
  },
};

export const eventarcTakesTime: GoogleRule = {
  name: 'eventarc-takes-time',
  says: "Eventarc's own account works some minutes after it came to life: the first trigger fails before",
  page: 'https://cloud.google.com/eventarc/docs/troubleshooting#permission-denied',
  byDefault: true,
  check(call, world) {
    if (call.service !== 'cloudfunctions' || call.action !== 'create' || at(call.body, 'eventTrigger') === undefined)
      return undefined;
    const since = world.agents.get(`service-${world.numberOf(call.project)}@gcp-sa-eventarc.iam.gserviceaccount.com`);
    if (since !== undefined && since + world.delays.eventarcMs <= world.now()) return undefined;
    const message =
      'Invalid resource state for "": Permission denied while using the Eventarc Service Agent. ' +
      'If you recently started to use Eventarc, it may take a few minutes before all necessary permissions are ' +
      'propagated to the Service Agent. Otherwise, verify that it has Eventarc Service Agent role.';
    return new RehearsalRefusal(400, message, { later: true });
  },
};

export const secretsHaveValues: GoogleRule = {
  name: 'secrets-have-values',
  says: 'a function does not start with a secret that has no version',
  page: 'https://cloud.google.com/functions/docs/configuring/secrets',
  byDefault: true,
  check(call, world) {
    if (call.service !== 'cloudfunctions' || call.action !== 'create') return undefined;
    const host = 'secretmanager.googleapis.com';
    const wanted = secretsOf(call);
    const empty = wanted.find(
      (secret) =>
        !world.in(host, 'versions').some(({ path, body }) => path.startsWith(`${secret}/`) && body.state === 'ENABLED'),
    );
    if (empty === undefined) return undefined;
    return new RehearsalRefusal(
      400,
      `Could not create or update Cloud Run service: Secret ${empty}/versions/latest was not found`,
      {
        later: true,
      },
    );
  },
};

function secretsOf({ body, project }: Call): string[] {
  const config = at(body, 'serviceConfig');
  const listed = [at(config, 'secretEnvironmentVariables'), at(config, 'secretVolumes')].flatMap((list) =>
    Array.isArray(list) ? list : [],
  );
  return listed.map((one) => `projects/${textAt(one, 'projectId') || project}/secrets/${textAt(one, 'secret')}`);
}
