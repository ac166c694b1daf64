/**
 * `npm run toolchain`: the same program with `cdktf` and with its living fork, which is installed beside it under the same name. cdktf is
 * archived; this says whether one line of `package.json` is all it takes to leave it. Installs into a temporary folder only.
 */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { z } from 'zod';
import { FUNCTIONS } from '../../../functions/contract/env/functions';
import { StartError } from '../../emulators/server/start-error';
import { parseCommandLine, runCommand } from '../google/command';
import { differences } from './compare';

const USAGE = `usage: npm run toolchain

Synthesises all stacks with cdktf and with cdktn, its fork, and says where they differ. Needs npm's registry; two minutes.`;

const ROOT = join(__dirname, '../../..');
/** The fork, and the newest constructs it takes. */
const FORK = { cdktf: 'npm:cdktn@0.24.0', constructs: '10.7.2' };
/** What the program is made of, and what writes it. */
const SOURCES = ['infra', 'functions/contract', 'srs-image/render', 'scripts/build'];
const PACKAGES = ['@cdktf/provider-google', 'esbuild', 'zod'];

const Manifest = z.object({
  version: z.string(),
  dependencies: z.record(z.string(), z.string()).default({}),
  devDependencies: z.record(z.string(), z.string()).default({}),
});
const manifest = (path: string) => Manifest.parse(JSON.parse(readFileSync(path, 'utf8')));

/** A copy of the program in `folder`, with stand-ins for what the build makes. */
function copyProgram(folder: string): void {
  for (const source of SOURCES) cpSync(join(ROOT, source), join(folder, source), { recursive: true });
  mkdirSync(join(folder, 'dist/functions'), { recursive: true });
  mkdirSync(join(folder, 'dist/web'));
  for (const name of Object.keys(FUNCTIONS)) writeFileSync(join(folder, `dist/functions/${name}.zip`), name);
  writeFileSync(join(folder, 'dist/web/index.html'), 'a page');
}

/** Every file that is written, by its path. */
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
    throw new StartError(`${what} failed: ${said.success ? said.data.stderr.trim() : String(error)}`);
  }
}

function installFork(folder: string): void {
  const own = manifest(join(ROOT, 'package.json'));
  const versions = { ...own.dependencies, ...own.devDependencies };
  const dependencies = { ...Object.fromEntries(PACKAGES.map((name) => [name, versions[name]])), ...FORK };
  const overrides = { '@cdktf/provider-google': { cdktf: '$cdktf' } };
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, dependencies, overrides }));
  run(folder, 'npm', ['install', '--no-audit', '--no-fund', '--no-package-lock'], 'npm install');
}

function compare(folder: string): number {
  const [ours, theirs] = [join(folder, 'cdktf'), join(folder, 'cdktn')];
  for (const copy of [ours, theirs]) copyProgram(copy);
  symlinkSync(join(ROOT, 'node_modules'), join(ours, 'node_modules'));
  installFork(theirs);
  const installed = (copy: string): string => manifest(join(copy, 'node_modules/cdktf/package.json')).version;
  const [left, right] = [synthesise(ours), synthesise(theirs)];
  const found = differences(left, right);
  process.stdout.write(`cdktf ${installed(ours)}, cdktn ${installed(theirs)}: ${Object.keys(left).length} files\n`);
  for (const difference of found) process.stdout.write(`${difference}\n`);
  process.stdout.write(found.length === 0 ? 'equal but for metadata\n' : `${found.length} differences\n`);
  return found.length === 0 ? 0 : 1;
}

runCommand(async () => {
  const options = { help: { type: 'boolean', short: 'h' } } as const;
  const { values } = parseCommandLine({ args: process.argv.slice(2), options }, USAGE);
  if ('help' in values) {
    process.stdout.write(`${USAGE}\n`);
    return 0;
  }
  const folder = mkdtempSync(join(tmpdir(), 'srs-live-toolchain-'));
  try {
    return compare(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
