import { setTimeout as sleep } from 'node:timers/promises';

const POLL_INTERVAL_MS = 10;
/** A hanging test is ended by the runner before. */
const MAX_MS = 20_000;

/** Resolves once `condition` holds; rejects when it does not for 20 s. */
export async function until(condition: () => boolean | Promise<boolean>, within = MAX_MS): Promise<void> {
  const from = performance.now();
  while (!(await condition())) {
    if (performance.now() - from > within) throw new Error(`did not come to hold within ${within} ms: ${condition}`);
    await sleep(POLL_INTERVAL_MS);
  }
}
