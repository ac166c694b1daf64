import { picture } from './picture';
import { type DocumentedStack, type Resource, table } from './stack';

/** Returns the common name of the resources of a kind, without the names and numbers that tell them apart. */
const kindOf = (type: string): string => type.replace(/^google_/, '').replaceAll('_', ' ');

/** Returns the part of the stack that a resource belongs to: `edge`, `functions`. */
const partOf = ({ path, type }: Resource): string =>
  type === 'google_project_service' ? 'services' : (path.split('/')[0] ?? '');

/**
 * Returns the number of resources of each kind in a part of the stack. Files of the pages count as one: the build
 * decides how many there are.
 */
function countsOf(stack: DocumentedStack): Map<string, number> {
  const counts = new Map<string, number>();
  for (const resource of stack.resources) {
    const part = partOf(resource);
    const key = JSON.stringify([part, kindOf(resource.type)]);
    counts.set(key, part === 'pages' ? 1 : (counts.get(key) ?? 0) + 1);
  }
  return counts;
}

function counts(stacks: readonly DocumentedStack[]): string {
  const counted = stacks.map(countsOf);
  const keys = [...new Set(counted.flatMap((one) => [...one.keys()]))].sort();
  const rows = keys.map((key) => {
    const [part, kind]: [string, string] = JSON.parse(key);
    return [part, part === 'pages' ? 'files of the pages' : kind, ...counted.map((one) => String(one.get(key) ?? '-'))];
  });
  return table(['part', 'kind', ...stacks.map(({ name }) => name)], rows);
}

/** Returns the page of resources, by environment. */
export function inventory(environments: readonly DocumentedStack[], bootstrap: DocumentedStack): string {
  const pictures = environments.map((stack) => `## ${stack.name}\n${picture(stack)}`);
  return `# What there is

Hexagons are open to the world, boxes are VMs, round boxes are functions, cylinders hold data, and flags carry
messages. An arrow is a right or a route that exists. Resources between the same neighbours share a box. Networks,
certificates, accounts, secrets, logs and alerts are not drawn. See also [who may do what](access.md) and
[ports](ports.md).

${pictures.join('\n')}
## How many of each
${counts(environments)}
## Bootstrap
${counts([bootstrap])}`;
}
