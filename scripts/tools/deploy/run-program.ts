import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { CliError } from '../google/cli-error';

const ROOT = join(__dirname, '../../..');

/**
 * Runs another command of this project to its end, such as `keys`; returns its exit code and every line of its output.
 */
export async function runProgram(
  name: string,
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>> = process.env,
): Promise<{ code: number; said: readonly string[] }> {
  const run = ['scripts/build/run.mjs', `scripts/tools/${name}/main.ts`, ...args];
  const child = spawn(process.execPath, run, { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = new Promise<number>((resolve) => child.on('close', (code) => resolve(code ?? 1)));
  const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  return { code, said: `${stdout}${stderr}`.split('\n').filter((line) => line !== '') };
}

/**
 * Runs another command of this project and prints its output. Throws `CliError`, which names the command, for an exit
 * code other than 0.
 */
export async function runOwn(name: string, args: readonly string[], say: (line: string) => void): Promise<void> {
  const { code, said } = await runProgram(name, args);
  for (const line of said) say(line);
  if (code !== 0)
    throw new CliError(
      `npm run ${name} -- ${args.join(' ')} failed: correct the reported problems, then run the same command again`,
    );
}
