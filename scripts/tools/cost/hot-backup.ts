import type { Item } from './item';
import type { Usage } from './model';

/** Items that a second publisher of a stream costs once again. Viewers and caches have one of the two. */
const PAID_TWICE = new Set([
  'media into the load balancer',
  'storage operations',
  'storage events',
  'functions that write playlists',
]);

/**
 * Computes the dollars that an hour of a stream with hot backup costs more, at most: the backup uploads as the other
 * one does, but writes no live playlist. Its unseen segments go with the end of the broadcast; its place on a node
 * counts as one more stream. `undefined` without streams.
 */
export function hotBackupStreamHour(items: readonly Item[], { streams, hours }: Usage): number | undefined {
  if (streams * hours === 0) return undefined;
  const twice = items.filter(({ of, name }) => of === 'stream' && PAID_TWICE.has(name));
  return twice.reduce((sum, { dollars }) => sum + dollars, 0) / (streams * hours);
}
