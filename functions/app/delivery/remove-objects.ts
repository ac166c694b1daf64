import type { ObjectStore } from '../../ports/stores';
import { inParallel } from '../in-parallel';

const PARALLEL_REMOVALS = 32;

/** Every object whose name begins with `prefix`, gone. */
export async function removeAll(store: ObjectStore, prefix: string): Promise<void> {
  const objects = await store.list(prefix);
  await inParallel(objects, PARALLEL_REMOVALS, async ({ name }) => void (await store.remove(name)));
}
