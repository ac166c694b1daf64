import type { Call } from '../call';
import { listAt } from '../json';
import { RehearsalRefusal } from '../refusal';
import type { GoogleRule } from '../rule';
import type { World } from '../world';

/** Services that are charged to the calling tool, where the caller names no project. */
const OF_THE_TOOL = ['cloudresourcemanager', 'serviceusage', 'cloudbilling'];

/** Returns the project that pays for a call: the one that the caller names, else the resource's. */
function payerOf({ quotaProject, project, service, path }: Call, world: World): string {
  if (quotaProject !== '') return quotaProject;
  if (OF_THE_TOOL.includes(service)) return '';
  if (project !== '' || service !== 'storage') return project;
  return world.find('storage.googleapis.com', path)?.project ?? '';
}

const refusal = (host: string, number: string): RehearsalRefusal =>
  new RehearsalRefusal(
    403,
    `${host} has not been used in project ${number} before or it is disabled. ` +
      `Enable it by visiting https://console.developers.google.com/apis/api/${host}/overview?project=${number} then ` +
      'retry.',
    { reason: 'SERVICE_DISABLED' },
  );

export const servicesAreOn: GoogleRule = {
  name: 'services-are-on',
  says: 'a service has to be on in the project that pays for the call, and in the one the resource lies in',
  page: 'https://cloud.google.com/docs/quotas/quota-project',
  byDefault: true,
  check(call, world) {
    if (!call.host.endsWith('.googleapis.com')) return undefined;
    const asked = [payerOf(call, world), OF_THE_TOOL.includes(call.service) ? '' : call.project];
    const off = asked.find((project) => world.hasProject(project) && !world.isOn(project, call.service));
    return off === undefined ? undefined : refusal(call.host, world.numberOf(off));
  },
};

export const projectsAreThere: GoogleRule = {
  name: 'projects-are-there',
  says: 'a project that is not there cannot be told from one that may not be seen',
  page: 'https://cloud.google.com/resource-manager/reference/rest/v3/projects/get',
  byDefault: true,
  check: ({ project }, world) =>
    project === '' || project === '_' || project === '-' || project.endsWith('-cloud') || world.hasProject(project)
      ? undefined
      : new RehearsalRefusal(403, `The caller does not have permission`),
};

/** Services without a price. */
const FREE = ['cloudresourcemanager', 'serviceusage', 'iam', 'iamcredentials', 'sts', 'cloudbilling', 'orgpolicy'];

export const somebodyPays: GoogleRule = {
  name: 'somebody-pays',
  says: 'a service that is billed is not switched on in a project that nobody pays for',
  page: 'https://cloud.google.com/service-usage/docs/enable-disable',
  byDefault: true,
  check({ service, verb, path, body, project }, { unbilled }) {
    if (service !== 'serviceusage' || !['enable', 'batchEnable'].includes(verb) || !unbilled.has(project))
      return undefined;
    const named = [...listAt(body, 'serviceIds').map(String), path.split('/').at(-1) ?? ''];
    const billed = named.find((name) => name.endsWith('.googleapis.com') && !FREE.includes(name.split('.')[0] ?? ''));
    if (billed === undefined) return undefined;
    const message =
      `Billing account for project '${project}' is not found. ` +
      `Billing must be enabled for activation of service(s) '${billed}' to proceed.`;
    return new RehearsalRefusal(400, message, { reason: 'FAILED_PRECONDITION' });
  },
};
