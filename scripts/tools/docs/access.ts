import { ACCESS_REASONS } from './access-reasons';
import { at, type DocumentedStack, merged, type Resource, table } from './stack';

/** A grant without a written reason. */
export class UnexplainedAccess extends Error {}

const reasonOf = ({ path, attributes }: Resource): string => {
  const reason = ACCESS_REASONS.find(([where]) => where.test(path))?.[1];
  if (reason === undefined)
    throw new UnexplainedAccess(`${path} grants ${attributes.role}: say why in scripts/tools/docs/access-reasons.ts`);
  return reason;
};

/** Google's own accounts, by the end of their address. */
const SERVICE_AGENTS: readonly (readonly [RegExp, string])[] = [
  [/gcp-sa-pubsub/, "Pub/Sub's own account"],
  [/gcp-sa-eventarc/, "Eventarc's own account"],
  [/google_storage_project_service_account|gs-project-accounts/, "Cloud Storage's own account"],
  [/google_logging_project_sink/, 'account of the log sink'],
];

function whoIs(stack: DocumentedStack, member: string): string {
  if (member === 'allUsers') return '**everybody**';
  const agent = SERVICE_AGENTS.find(([pattern]) => pattern.test(member));
  if (agent !== undefined) return agent[1];
  return `\`${stack.plain(member).replace(/^serviceAccount:/, '')}\``;
}

/** Returns the object of a grant: `bucket x`, the whole project, or one part of it by condition. */
function onWhat(stack: DocumentedStack, { type, attributes }: Resource): string {
  const condition = at(attributes, 'condition.expression');
  if (typeof condition === 'string') return `the project, where \`${stack.plain(condition)}\``;
  if (type === 'google_project_iam_member')
    return stack.projectId === undefined ? `the project \`${String(attributes.project)}\`` : 'the project';
  const kind = type.replace(/^google_/, '').replace(/_iam_member$/, '');
  const key = ['bucket', 'secret_id', 'topic', 'subscription', 'dataset_id', 'repository', 'name'].find(
    (one) => one in attributes,
  );
  return `${kind.replaceAll('_', ' ')} \`${stack.plain(String(attributes[key ?? ''] ?? ''))}\``;
}

/** Returns Google's role, or the permissions of a custom role. */
function mayWhat(stack: DocumentedStack, { attributes: { role } }: Resource): string {
  const own = stack.targets(role).flatMap(({ attributes }) => {
    return Array.isArray(attributes.permissions) ? attributes.permissions.map(String) : [];
  });
  return (own.length > 0 ? own : [String(role)]).map((one) => `\`${one}\``).join(', ');
}

const grantsOf = (stack: DocumentedStack): readonly (readonly string[])[] =>
  stack
    .of(/_iam_member$/)
    .map((grant) => [
      whoIs(stack, String(grant.attributes.member)),
      mayWhat(stack, grant),
      onWhat(stack, grant),
      reasonOf(grant),
    ])
    .sort((a, b) => a.join().localeCompare(b.join(), 'en'));

const counted = (stack: DocumentedStack): string => `${stack.name} ${stack.of(/_iam_member$/).length}`;

/** Returns the page of rights: the account, its right, its object and the reason. */
export function access(environments: readonly DocumentedStack[], bootstrap: DocumentedStack): string {
  const rows = merged(environments, grantsOf).map(({ row, where }) => [...row, where]);
  const counts = [...environments, bootstrap].map(counted).join(', ');
  return `# Who may do what

Every grant there is; nobody has any other right. A role is granted on a whole project only where Google offers it on
projects alone. Grants: ${counts}.
\`<env>\` is the environment's name, \`<project>\` its project.

## In an environment
${table(['who', 'may', 'on', 'because', 'in'], rows)}
## By bootstrap, in every project
${table(['who', 'may', 'on', 'because'], grantsOf(bootstrap))}`;
}
