import {
  type MemoryEntry,
  type MemoryObjectStore,
  memoryObjectStore,
} from '../../../functions/adapters/memory/object-store';
import type { Clock, ObjectStore } from '../../../functions/ports/stores';
import type { Random } from './random';

/**
 * A bucket whose requests take time, so that handlers overlap in every way, and whose writes are seen as they happen.
 */
export interface ObservedStore extends ObjectStore {
  readonly bucket: MemoryObjectStore;
}

export function observedStore(options: {
  clock: Clock;
  random: Random;
  /** Called at the instant a write counts, before its writer knows. */
  onWrite?: (entry: MemoryEntry, before: MemoryEntry | undefined) => void;
  /** The same for what is gone. */
  onRemove?: (name: string) => void;
}): ObservedStore {
  const { clock, random, onWrite, onRemove } = options;
  const bucket = memoryObjectStore({ clock, oneWritePerSecond: true });
  const latency = () => clock.sleep(random.chance(0.08) ? random.int(200, 4000) : random.int(1, 60));
  const slow = async <T>(request: () => Promise<T>): Promise<T> => {
    await latency();
    const answer = await request();
    await latency();
    return answer;
  };
  return {
    bucket,
    read: (name) => slow(() => bucket.read(name)),
    stat: (name) => slow(() => bucket.stat(name)),
    list: (prefix) => slow(() => bucket.list(prefix)),
    remove: (name, generation) =>
      slow(async () => {
        const removed = await bucket.remove(name, generation);
        if (removed) onRemove?.(name);
        return removed;
      }),
    write: (name, content, write) =>
      slow(async () => {
        const before = bucket.entry(name);
        const result = await bucket.write(name, content, write);
        const entry = bucket.entry(name);
        if (result.kind === 'written' && entry !== undefined) onWrite?.(entry, before);
        return result;
      }),
  };
}
