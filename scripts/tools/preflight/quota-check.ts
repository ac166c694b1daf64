import { z } from 'zod';
import type { Check, Finding } from './finding';
import { type Need, needs, projectNeeds } from './needs';

const Quotas = z.object({
  quotas: z.array(z.object({ metric: z.string(), limit: z.number(), usage: z.number() })).default([]),
});
type QuotaLimits = z.output<typeof Quotas>['quotas'];
const COMPUTE = 'compute.googleapis.com/compute/v1/projects';

/** Checks every quota of a region and of the project that the environment uses. */
export const quotas: Check = {
  name: 'quotas',
  async run({ stack, api }) {
    const { projectId } = stack;
    const regions = needs(stack);
    const ask = async (path: string) => (await api.call(Quotas, { method: 'GET', path: `${COMPUTE}/${path}` })).quotas;
    const [ofProject, ...ofRegions] = await Promise.all([
      ask(projectId),
      ...regions.map(({ region }) => ask(`${projectId}/regions/${region}`)),
    ]);
    const named = new Set(ofProject.map(({ metric }) => metric));
    return [
      ...regions.flatMap((one, index) => regionFindings(one, projectId, ofRegions[index] ?? [])),
      // Google names some quotas of a project in another interface only: a quota that is missing here is not checked
      // here.
      ...projectNeeds(stack)
        .filter(({ metric }) => named.has(metric))
        .map((need) => quotaFinding(need, projectId, 'the project', ofProject)),
    ];
  },
};

const regionFindings = (
  { region, needs: wanted }: ReturnType<typeof needs>[number],
  projectId: string,
  limits: QuotaLimits,
): Finding[] =>
  wanted
    .filter(({ metric }) => !OPTIONAL.has(metric) || limits.some((limit) => limit.metric === metric))
    .map((need) => quotaFinding(need, projectId, region, limits));

/** Fields of a region that has one of two names. */
const OPTIONAL = new Set([
  'INSTANCE_GROUP_MANAGERS',
  'REGIONAL_INSTANCE_GROUP_MANAGERS',
  'AUTOSCALERS',
  'REGIONAL_AUTOSCALERS',
]);

function quotaFinding({ metric, amount }: Need, projectId: string, where: string, limits: QuotaLimits): Finding {
  const found = limits.find((limit) => limit.metric === metric);
  const what = `quota ${metric} in ${where}`;
  if (found === undefined)
    return { what, missing: 'Google does not name it', remedy: 'choose another machine type or region' };
  if (found.limit >= amount) return { what: `${what}: ${amount} at most, of ${found.limit} (${found.usage} in use)` };
  const query = `project=${projectId}&filter=${encodeURIComponent(metric)}`;
  const link = `https://console.cloud.google.com/iam-admin/quotas?${query}`;
  const lower = /CPUS|INSTANCES|SSD|IN_USE/.test(metric) ? ', or lower maxNodes' : '';
  return {
    what,
    missing: `${amount} may be needed, ${found.limit} are allowed`,
    remedy: `ask for ${amount}: ${link}${lower}`,
  };
}
