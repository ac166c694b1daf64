import type { Clock, Log } from '../../../functions/ports/stores';
import { reasonOf } from './reason';

export interface Loop {
  name: string;
  /** Asked after each run. */
  everyMs: number | (() => number);
  run: () => Promise<void> | void;
}

/** Runs again and again until `stop`; a run that fails is logged, the first of a row, and does not end the loop. */
export async function repeat(
  { name, everyMs, run }: Loop,
  deps: { clock: Clock; log: Log },
  stop: AbortSignal,
): Promise<void> {
  let failures = 0;
  while (!stop.aborted) {
    try {
      await run();
      if (failures > 0) deps.log.info('loop_recovered', { loop: name, failures });
      failures = 0;
    } catch (error) {
      failures += 1;
      if (failures === 1) deps.log.warn('loop_failed', { loop: name, error: reasonOf(error) });
    }
    await deps.clock.sleep(typeof everyMs === 'number' ? everyMs : everyMs(), stop);
  }
}
