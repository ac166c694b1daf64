import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { bundleFolder, entryPoint, type FunctionName } from '../../../functions/contract/env/functions';
import type { Program } from './cold-start';
import { freePort } from './free-port';
import { FUNCTION_ENV } from './function-env';

const root = join(__dirname, '../../..');
const framework = join(root, 'node_modules/@google-cloud/functions-framework/build/src/main.js');
const START_LIMIT_MS = 20_000;

export interface Running {
  url: string;
  stop(): Promise<void>;
}

/** Starts a function's bundle; resolves once it answers. */
export const startFunction = (name: FunctionName, env: Readonly<Record<string, string>>): Promise<Running> =>
  startProgram({ name, target: entryPoint(name), source: bundleFolder(name) }, env);

/** Starts a bundle under the functions framework; resolves once it answers. */
export async function startProgram(
  { name, target, source }: Program,
  env: Readonly<Record<string, string>>,
): Promise<Running> {
  const port = await freePort();
  const args = [framework, `--target=${target}`, `--source=${source}`, `--port=${port}`];
  const child = spawn(process.execPath, args, {
    cwd: root,
    env: { ...process.env, ...FUNCTION_ENV, ...env },
    stdio: 'ignore',
  });
  const url = `http://127.0.0.1:${port}`;
  const running = { url, stop: () => end(child) };
  const answers = () =>
    fetch(url, { method: 'POST' }).then(
      () => true,
      () => false,
    );
  for (const began = performance.now(); !(await answers()); await sleep(50)) {
    if (child.exitCode === null && performance.now() - began < START_LIMIT_MS) continue;
    await running.stop();
    throw new Error(`${name} does not answer`);
  }
  return running;
}

const StandIns = z.record(z.string(), z.string());

/** Starts the emulators of Google's services, and returns the variables that name them. */
export async function startStandIns(): Promise<{ env: Record<string, string>; stop(): Promise<void> }> {
  const program = [join(root, 'scripts/build/run.mjs'), join(root, 'scripts/tools/bench/stand-ins.ts')];
  const child = spawn(process.execPath, program, { cwd: root, stdio: ['pipe', 'pipe', 'inherit'] });
  const [line] = await Promise.race([
    once(createInterface(child.stdout), 'line'),
    once(child, 'exit').then(() => ['{}']),
  ]);
  return { env: StandIns.parse(JSON.parse(String(line))), stop: () => end(child) };
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGKILL');
  await once(child, 'exit');
}
