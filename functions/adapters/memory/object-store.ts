import type { Clock, ObjectStore, StoredObject, WriteOptions } from '../../ports/stores';

/** Cloud Storage's limit for all keys and values of an object's custom metadata together, in bytes. */
const METADATA_LIMIT_BYTES = 8192;
/** Cloud Storage takes one write a second to one name. */
const WRITE_INTERVAL_MS = 1000;

export type MemoryEntry = StoredObject & { content: Buffer } & Pick<
    WriteOptions,
    'contentType' | 'cacheControl' | 'customTime'
  >;

/** An `ObjectStore` that also shows what the port does not: headers, bytes, custom time. */
export interface MemoryObjectStore extends ObjectStore {
  entry(name: string): MemoryEntry | undefined;
}

/**
 * One bucket in memory. Without a clock every write is a second after the last one, so nothing is refused for its rate;
 * `oneWritePerSecond` answers `rate_limited` by the given clock, as Cloud Storage does.
 */
export function memoryObjectStore(
  options: { clock?: Pick<Clock, 'now'>; oneWritePerSecond?: boolean } = {},
): MemoryObjectStore {
  const entries = new Map<string, MemoryEntry>();
  const writtenAt = new Map<string, number>();
  let ticks = 0;
  let lastGeneration = 0;
  const now = () => {
    ticks += WRITE_INTERVAL_MS;
    return options.clock?.now() ?? ticks;
  };
  const rateLimited = (name: string, at: number) =>
    options.oneWritePerSecond === true && at - (writtenAt.get(name) ?? Number.NEGATIVE_INFINITY) < WRITE_INTERVAL_MS;

  return {
    entry: (name) => entries.get(name),
    async read(name) {
      const entry = entries.get(name);
      return entry && { ...stored(entry), text: entry.content.toString('utf8') };
    },
    async stat(name) {
      const entry = entries.get(name);
      return entry && stored(entry);
    },
    async write(name, content, write) {
      assertMetadataFits(name, write.metadata);
      const at = now();
      if ((entries.get(name)?.generation ?? '0') !== write.ifGenerationMatch) return { kind: 'conflict' };
      if (rateLimited(name, at)) return { kind: 'rate_limited' };
      lastGeneration = Math.max(lastGeneration + 1, at * 1000);
      const bytes = Buffer.from(content);
      const { ifGenerationMatch: _, ...headers } = write;
      const entry = {
        ...headers,
        name,
        content: bytes,
        generation: `${lastGeneration}`,
        sizeBytes: bytes.length,
        updatedAt: at,
      };
      entries.set(name, { ...entry, metadata: { ...write.metadata } });
      writtenAt.set(name, at);
      return { kind: 'written', generation: entry.generation };
    },
    async list(prefix) {
      const found = [...entries.values()].filter((entry) => entry.name.startsWith(prefix));
      return found.sort((a, b) => (a.name < b.name ? -1 : 1)).map(stored);
    },
    async remove(name, ifGenerationMatch) {
      const { generation } = entries.get(name) ?? {};
      return (ifGenerationMatch ?? generation) === generation && entries.delete(name);
    },
  };
}

const stored = ({ name, generation, metadata, sizeBytes, updatedAt }: MemoryEntry): StoredObject => ({
  name,
  generation,
  metadata: { ...metadata },
  sizeBytes,
  updatedAt,
});

function assertMetadataFits(name: string, metadata: Readonly<Record<string, string>>): void {
  const size = Object.entries(metadata).reduce((sum, pair) => sum + Buffer.byteLength(pair.join('')), 0);
  if (size > METADATA_LIMIT_BYTES) {
    throw new Error(`object '${name}': custom metadata has ${size} bytes, at most ${METADATA_LIMIT_BYTES} are allowed`);
  }
}
