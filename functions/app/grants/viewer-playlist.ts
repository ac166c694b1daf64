import { type Grant, type GrantId, viewerPlaylistPath } from '../../contract/grants';
import { contentKeyPrefix } from '../../contract/objects/encryption';
import { streamPrefix, urlPathOf } from '../../contract/objects/layout';
import { DomainError } from '../../core/errors';
import {
  assertPlaying,
  assertUsable,
  decideRenewal,
  type GatedStream,
  type GrantLimits,
} from '../../core/grants/decide-grant';
import { contentKeyQuery, type GrantSigner, queryOf } from '../../core/grants/grant-answer';
import { rewriteUris } from '../../core/playlist/rewrite-uris';
import { verifyToken } from '../../core/signing/token';
import type { GrantStore } from '../../ports/grants';
import type { Clock, ObjectStore } from '../../ports/stores';

export interface ViewerPlaylistDeps {
  grants: GrantStore;
  /** The gated delivery bucket. */
  gated: ObjectStore;
  signer: GrantSigner;
  clock: Clock;
}

export interface ViewerPlaylistRequest {
  stream: GatedStream;
  grantId: GrantId;
  /** Out of the URL. */
  token: string;
  /** The part of the URL after the grant: `index.m3u8`, `<broadcast>/<rendition>.m3u8`. */
  name: string;
  limits: GrantLimits;
}

const NAME = /^(index|b[1-9][0-9]{0,8}-[a-z0-9]{8}(\.[1-9][0-9]{0,5})?\/[a-z0-9-]{1,32})\.m3u8$/;

/**
 * A playlist of a gated stream for one viewer whose player knows neither cookies nor queries. Its playlists lead back
 * here, its segments carry the query. Playing renews: a player reads a live playlist every few seconds, so once half of
 * the grant is gone the next reading extends it. Throws `unauthenticated` for a wrong token, `stream_suspended`,
 * `grant_ended`, and `playlist_not_found`.
 */
export async function renderViewerPlaylist(deps: ViewerPlaylistDeps, request: ViewerPlaylistRequest): Promise<string> {
  const { stream, name, token } = request;
  const grant = await usableGrant(deps, request);
  const object = NAME.test(name) ? await deps.gated.read(`${streamPrefix('gated', 'p', stream.id)}${name}`) : undefined;
  if (object === undefined)
    throw new DomainError('playlist_not_found', `the stream has no playlist '${name.slice(0, 64)}' now`);
  return forViewer(object.text, { grant, token, signer: deps.signer });
}

async function usableGrant(
  deps: ViewerPlaylistDeps,
  { stream, grantId, token, limits }: ViewerPlaylistRequest,
): Promise<Grant> {
  const nowMs = deps.clock.now();
  const wanted = { purpose: 'playlist', streamId: stream.id, keys: deps.signer.tokenKeys, nowMs } as const;
  if (verifyToken(token, wanted)?.grantId !== grantId) {
    throw new DomainError('unauthenticated', 'token: it does not belong to this grant, or has expired');
  }
  assertPlaying(stream);
  const grant = assertUsable(await deps.grants.get(stream.id, grantId), nowMs);
  if (nowMs < renewalDueAt(grant, limits)) return grant;
  return deps.grants.change(stream.id, grantId, (current) => {
    const renewed = decideRenewal(stream, current, { nowMs, origin: undefined, limits });
    return { grant: renewed, result: renewed };
  });
}

/** Returns the time when half of the lifetime is gone; never, once no renewal would make it longer. */
function renewalDueAt({ expiresAt, endsAt, lifetimeSeconds }: Grant, limits: GrantLimits): number {
  if (expiresAt >= endsAt) return Number.POSITIVE_INFINITY;
  return expiresAt - (Math.min(lifetimeSeconds, limits.lifetimeSeconds) * 1000) / 2;
}

/**
 * The playlist with its URIs for this grant; a URI that leads elsewhere stays, so that no signature goes to a stranger.
 */
function forViewer(
  text: string,
  { grant, token, signer }: { grant: Grant; token: string; signer: GrantSigner },
): string {
  const playlists = urlPathOf(streamPrefix('gated', 'p', grant.streamId));
  const segments = urlPathOf(streamPrefix('gated', 's', grant.streamId));
  const keys = contentKeyPrefix(grant.streamId);
  const query = queryOf('s', grant, signer);
  return rewriteUris(text, (uri) => {
    if (uri.startsWith(keys)) return `${uri}?${contentKeyQuery(token)}`;
    if (uri.startsWith(segments)) return `${uri}${uri.includes('?') ? '&' : '?'}${query}`;
    if (!uri.startsWith(playlists)) return uri;
    return `${viewerPlaylistPath(grant.streamId, grant.id, uri.slice(playlists.length))}?token=${token}`;
  });
}
