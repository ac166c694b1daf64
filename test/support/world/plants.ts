import type { ObjectStore } from '../../../functions/ports/stores';

/** Bugs that a handler could have, planted at its ports: the oracle must see each. */
export const PLANTS = [
  'missing segment',
  'no precondition',
  'stale source',
  'reused number',
  'rewritten end',
  'forgotten stop',
  'kept playlist',
  'lost message',
] as const;
export type Plant = (typeof PLANTS)[number];

const isLive = (name: string): boolean => /\/p\/[^/]+\/b[^/]+\/source\.m3u8$/.test(name);

/** A playlist that names one segment more than there is. */
const namesMissingSegment = (store: ObjectStore): ObjectStore => ({
  ...store,
  write: (name, content, options) => {
    const text = String(content);
    const next = text.replace(
      /(\d+)\.ts\n(?!#)/,
      (_, last: string) => `${last}.ts\n#EXTINF:2.000,\n/open/s/none/${last}.ts\n`,
    );
    return store.write(name, isLive(name) ? next : content, options);
  },
});

/** Writes over whatever is there. */
const ignoresPrecondition = (store: ObjectStore): ObjectStore => ({
  ...store,
  write: async (name, content, options) => {
    const now = await store.stat(name);
    return store.write(name, content, { ...options, ifGenerationMatch: now?.generation ?? '0' });
  },
});

/** Gives what it read first, for ever: the source as the first event told it. */
function remembersFirstRead(store: ObjectStore): ObjectStore {
  const first = new Map<string, Awaited<ReturnType<ObjectStore['read']>>>();
  return {
    ...store,
    list: async (prefix) => {
      const listed = await store.list(prefix);
      return listed.map((object) => first.get(object.name) ?? object);
    },
    read: async (name) => {
      const known = first.get(name);
      if (known !== undefined) return known;
      const read = await store.read(name);
      if (read !== undefined) first.set(name, read);
      return read;
    },
  };
}

/** Counts the media sequence from 0 again whenever the window slid. */
const reusesNumbers = (store: ObjectStore): ObjectStore => ({
  ...store,
  write: (name, content, options) =>
    store.write(
      name,
      isLive(name) ? String(content).replace(/MEDIA-SEQUENCE:\d+/, 'MEDIA-SEQUENCE:0') : content,
      options,
    ),
});

/** Does not see that a playlist ended. */
const overlooksTheEnd = (store: ObjectStore): ObjectStore => ({
  ...store,
  read: async (name) => {
    const object = await store.read(name);
    return object && { ...object, text: object.text.replace('#EXT-X-ENDLIST\n', '') };
  },
});

/** Takes a session that is final for one that may be followed. */
const forgetsTheStop = (store: ObjectStore): ObjectStore => ({
  ...store,
  read: async (name) => {
    const object = await store.read(name);
    if (object === undefined) return undefined;
    const { final: _, ...metadata } = object.metadata;
    return { ...object, metadata };
  },
});

/** Removes segments, and leaves the playlists that name them. */
const keepsPlaylists = (store: ObjectStore): ObjectStore => ({
  ...store,
  remove: async (name, generation) => (isLive(name) ? false : store.remove(name, generation)),
});

/** Leaves timed metadata out of what it writes. */
const losesMessages = (store: ObjectStore): ObjectStore => ({
  ...store,
  write: (name, content, options) =>
    store.write(name, isLive(name) ? String(content).replace(/#EXT-X-DATERANGE[^\n]*\n/, '') : content, options),
});

/** The buckets as the handlers get them, with the bug. */
export function planted(
  plant: Plant | undefined,
  buckets: { ingest: ObjectStore; delivery: ObjectStore },
): typeof buckets {
  const { ingest, delivery } = buckets;
  switch (plant) {
    case undefined:
      return buckets;
    case 'missing segment':
      return { ingest, delivery: namesMissingSegment(delivery) };
    case 'no precondition':
      return { ingest, delivery: ignoresPrecondition(delivery) };
    case 'stale source':
      return { ingest: remembersFirstRead(ingest), delivery };
    case 'reused number':
      return { ingest, delivery: reusesNumbers(delivery) };
    case 'rewritten end':
      return { ingest, delivery: overlooksTheEnd(delivery) };
    case 'forgotten stop':
      return { ingest: forgetsTheStop(ingest), delivery };
    case 'lost message':
      return { ingest, delivery: losesMessages(delivery) };
    case 'kept playlist':
      return { ingest, delivery: keepsPlaylists(delivery) };
  }
}
