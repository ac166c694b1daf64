import { createHash } from 'node:crypto';
import { mkdir, open, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { systemClock } from '../../../functions/adapters/system';
import { pollUntil } from '../../../functions/app/poll-until';
import { bundleFolder, FUNCTIONS } from '../../../functions/contract/env/functions';
import { errnoOf } from '../../emulators/server/errno';
import { StartError } from '../../emulators/server/start-error';
import { Child, type LineSink } from '../process/child-process';
import { isRunning } from '../process/is-running';
import type { Console } from './console';

/** The sources of bundles and Terraform JSON. */
const SOURCES = ['functions', 'srs-image', 'infra', 'web', 'scripts/build', 'package-lock.json'];
/** The beginning of the message that refuses a config. */
const NOTHING_WRITTEN = 'nothing is written';
const STAMP = 'dist/.built-from';
const LOCK = 'dist/.building';
const LOCK_TIMEOUT_MS = 60_000;

/** Makes the bundles and the synthesised Terraform, unless they are there and were made of the present sources. */
export async function prepare(
  root: string,
  environment: string,
  screen: Pick<Console, 'note' | 'detail'>,
): Promise<void> {
  await mkdir(join(root, 'dist'), { recursive: true });
  await withLock(join(root, LOCK), async () => {
    const fingerprint = await fingerprintOf(root);
    const stamp = await readFile(join(root, STAMP), 'utf8').catch(() => '');
    if (stamp === fingerprint && (await areThere(root, environment))) return;
    screen.note('building ...');
    await runNode(root, ['scripts/build/build.mjs'], 'build', screen.detail);
    await runNode(root, ['scripts/build/run.mjs', 'infra/main.ts'], 'synth', screen.detail);
    await writeFile(join(root, STAMP), fingerprint);
  });
}

async function areThere(root: string, environment: string): Promise<boolean> {
  const wanted = [
    ...Object.values(FUNCTIONS).map(({ name }) => `${bundleFolder(name)}/index.js`),
    'dist/agent/agent.js',
    'dist/gate/gate.js',
    'dist/web/index.html',
    `cdktf.out/stacks/${environment}/cdk.tf.json`,
  ];
  const found = await Promise.all(wanted.map((path) => stat(join(root, path)).catch(() => undefined)));
  return found.every((one) => one !== undefined);
}

/** Returns a digest of paths, sizes and times of all sources. */
async function fingerprintOf(root: string): Promise<string> {
  const hash = createHash('sha256');
  for (const source of SOURCES) for (const line of await describe(join(root, source))) hash.update(line);
  return hash.digest('hex');
}

async function describe(path: string): Promise<string[]> {
  const found = await stat(path);
  if (!found.isDirectory()) return [`${path} ${found.size} ${found.mtimeMs}\n`];
  const names = (await readdir(path)).sort();
  return (await Promise.all(names.map((name) => describe(join(path, name))))).flat();
}

async function runNode(root: string, args: readonly string[], what: string, output: LineSink): Promise<void> {
  const said: string[] = [];
  const hear: LineSink = (source, line) => {
    said.push(line);
    output(source, line);
  };
  const env = { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '/' };
  const reason = await new Child({ name: what, command: process.execPath, args, env, cwd: root, output: hear }).exited;
  if (reason === 'exit code 0') return;
  // A problem of the configuration is a message of its own, one line each.
  const refused = said.findIndex((line) => line.startsWith(NOTHING_WRITTEN));
  if (refused >= 0) throw new StartError(said.slice(refused).join('\n'));
  throw new StartError(`${what} failed (${reason}): ${said.find(namesError) ?? said.at(-1) ?? 'it said nothing'}`);
}

/** Lets one builder work at a time, in any process. A lock whose owner is gone is taken over. */
async function withLock(path: string, work: () => Promise<void>): Promise<void> {
  if (!(await pollUntil({ clock: systemClock, everyMs: 200, limitMs: LOCK_TIMEOUT_MS }, () => takeLock(path))))
    throw new StartError(`another start has been building for a minute: if there is none, remove ${path}`);
  try {
    await work();
  } finally {
    await rm(path, { force: true });
  }
}

async function takeLock(path: string): Promise<boolean> {
  try {
    const file = await open(path, 'wx');
    await file.writeFile(String(process.pid));
    await file.close();
    return true;
  } catch (error) {
    if (errnoOf(error) !== 'EEXIST')
      throw new StartError(`${path} cannot be written: ${error instanceof Error ? error.message : error}`);
    const owner = Number(await readFile(path, 'utf8').catch(() => ''));
    if (owner > 0 && !isRunning(owner)) await rm(path, { force: true });
    return false;
  }
}

/** Tells whether a line is the last one of a failed program: `TypeError: …`, `Error: …`. */
const namesError = (line: string): boolean => line.includes('Error') && line.indexOf(': ', line.indexOf('Error')) >= 0;
