/**
 * `run` for every item, at most `limit` at a time, each by itself: one that fails keeps none of the others from being
 * done. Rejects with the first failure once all are through.
 */
export async function eachInParallel<T>(
  items: readonly T[],
  limit: number,
  run: (item: T) => Promise<void>,
): Promise<void> {
  const failures: unknown[] = [];
  await inParallel(items, limit, (item) => run(item).catch((error: unknown) => void failures.push(error)));
  if (failures.length > 0) throw failures[0];
}

/** `run` for every item, at most `limit` at a time. Rejects with the first failure, and then begins nothing new. */
export async function inParallel<T>(
  items: readonly T[],
  limit: number,
  run: (item: T) => Promise<void>,
): Promise<void> {
  const queue = items.values();
  let failed = false;
  const work = async () => {
    for (const item of queue) {
      if (failed) return;
      await run(item).catch((error: unknown) => {
        failed = true;
        throw error;
      });
    }
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, work));
}
