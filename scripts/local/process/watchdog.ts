import { join } from 'node:path';
import type { LocalService } from '../../emulators/server/local-service';
import { Child, type LineSink } from './child-process';

export interface WatchdogOptions {
  readonly root: string;
  /** Removed with the stack. */
  readonly folder: string;
  /** Processes that would outlive the stack: those without a channel to it. */
  pids(): readonly number[];
  readonly output: LineSink;
}

const POLL_INTERVAL_MS = 250;

/** Cleans up after a stack that was killed by a signal it could not catch. */
export function watchdog({ root, folder, pids, output }: WatchdogOptions): LocalService {
  let child: Child | undefined;
  let timer: NodeJS.Timeout | undefined;
  return {
    name: 'watchdog',
    start: async () => {
      const args = [join(root, 'scripts/local/process/watchdog-child.cjs'), folder];
      child = new Child({ name: 'watchdog', command: process.execPath, args, env: {}, channel: true, output });
      timer = setInterval(() => child?.send({ pids: pids() }), POLL_INTERVAL_MS);
      return new URL('http://127.0.0.1');
    },
    stop: async () => {
      clearInterval(timer);
      await child?.end('SIGKILL');
    },
  };
}
