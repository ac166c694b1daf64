import type { Policy } from '../../contract/ids';
import type { MoveMedia } from '../../ports/stores';
import type { MemoryObjectStore } from './object-store';

/** Moves objects between buckets of this process. */
export const memoryMediaMover =
  (bucketOf: (policy: Policy) => MemoryObjectStore): MoveMedia =>
  async (from, to) => {
    const entry = bucketOf(from.bucket).entry(from.name);
    if (entry === undefined) return false;
    const { content, contentType, cacheControl, metadata, customTime } = entry;
    const target = bucketOf(to.bucket);
    const ifGenerationMatch = target.entry(to.name)?.generation ?? '0';
    const options = { contentType, cacheControl, metadata, ifGenerationMatch, ...(customTime && { customTime }) };
    await target.write(to.name, content, options);
    return bucketOf(from.bucket).remove(from.name);
  };
