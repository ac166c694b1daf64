import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { transformSync } from 'esbuild';
import { CliError } from '../google/cli-error';

/** The archived package whose classes `infra` uses; generated bindings replace it under its name. */
export const PACKAGE = '@cdktf/provider-google';
const IMPORT = /from '@cdktf\/provider-google\/lib\/([\w-]+)'/g;

/** Names of the modules of the provider's package that sources import, sorted: `storage-bucket`. */
export function modulesUsed(folder: string): readonly string[] {
  const sources = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
  const names = sources.flatMap((name) =>
    [...readFileSync(join(folder, name), 'utf8').matchAll(IMPORT)].map(([, one = '']) => one),
  );
  return [...new Set(names)].sort();
}

/**
 * Converts generated TypeScript to CommonJS that imports the fork by the name `cdktf`, as `infra` does: one core, not
 * two.
 */
export const asPackage = (source: string): string =>
  transformSync(source.replaceAll("from 'cdktn'", "from 'cdktf'"), { loader: 'ts', format: 'cjs', target: 'node20' })
    .code;

/** The imports of the provider's own class. */
const OF_THE_PROVIDER = ['provider-functions'];

const sourcesIn = (generated: string, name: string): string[] =>
  readdirSync(join(generated, name), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => join(name, file));

/**
 * Writes the package of the provider again: the used modules among those that `cdktn get` generated in `generated`.
 * Throws a CliError that names the missing ones.
 */
export function writePackage(generated: string, modules: readonly string[], target: string, version: string): void {
  const missing = modules.filter((name) => !existsSync(join(generated, name, 'index.ts')));
  if (missing.length > 0) throw new CliError(`provider ${version} has no ${missing.join(', ')}`);
  const beside = OF_THE_PROVIDER.filter((name) => existsSync(join(generated, name)));
  for (const file of [...modules, ...beside].flatMap((name) => sourcesIn(generated, name))) {
    const made = join(target, 'lib', file.replace(/\.ts$/, '.js'));
    mkdirSync(dirname(made), { recursive: true });
    writeFileSync(made, asPackage(readFileSync(join(generated, file), 'utf8')));
  }
  writeFileSync(join(target, 'package.json'), JSON.stringify({ name: PACKAGE, version }));
}
