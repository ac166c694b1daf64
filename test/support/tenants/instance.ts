import type { Handler } from '../../../functions/http/http-handler';
import type { VirtualClock } from '../virtual-clock';

export interface InstanceLimits {
  /** Requests it takes at a time; beyond them it answers 429. */
  places: number;
  /** The minimum time of a request. */
  requestMs: number;
  /** The time when the platform ends a request: its place is free then, whatever goes on. */
  timeoutMs: number;
}

/** One instance of a function, as Cloud Run runs it. The answer is `undefined` when there was none in time. */
export function instanceOf(clock: VirtualClock, handler: Handler, { places, requestMs, timeoutMs }: InstanceLimits) {
  let busy = 0;
  return async (request: Request): Promise<Response | undefined> => {
    if (busy >= places) return new Response('{}', { status: 429 });
    busy += 1;
    const ended = new AbortController();
    const answer = clock.sleep(requestMs).then(() => handler(request));
    const late = clock.sleep(timeoutMs, ended.signal).then(() => undefined);
    return Promise.race([answer, late]).finally(() => {
      busy -= 1;
      ended.abort(null);
    });
  };
}
