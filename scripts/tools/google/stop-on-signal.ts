import { constants } from 'node:os';

/**
 * Has a signal wait for `stop` before it ends this process, with the exit code that a shell gives it. For parts that
 * would outlive the process: those in a process group of their own.
 */
export function stopOnSignal(stop: () => Promise<unknown>): void {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.once(signal, () => void stop().finally(() => process.exit(128 + constants.signals[signal])));
}
