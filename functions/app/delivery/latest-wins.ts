/**
 * Work by key, one run of a key at a time. Calls that come while one runs share the single run that starts after it:
 * that run sees all they came to tell. So N queued events cost one read and one write, and each call settles as the run
 * that covered it.
 */
export function latestWins<T>(): (key: string, run: () => Promise<T>) => Promise<T> {
  const running = new Map<string, Promise<T>>();
  const queued = new Map<string, Promise<T>>();

  async function start(key: string, run: () => Promise<T>): Promise<T> {
    queued.delete(key);
    const current = run();
    running.set(key, current);
    try {
      return await current;
    } finally {
      if (running.get(key) === current) running.delete(key);
    }
  }

  return (key, run) => {
    const next = queued.get(key);
    if (next !== undefined) return next;
    const current = running.get(key);
    if (current === undefined) return start(key, run);
    const goOn = () => start(key, run);
    const after = current.then(goOn, goOn);
    queued.set(key, after);
    return after;
  };
}
