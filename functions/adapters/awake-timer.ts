/** The interval at which the timer looks whether the process has run meanwhile. */
const TICK_MS = 100;

/**
 * Calls `end` after `ms` in which this process could run; what it answers stops that. After a pause (other work took
 * the cores, the machine stood still) timers come before what has arrived meanwhile, so a plain one would end the wait
 * for an answer that is there.
 */
export function afterAwake(ms: number, end: () => void): () => void {
  let leftMs = ms;
  let timer = setTimeout(tick, Math.min(TICK_MS, leftMs));
  function tick(): void {
    leftMs -= TICK_MS;
    if (leftMs <= 0) end();
    else timer = setTimeout(tick, Math.min(TICK_MS, leftMs));
  }
  return () => clearTimeout(timer);
}

/** Runs `run` with a signal that is aborted, with a `TimeoutError`, after `ms` in which this process could run. */
export async function abortedAfter<T>(ms: number, run: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const late = new AbortController();
  const stop = afterAwake(ms, () => late.abort(new DOMException(`timeout: no answer within ${ms} ms`, 'TimeoutError')));
  try {
    return await run(late.signal);
  } finally {
    stop();
  }
}
