import { setTimeout as sleep } from 'node:timers/promises';
import type { Log } from '../../../functions/ports/stores';
import type { LocalService } from '../../emulators/server/local-service';
import type { LocalOrigin } from '../origin';

/** systemd's `RestartSec` of the node image. */
const RESTART_MS = 1000;
const POLL_INTERVAL_MS = 250;

/** Starts a dead origin again, as systemd does on a node, until `keep(false)`. */
export interface OriginKeeper extends LocalService {
  keep(wanted: boolean): void;
}

export function originKeeper(origin: LocalOrigin, log: Log): OriginKeeper {
  const stopping = new AbortController();
  let wanted = true;
  let watching: Promise<void> = Promise.resolve();
  const watch = async (): Promise<void> => {
    for (;;) {
      await sleep(POLL_INTERVAL_MS, undefined, { signal: stopping.signal });
      if (!wanted || origin.pid !== undefined) continue;
      log.warn('origin_died', { origin: origin.label });
      await sleep(RESTART_MS, undefined, { signal: stopping.signal });
      await origin.restart().catch((error: unknown) => log.error('origin_not_restarted', { error: String(error) }));
    }
  };
  return {
    name: 'origin',
    start: async () => {
      const url = await origin.start();
      watching = watch().catch(() => undefined);
      return url;
    },
    stop: async () => {
      stopping.abort();
      await watching;
      await origin.stop();
    },
    keep: (value) => {
      wanted = value;
    },
  };
}
