import { indexName, urlPathOf } from '../functions/contract/object-layout';
import { StreamId } from '../functions/contract/words';

export interface WatchLink {
  readonly streamId: StreamId;
  /** What the player loads: an absolute path of this host. */
  readonly indexPath: string;
  /** Segments the player stays behind the newest. */
  readonly syncCount: number;
}

/** Two segments: as near as a player can be whose playlist may be a second old. */
const DEFAULT_SYNC = 2;
const MOST_SYNC = 10;

/** What `watch.html?id=<stream id>&sync=<segments>` asks for; `undefined` without a well-formed id. A senseless `sync` is the default. */
export function parseWatchLink(search: string): WatchLink | undefined {
  const query = new URLSearchParams(search);
  const streamId = StreamId.safeParse(query.get('id'));
  if (!streamId.success) return undefined;
  const sync = Number(query.get('sync') ?? DEFAULT_SYNC);
  return {
    streamId: streamId.data,
    indexPath: urlPathOf(indexName('open', streamId.data)),
    syncCount: sync >= 1 && sync <= MOST_SYNC ? sync : DEFAULT_SYNC,
  };
}

/** The page that plays a stream, from any page beside it. */
export const watchHref = (streamId: StreamId): string => `watch.html?id=${streamId}`;
