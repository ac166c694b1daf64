import { z } from 'zod';
import { troubleIn } from '../deploy/troubles';
import { GoogleApiError } from '../google/google-api';
import type { StackJson } from '../google/stack-json';
import type { Check, CheckContext, Finding } from './finding';
import { PERMISSION_OF } from './permissions';
import { policies } from './policy-check';
import { absentPermissions, accountOf, BILLING_CHECKS, billingOf, checkProject, ownerRemedy } from './project-checks';
import { quotas } from './quota-check';
import { runCheck } from './report';
import { earlier } from './state-check';

const ServiceBlock = z.object({ project: z.string() });
const RecordBlock = z.object({ name: z.string() });
const Resolved = z.object({ Answer: z.array(z.object({ type: z.int(), data: z.string() })).default([]) });
/** The number of a DNS type. https://www.iana.org/assignments/dns-parameters */
const NS = 2;
const GOOGLES = /^ns-cloud-\w+\.googledomains\.com\.?$/i;

/** Returns the projects that `bootstrap` prepares, and the one of the states. */
const projectsOf = (bootstrap: StackJson): string[] => [
  ...new Set([
    bootstrap.projectId,
    ...bootstrap.all('google_project_service', ServiceBlock).map(({ project }) => project),
  ]),
];

/** Returns the permissions needed on a project: those that make its resources after bootstrap and deploy. */
function permissionsOn(projectId: string, { stack, bootstrap }: CheckContext): string[] {
  const types = [
    ...(projectId === bootstrap.projectId ? [] : bootstrap.types()),
    ...(projectId === stack.projectId ? stack.types() : []),
  ];
  const named = types.map((type) => PERMISSION_OF[type] ?? '').filter((permission) => permission !== '');
  return [...new Set([...named, 'serviceusage.services.enable'])];
}

/** Checks one project of several: its existence, the caller's permissions, and its billing. */
async function projectFindings(projectId: string, context: CheckContext): Promise<readonly Finding[]> {
  const { api, stack } = context;
  const project = await checkProject(projectId, api).catch((error: unknown): Finding => {
    if (error instanceof GoogleApiError && [403, 404].includes(error.status)) return unseen(projectId, error);
    throw error;
  });
  if (project.missing !== undefined) return [project];
  const absent = await absentPermissions(projectId, permissionsOn(projectId, context), api);
  const rights: Finding =
    absent.length === 0
      ? { what: `permissions on ${projectId}` }
      : {
          what: `permissions on ${projectId}`,
          missing: `not granted: ${absent.join(', ')}`,
          remedy: ownerRemedy(projectId),
        };
  const paying = await runCheck(
    { name: `billing of ${projectId}`, run: () => billingOf(projectId, accountOf(stack), api) },
    context,
  );
  return [project, rights, ...paying];
}

/** Reports a project that may be missing or hidden: Google answers both alike. */
export const unseen = (projectId: string, { message }: GoogleApiError): Finding => ({
  what: `project ${projectId}`,
  missing: `there is none, or you may not see it (${message})`,
  remedy: `correct its id in infra/config, or run: gcloud projects create ${projectId}`,
});

/**
 * Checks whether the public host is delegated to Google: at the nearest of its domains that has name servers. Preflight
 * compares them with the zone's own, once Cloud DNS is enabled.
 */
const delegated: Check = {
  name: 'DNS',
  async run({ stack, api }) {
    // Some are named by what Certificate Manager makes.
    const record = stack.all('google_dns_record_set', RecordBlock).find(({ name }) => !name.includes('${'));
    if (record === undefined) return [];
    const labels = record.name.replace(/\.$/, '').split('.');
    for (let from = 0; from < labels.length - 1; from++) {
      const domain = labels.slice(from).join('.');
      const query = [['name', domain] as const, ['type', 'NS'] as const];
      const { Answer } = await api.call(Resolved, {
        method: 'GET',
        path: 'dns.google/resolve',
        query,
        anonymous: true,
      });
      const servers = Answer.filter(({ type }) => type === NS).map(({ data }) => data.replace(/\.$/, ''));
      if (servers.length > 0) return [serversFinding(domain, servers)];
    }
    return [
      { what: `delegation of ${labels.join('.')}`, missing: 'the world knows no name server for it', remedy: ZONE },
    ];
  },
};

const ZONE =
  "make its zone in Cloud DNS, and let the domain's registrar name the zone's servers: " +
  'https://cloud.google.com/dns/docs/update-name-servers';

const serversFinding = (domain: string, servers: readonly string[]): Finding =>
  servers.some((server) => GOOGLES.test(server))
    ? { what: `delegation of ${domain} to Cloud DNS` }
    : { what: `delegation of ${domain}`, missing: `the world asks ${servers.join(', ')}`, remedy: ZONE };

/** Makes a check of a service that may not be enabled yet: bootstrap enables it, and preflight asks again. */
const onceOn = ({ name, run }: Check): Check => ({
  name,
  run: (context) =>
    run(context).catch((error: unknown) => {
      if (error instanceof GoogleApiError && troubleIn(error.message)?.name === 'service off') return [];
      throw error;
    }),
});

/**
 * Checks everything that would stop a deploy for certain and can be seen before anything is made, while no service is
 * enabled: projects, permissions, billing, delegation, other operators; and quotas and policies where their services
 * are enabled.
 */
export async function firstLook(context: CheckContext): Promise<readonly Finding[]> {
  const { bootstrap } = context;
  const projects = await Promise.all(projectsOf(bootstrap).map((project) => projectFindings(project, context)));
  const own = projects.flat().find(({ what, missing }) => what === `project ${context.stack.projectId}` && missing);
  const asked = own === undefined ? [...BILLING_CHECKS, onceOn(quotas), onceOn(policies)] : [];
  const checks = [...asked, delegated, earlier];
  const found = await Promise.all([
    ...checks.map((check) => runCheck(check, context)),
    runCheck(earlier, { ...context, stack: bootstrap }),
  ]);
  return [...projects.flat(), ...found.flat()];
}
