import { z } from 'zod';

const Package = z.looseObject({
  dependencies: z.record(z.string(), z.string()).default({}),
  optionalDependencies: z.record(z.string(), z.string()).default({}),
});
const Lock = z.object({ packages: z.record(z.string(), Package) });
type Packages = z.output<typeof Lock>['packages'];

/**
 * Returns the folder of `name` as seen by a package at `from`: the nearest `node_modules` up the tree, as Node looks.
 */
function locate(packages: Packages, from: string, name: string): string | undefined {
  const path = `${from === '' ? '' : `${from}/`}node_modules/${name}`;
  if (path in packages) return path;
  return from === ''
    ? undefined
    : locate(packages, from.slice(0, Math.max(0, from.lastIndexOf('node_modules/') - 1)), name);
}

/** Returns `path` and everything it needs, by path. */
function closure(packages: Packages, path: string, found = new Set<string>()): Set<string> {
  const entry = packages[path];
  if (entry === undefined || found.has(path)) return found;
  found.add(path);
  for (const name of Object.keys({ ...entry.dependencies, ...entry.optionalDependencies })) {
    const next = locate(packages, path, name);
    if (next === undefined && name in entry.dependencies)
      throw new Error(`package-lock.json: '${name}', which ${path} needs, is missing`);
    if (next !== undefined) closure(packages, next, found);
  }
  return found;
}

/**
 * The `package-lock.json` of a function that depends on `dependencies` only: the project's own lock, cut down to what
 * they need. So a deploy installs the versions that were tested, to the byte.
 */
export function functionLock(
  projectLock: unknown,
  name: string,
  dependencies: Readonly<Record<string, string>>,
): string {
  const raw = z.object({ packages: z.record(z.string(), z.unknown()) }).parse(projectLock);
  const { packages } = Lock.parse(projectLock);
  const paths = new Set(Object.keys(dependencies).flatMap((one) => [...closure(packages, `node_modules/${one}`)]));
  const entries = [...paths].sort().map((path) => [path, raw.packages[path]]);
  const lock = {
    name,
    lockfileVersion: 3,
    requires: true,
    packages: { '': { name, dependencies }, ...Object.fromEntries(entries) },
  };
  return `${JSON.stringify(lock, null, 2)}\n`;
}
