import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { Ready } from './ready';

/** `./scripts/start` as another program runs it. */
export interface StartRun {
  child: ChildProcess;
  /** Its output so far. */
  out: { stdout: string; stderr: string };
  /** Its exit code; `null` if a signal ended it. */
  exited: Promise<number | null>;
}

export function runStart(args: readonly string[], env: Readonly<Record<string, string>> = {}): StartRun {
  const child = spawn('./scripts/start', args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  const out = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out.stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    out.stderr += text;
  });
  return { child, out, exited: once(child, 'close').then(() => child.exitCode) };
}

const firstLine = (run: StartRun): Promise<string> =>
  new Promise((resolve, reject) => {
    const look = () => {
      const end = run.out.stdout.indexOf('\n');
      if (end >= 0) resolve(run.out.stdout.slice(0, end));
    };
    run.child.stdout?.on('data', look);
    run.exited.then((code) => reject(new Error(`./scripts/start ended with ${code}:\n${run.out.stderr}`)), reject);
  });

export interface Platform extends Ready {
  /** The stack's own process, with the emulators of Google's services and the edge. */
  readonly pid: number;
  /** Returns its stderr so far. */
  log(): string;
  /** Lines on stdout so far. */
  stdout(): string[];
  /** Sends the signal, waits for the end, and returns the exit code. */
  end(signal: 'SIGINT' | 'SIGTERM'): Promise<number | null>;
}

/** Starts a whole platform by the command an operator uses; resolves once it is ready. */
export async function startPlatform(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Platform> {
  const run = runStart(['--json', ...args], env);
  const ready = Ready.parse(JSON.parse(await firstLine(run)));
  return {
    ...ready,
    pid: run.child.pid ?? 0,
    log: () => run.out.stderr,
    stdout: () => run.out.stdout.split('\n').filter((text) => text !== ''),
    async end(signal) {
      run.child.kill(signal);
      return run.exited;
    },
  };
}
