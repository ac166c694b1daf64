import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';

/** A program of this project as `npm run` starts it; its exit code and all it said. */
export async function runScript(
  entry: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  stdin = '',
) {
  const child = spawn(process.execPath, ['scripts/build/run.mjs', entry, ...args], {
    env: { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '', ...env },
  });
  child.stdin.end(stdin);
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  return { code: child.exitCode, stdout, stderr };
}
