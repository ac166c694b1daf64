import type { Call, GoogleReply } from './call';
import { listAt } from './json';
import { RehearsalRefusal } from './refusal';
import { ok, type Special } from './special-type';
import type { World } from './world';

const idOf = (path: string): string => path.split('/').at(-1) ?? '';
const shortName = (service: string): string => idOf(service).replace('.googleapis.com', '');

function project({ version, path }: Call, world: World): GoogleReply {
  const projectId = idOf(path);
  if (!world.hasProject(projectId)) throw new RehearsalRefusal(403, `The caller does not have permission`);
  const number = world.numberOf(projectId);
  if (version === 'v3/')
    return ok({
      name: `projects/${number}`,
      projectId,
      displayName: projectId,
      state: 'ACTIVE',
      parent: 'organizations/1',
    });
  const parent = { type: 'organization', id: '1' };
  return ok({ projectNumber: number, projectId, lifecycleState: 'ACTIVE', name: projectId, parent });
}

/** Accounts that Google creates with a service. https://cloud.google.com/iam/docs/service-agents */
const AGENTS: Readonly<Record<string, readonly string[]>> = {
  compute: ['compute-system', 'https-lb'],
  run: ['serverless-robot-prod'],
  cloudfunctions: ['gcf-admin-robot'],
  artifactregistry: ['gcp-sa-artifactregistry'],
  cloudscheduler: ['gcp-sa-cloudscheduler'],
  vpcaccess: ['gcp-sa-vpcaccess'],
};

function enable(world: World, owner: string, names: readonly string[]): GoogleReply {
  for (const name of names) {
    world.enable(owner, shortName(name));
    for (const domain of AGENTS[shortName(name)] ?? []) world.wake(owner, domain);
  }
  return ok({ name: `operations/services.${world.serial()}`, done: true, response: {} });
}

const serviceJson = (world: World, owner: string, name: string) => ({
  name: `projects/${world.numberOf(owner)}/services/${name}.googleapis.com`,
  config: { name: `${name}.googleapis.com` },
  parent: `projects/${world.numberOf(owner)}`,
  state: world.isOn(owner, name) ? 'ENABLED' : 'DISABLED',
});

/** Returns Google's account for a service, as `gcloud beta services identity create` asks for it. */
function identity({ path, project: owner }: Call, world: World): GoogleReply {
  const email = world.wake(owner, `gcp-sa-${shortName(path)}`);
  return ok({ name: `operations/finished.${world.serial()}`, done: true, response: { email, uniqueId: email } });
}

const services: readonly Special[] = [
  {
    service: 'serviceusage',
    said: /^batchEnable /,
    answer: ({ project: owner, body }, world) => enable(world, owner, listAt(body, 'serviceIds').map(String)),
  },
  {
    service: 'serviceusage',
    said: /^enable /,
    answer: ({ project: owner, path }, world) => enable(world, owner, [path]),
  },
  {
    service: 'serviceusage',
    said: /^disable /,
    answer: ({ project: owner, path }, world) => {
      world.disable(owner, shortName(path));
      return ok({ name: `operations/services.${world.serial()}`, done: true, response: {} });
    },
  },
  { service: 'serviceusage', said: /^generateServiceIdentity /, answer: identity },
  {
    service: 'serviceusage',
    said: /^batchGet /,
    answer: ({ project: owner, query }, world) =>
      ok({ services: query.getAll('names').map((name) => ({ ...serviceJson(world, owner, shortName(name)), name })) }),
  },
  {
    service: 'serviceusage',
    said: /^GET projects\/[^/]+\/services$/,
    answer: ({ project: owner }, world) =>
      ok({ services: world.servicesOf(owner).map((name) => serviceJson(world, owner, name)) }),
  },
  {
    service: 'serviceusage',
    said: /^GET projects\/[^/]+\/services\/[^/]+$/,
    answer: ({ project: owner, path }, world) => ok(serviceJson(world, owner, shortName(path))),
  },
];

/** Requests of projects, their services and their billing. */
export const PLACES: readonly Special[] = [
  { service: 'cloudresourcemanager', said: /^GET projects\/[^/]+$/, answer: project },
  ...services,
  {
    service: 'cloudbilling',
    said: /^GET projects\/[^/]+\/billingInfo$/,
    answer: ({ project: owner }, world) =>
      ok({
        billingAccountName: world.unbilled.has(owner) ? '' : `billingAccounts/${world.options.billingAccount ?? ''}`,
        billingEnabled: !world.unbilled.has(owner),
        projectId: owner,
      }),
  },
  {
    service: 'cloudbilling',
    said: /^GET billingAccounts\/[^/]+$/,
    answer: ({ path }, world) => ok({ name: path, open: true, currencyCode: world.options.currency ?? 'EUR' }),
  },
  {
    service: '*',
    said: /^testIamPermissions /,
    answer: ({ body }, { denied }) =>
      ok({ permissions: listAt(body, 'permissions').filter((one) => !denied.has(String(one))) }),
  },
  {
    service: 'dns',
    said: /^GET resolve$/,
    answer: (_call, { delegatedTo }) => ok({ Status: 0, Answer: delegatedTo.map((data) => ({ type: 2, data })) }),
  },
  {
    service: 'storage',
    said: /^GET projects\/[^/]+\/serviceAccount$/,
    answer: ({ project: owner }, world) => {
      const address = world.wake(owner, 'gs-project-accounts');
      return ok({ kind: 'storage#serviceAccount', email_address: address });
    },
  },
  {
    service: '*',
    said: /^GET .*operations\/[^/]+$/,
    answer: ({ host, path }, world) => {
      const operation = world.operations.get(`${host}/${path}`);
      return operation === undefined ? ok({ name: path, done: true, response: {} }) : ok(operation);
    },
  },
  {
    service: 'compute',
    said: /^wait .*operations\/[^/]+$/,
    answer: ({ host, path }, world) =>
      ok(world.operations.get(`${host}/${path}`) ?? { name: idOf(path), status: 'DONE' }),
  },
  {
    service: 'orgpolicy',
    said: /^getEffectivePolicy /,
    answer: ({ path }, world) => ok({ name: path, spec: { rules: [policyRule(world, idOf(path))] } }),
  },
];

const policyRule = (world: World, constraint: string) =>
  (world.lifted.has(constraint) ? undefined : world.options.orgPolicies?.[constraint]) ?? { allowAll: true };
