import { type ChildProcess, execFileSync, spawn } from 'node:child_process';

/** A network namespace with a loopback device of its own; made by root only. */
export interface Namespace {
  /** Runs a command in it, and answers what it wrote. */
  inside(...command: string[]): string;
  /** Starts a command in it. */
  start(env: Readonly<Record<string, string>>, ...command: string[]): ChildProcess;
  remove(): void;
}

/** Rejects where there are no namespaces. */
export function makeNamespace(name: string): Namespace {
  execFileSync('ip', ['netns', 'add', name], { stdio: 'pipe' });
  execFileSync('ip', ['-n', name, 'link', 'set', 'lo', 'up'], { stdio: 'pipe' });
  const within = (command: readonly string[]) => ['netns', 'exec', name, ...command];
  return {
    inside: (...command) => execFileSync('ip', within(command), { encoding: 'utf8', stdio: 'pipe' }),
    start: (env, ...command) => spawn('ip', within(command), { env: { ...process.env, ...env } }),
    remove: () => execFileSync('ip', ['netns', 'del', name]),
  };
}

/** Answers why the firewall of a VM cannot be tried here; `undefined` where it can. */
export function firewallMissing(): string | undefined {
  if (process.getuid?.() !== 0) return 'not root, so no network namespace';
  const name = `srs-live-try-${process.pid}`;
  try {
    const tried = makeNamespace(name);
    try {
      tried.inside('iptables', '-m', 'u32', '-h');
      return undefined;
    } finally {
      tried.remove();
    }
  } catch {
    return 'no network namespaces, or no iptables with u32';
  }
}
