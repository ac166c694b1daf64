import type { Clock, Log } from '../../functions/core/ports';

export interface Loop {
  name: string;
  everyMs: number;
  run: () => Promise<void> | void;
}

/** Runs again and again until `stop`; a run that fails is logged and does not end the loop. */
export async function repeat({ name, everyMs, run }: Loop, deps: { clock: Clock; log: Log }, stop: AbortSignal): Promise<void> {
  while (!stop.aborted) {
    try {
      await run();
    } catch (error) {
      deps.log.warn('loop_failed', { loop: name, error: String(error) });
    }
    await deps.clock.sleep(everyMs);
  }
}
