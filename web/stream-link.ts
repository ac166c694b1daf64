import type { StreamId } from '../functions/contract/ids';
import { path, ROUTES } from '../functions/contract/routes';
import { indexPathOf, readStreamId } from './names';

/** The grant that admits one viewer to a gated stream. */
export interface WatchGrant {
  readonly renewalPath: string;
  readonly renewalToken: string;
}

export interface WatchLink {
  readonly streamId: StreamId;
  /** The path that the player loads: an absolute path of this host. */
  readonly indexPath: string;
  /** Segments that the player stays behind the newest; a playlist of low latency names its own distance. */
  readonly syncCount: number;
  readonly technology: Technology;
  /** Only for gated streams. */
  readonly grant?: WatchGrant;
  /** The room token of a person who may write in the chat: in the fragment, which no server sees. */
  readonly chatToken?: string;
}

/**
 * Ways to play. `auto`: low-latency HLS where the stream offers it, else HLS; `hls`: HLS only; `webrtc`: within a
 * second, or as `auto` where the browser cannot connect.
 */
export const TECHNOLOGIES = ['auto', 'webrtc', 'hls'] as const;
export type Technology = (typeof TECHNOLOGIES)[number];

/**
 * A player can be two segments behind at the nearest, because its playlist may be a second old; at that distance, one
 * that is a second late is a stall.
 */
const DEFAULT_SYNC = 3;
const MAX_SYNC = 10;

/** The form in which the API makes them; the second part is the id of the grant. */
const RENEWAL_TOKEN = /^slr_([a-z0-9]{16})_[0-9]{10,11}_[0-9a-f]{40}$/;

/**
 * Returns the parts of `watch.html?id=<stream id>&sync=<segments>#grant=<renewal token>&chat=<room token>`;
 * `undefined` without a well-formed id, or with a malformed grant. A `sync` out of bounds counts as the default.
 */
export function parseWatchLink(search: string, hash = ''): WatchLink | undefined {
  const query = new URLSearchParams(search);
  const streamId = readStreamId(query.get('id'));
  if (streamId === undefined) return undefined;
  const fragment = new URLSearchParams(hash.replace(/^#/, ''));
  const renewalToken = fragment.get('grant');
  const chatToken = fragment.get('chat');
  const grant = renewalToken === null ? undefined : grantOf(streamId, renewalToken);
  if (renewalToken !== null && grant === undefined) return undefined;
  const sync = Number(query.get('sync') ?? DEFAULT_SYNC);
  return {
    streamId,
    indexPath: indexPathOf(grant === undefined ? 'open' : 'gated', streamId),
    syncCount: sync >= 1 && sync <= MAX_SYNC ? sync : DEFAULT_SYNC,
    technology: TECHNOLOGIES.find((known) => known === query.get('tech')) ?? 'auto',
    ...(grant && { grant }),
    ...(chatToken !== null && { chatToken }),
  };
}

function grantOf(streamId: StreamId, renewalToken: string): WatchGrant | undefined {
  const [, grantId] = RENEWAL_TOKEN.exec(renewalToken) ?? [];
  if (grantId === undefined) return undefined;
  return { renewalToken, renewalPath: path(ROUTES.grants.renewal, { id: streamId, grantId }) };
}

/** The page that plays a stream, from any page beside it. */
export const watchHref = (streamId: StreamId): string => `watch.html?id=${streamId}`;
