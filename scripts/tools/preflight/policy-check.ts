import { z } from 'zod';
import type { Check, Finding } from './finding';
import { CONSTRAINTS, type Constraint, EffectivePolicy } from './policy-rules';

const Project = z.object({ name: z.string() });

/**
 * Organisation policies in force on the project.
 * https://cloud.google.com/resource-manager/docs/organization-policy/overview
 */
export const policies: Check = {
  name: 'organisation policies',
  async run({ stack, api }) {
    const path = `cloudresourcemanager.googleapis.com/v3/projects/${stack.projectId}`;
    const { name } = await api.call(Project, { method: 'GET', path });
    const number = name.split('/')[1];
    // Google's own accounts, which the principals of an organisation do not include.
    const agents = ['https-lb', 'cloud-cdn-fill'].map(
      (service) => `serviceAccount:service-${number}@${service}.iam.gserviceaccount.com`,
    );
    return Promise.all(
      CONSTRAINTS.map(async (constraint) => {
        const { spec } = await api.call(EffectivePolicy, {
          method: 'GET',
          path: effective(stack.projectId, constraint.name),
        });
        const missing = constraint.inTheWay(spec.rules, stack, agents);
        const what = `organisation policy ${constraint.name}`;
        return missing === undefined
          ? { what }
          : { what, missing, remedy: pasted(constraint, stack.projectId, constraint.exception(stack, agents)) };
      }),
    ) satisfies Promise<readonly Finding[]>;
  },
};

const effective = (projectId: string, constraint: string): string =>
  `orgpolicy.googleapis.com/v2/projects/${projectId}/policies/${constraint}:getEffectivePolicy`;

/** Returns the command that an administrator with roles/orgpolicy.policyAdmin pastes into a shell. */
const pasted = ({ name }: Constraint, projectId: string, rules: readonly string[]): string =>
  [
    'have an administrator of organisation policies paste:',
    "gcloud org-policies set-policy /dev/stdin <<'END'",
    `name: projects/${projectId}/policies/${name}`,
    'spec:',
    '  rules:',
    ...rules.map((line) => `  ${line}`),
    'END',
  ].join('\n');
