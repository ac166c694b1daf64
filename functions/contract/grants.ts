import { z } from 'zod';
import { ChatName } from './chat/text';
import { Subject } from './identity';
import { StreamId } from './ids';
import { GrantSeconds, MAX_GRANT_SECONDS, ViewingSessionSeconds } from './limits';
import { path, ROUTES } from './routes';
import { WebOrigin } from './web-origin';

/** Playback grants of gated streams. Documents have milliseconds since the epoch, the API's answers ISO 8601. */
const time = z.int().nonnegative();

export const GrantId = z.string().regex(/^[a-z0-9]{16}$/, 'use 16 of a-z, 0-9');
export type GrantId = z.infer<typeof GrantId>;

/**
 * The path at which the API renders a playlist of the stream for one viewer. `name`: what follows `/gated/p/<stream>/`
 * in its own URL.
 */
export const viewerPlaylistPath = (streamId: StreamId, grantId: GrantId, name: string): string =>
  `${path(ROUTES.grants.grant, { id: streamId, grantId })}/${name}`;

/** The page of this host that plays a stream. */
const WATCH_PAGE = '/watch.html';

/**
 * The page, for one viewer of a gated stream: the renewal token is in the fragment, which no browser sends to any
 * server. The token names its grant.
 */
export const watchPath = (streamId: StreamId, renewalToken: string): string =>
  `${WATCH_PAGE}?id=${streamId}#grant=${renewalToken}`;

/** `streams/{id}/grants/{grantId}`: the grant of one viewer. Written at its creation and at each renewal. */
export const Grant = z.object({
  id: GrantId,
  streamId: StreamId,
  /** The caller who asked for it. */
  subject: Subject,
  /** The owner of the stream, whose quota it counts against; absent: the operator. */
  owner: Subject.optional(),
  /** The customer's name for the viewer. */
  viewer: z.string().optional(),
  /** The name under which the viewer writes in the chat; absent: the viewer has no room token. */
  chatName: ChatName.optional(),
  createdAt: time,
  /** The end of the newest signature. After that nothing renews it. */
  expiresAt: time,
  /** No renewal goes beyond. */
  endsAt: time,
  lifetimeSeconds: z.int().min(1).max(MAX_GRANT_SECONDS),
  /** Pages that may use it, as the stream had it when it was granted; empty: any. */
  origins: z.array(WebOrigin),
  renewals: z.int().nonnegative(),
  revokedAt: time.optional(),
});
export type Grant = z.infer<typeof Grant>;

/** Body of a request for a grant. */
export const CreateGrant = z.strictObject({
  lifetimeSeconds: GrantSeconds.default(60),
  /** The time for which it can be renewed. */
  viewingSessionSeconds: ViewingSessionSeconds.default(14_400),
  /** Pages that may use it: some of the stream's allowed origins. Default: all of them. */
  origins: z.array(WebOrigin).min(1).max(20).optional(),
  /** The customer's own name for the viewer; no personal data. */
  viewer: z
    .string()
    .regex(/^[\w.@:-]{1,128}$/, "use 1-128 of a-z, A-Z, 0-9, '_', '.', '@', ':', '-'")
    .optional(),
  /** The name under which the viewer may write in the chat. If absent, the grant has no room token. */
  chatName: ChatName.optional(),
});
export type CreateGrant = z.infer<typeof CreateGrant>;

/** Everything that a player needs, for each way of playing. */
export const GrantAnswer = z.object({
  id: GrantId,
  streamId: StreamId,
  expiresAt: z.iso.datetime({ precision: 3 }),
  /** The end of the sitting. */
  endsAt: z.iso.datetime({ precision: 3 }),
  /** A player renews after this long. */
  renewAfterSeconds: z.int().nonnegative(),
  /** Bearer token of the renewal, for the whole sitting. */
  renewalToken: z.string(),
  /** `token` in the query of RTMP, FLV and WHEP URLs. */
  playToken: z.string(),
  /** The room token of a viewer, as short as the grant: a renewal has the next one. Present with `chatName`. */
  chatToken: z.string().optional(),
  playback: z.object({
    /** With cookies, or with `queries` added by the player. */
    hls: z.string(),
    /**
     * For players that can do neither (VLC, iOS): a playlist whose URIs carry the query. Playing it renews the grant.
     */
    native: z.string(),
    /** A page of this host that plays and renews: a link to send, or the `src` of an iframe. */
    page: z.string(),
  }),
  /** The cookies of the answer's Set-Cookie headers, for apps that keep their own. */
  cookies: z.array(z.object({ name: z.string(), value: z.string(), path: z.string() })),
  /** The part behind `?` of every URL under the prefix. */
  queries: z.array(z.object({ pathPrefix: z.string(), query: z.string() })),
});
export type GrantAnswer = z.infer<typeof GrantAnswer>;
