import type { Mend } from './fault';

/** Freezes a process, which keeps its connections, until the returned function is called. */
export function freeze(pid: number): Mend {
  process.kill(pid, 'SIGSTOP');
  return () => signalIfThere(pid, 'SIGCONT');
}

/** Sends a signal to a process that may be gone. */
export function signalIfThere(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // The process is gone: there is nothing to restore.
  }
}
