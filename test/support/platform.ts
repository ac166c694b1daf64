import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { z } from 'zod';

/** What `./scripts/start --json` says on its one line. */
const Ready = z.object({
  rtmp: z.string(),
  api: z.url(),
  cdn: z.url(),
  web: z.url(),
  adminKey: z.string().min(32),
  storage: z.url(),
  origin: z.string().regex(/^(srs \S+|built-in)$/),
  demo: z.object({ streamId: z.string(), hls: z.url() }).optional(),
  /** Process ids of the parts at the moment of the line, by name. */
  processes: z.record(z.string(), z.int()),
});
export type Ready = z.infer<typeof Ready>;

export interface Platform extends Ready {
  /** Everything it wrote to stderr so far. */
  log(): string;
  /** Lines on stdout so far. */
  stdout(): string[];
  /** Sends the signal and waits for the end; the exit code. */
  end(signal: 'SIGINT' | 'SIGTERM'): Promise<number | null>;
}

/** Runs `./scripts/start`; what it printed and its exit code when it ended by itself. */
export function runStart(args: readonly string[], env: Readonly<Record<string, string>> = {}): StartRun {
  const child = spawn('./scripts/start', args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  const out = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out.stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    out.stderr += text;
  });
  const exited = once(child, 'close').then(() => child.exitCode);
  return { child, out, exited };
}

interface StartRun {
  child: ChildProcess;
  out: { stdout: string; stderr: string };
  exited: Promise<number | null>;
}

const firstLine = (run: StartRun): Promise<string> =>
  new Promise((resolve, reject) => {
    const look = () => {
      const end = run.out.stdout.indexOf('\n');
      if (end >= 0) resolve(run.out.stdout.slice(0, end));
    };
    run.child.stdout?.on('data', look);
    run.exited.then((code) => reject(new Error(`./scripts/start ended with ${code}:\n${run.out.stderr}`)), reject);
    look();
  });

/** A whole platform of its own, on its own ports, by the command an operator uses. */
export async function startPlatform(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Platform> {
  const run = runStart(['--json', ...args], env);
  const line = await firstLine(run);
  return {
    ...Ready.parse(JSON.parse(line)),
    log: () => run.out.stderr,
    stdout: () => run.out.stdout.split('\n').filter((text) => text !== ''),
    async end(signal) {
      run.child.kill(signal);
      return run.exited;
    },
  };
}
