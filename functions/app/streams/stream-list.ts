import type { StreamStatus } from '../../contract/api/streams';
import type { Node, Stream } from '../../contract/state';
import { asSeen } from '../../core/publish/hot-backup';
import { statusOf } from '../../core/publish/liveness';

export interface StreamFilter {
  status?: StreamStatus | undefined;
  policy?: Stream['policy'] | undefined;
  /** The beginning of the title. */
  title?: string | undefined;
}

type Place = Pick<Stream, 'id' | 'createdAt'>;

/** A page of a filtered list. `next`: the last stream that was looked at; `undefined` on the last page. */
export interface FilteredPage {
  streams: Stream[];
  next: Place | undefined;
}

/** Streams looked at for one page: what is filtered here the stream store has to hand over. */
const LOOKED_AT = 1000;
const CHUNK = 200;

/**
 * Up to `limit` streams that pass the filter, in the order `read` gives them. `read` gives the next ones after a place,
 * fewer than asked only at the end. Looks at so many only, so a page may be short though there are more.
 */
export async function filterPage(
  read: (page: { limit: number; after?: Place }) => Promise<Stream[]>,
  page: { limit: number; after?: Place | undefined },
  passes: (stream: Stream) => boolean,
): Promise<FilteredPage> {
  const streams: Stream[] = [];
  let after = page.after;
  for (let looked = 0; looked < LOOKED_AT; ) {
    const wanted = looked === 0 ? page.limit + 1 : CHUNK;
    const found = await read({ limit: wanted, ...(after && { after }) });
    for (const [index, stream] of found.entries()) {
      if (passes(stream) && streams.push(stream) === page.limit) {
        const isLast = index === found.length - 1 && found.length < wanted;
        return { streams, next: isLast ? undefined : stream };
      }
    }
    if (found.length < wanted) return { streams, next: undefined };
    after = found.at(-1);
    looked += found.length;
  }
  return { streams, next: after };
}

/** Returns whether a stream passes the filter; `nodes` are those its session may be on. */
export const passesFilter =
  ({ status, policy, title }: StreamFilter, nodes: readonly Node[], nowMs: number) =>
  (stream: Stream): boolean => {
    if (policy !== undefined && stream.policy !== policy) return false;
    if (title !== undefined && !stream.title.startsWith(title)) return false;
    const seen = asSeen(stream, nodes, nowMs);
    const node = nodes.find(({ id }) => id === seen.session?.nodeId);
    return status === undefined || statusOf(seen, node, nowMs) === status;
  };
