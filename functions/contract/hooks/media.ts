import { z } from 'zod';
import { GrantId } from '../grants';
import { SessionId, StreamId } from '../ids';
import { TimedMetadataId, TimedMetadataText } from '../timed-metadata/schemas';

/**
 * Requests of the API to a node's agent: WebRTC sessions. The API has authorised the caller before; SRS's
 * hooks decide once more. A refusal is `NodeRefusal`, with 400, 403, 404, 409, 502 or 503.
 */
export const RtcKind = z.enum(['publish', 'play']);
export type RtcKind = z.infer<typeof RtcKind>;

/** Far above what browsers send: 3 to 10 KB. */
const SDP_LIMIT = 48 * 1024;
const Sdp = z.string().min(1).max(SDP_LIMIT);

/** No character SRS's query parser splits on, or that a header could end with. */
const Secret = z.string().regex(/^[\w.~-]{1,512}$/, "use letters, digits, '_', '.', '~', '-'");

export const RtcOffer = z.strictObject({
  kind: RtcKind,
  streamId: StreamId,
  /** Stream key of a publisher, play token of a viewer where one is needed. */
  secret: Secret.optional(),
  /** The address of the client, as the load balancer saw it. */
  address: z.string().max(64),
  sdp: Sdp,
});
export type RtcOffer = z.infer<typeof RtcOffer>;

/** An id that cannot be guessed: knowing it is enough to end the session. */
export const RtcSessionId = z.string().regex(/^[a-z0-9]{32}$/, 'use 32 of a-z, 0-9');

/** `sessionId`: the publish in the stream store; absent for a viewer, and from nodes of an older image. */
export const RtcAnswer = z.object({ session: RtcSessionId, sdp: Sdp, sessionId: SessionId.optional() });
export type RtcAnswer = z.infer<typeof RtcAnswer>;

export const RtcEnd = z.strictObject({
  kind: RtcKind,
  streamId: StreamId,
  session: RtcSessionId,
  /** The one of the offer. */
  secret: Secret.optional(),
});
export type RtcEnd = z.infer<typeof RtcEnd>;

/**
 * The ended session. `sessionId`: its id in the stream store; absent for a viewer, and from nodes of an older image.
 */
export const RtcEnded = z.object({ sessionId: SessionId.optional() });
export type RtcEnded = z.infer<typeof RtcEnded>;

/** A session whose broadcast was stopped: its node ends the publisher, and nothing follows it. */
export const FinalSession = z.strictObject({ streamId: StreamId, sessionId: SessionId });
export type FinalSession = z.infer<typeof FinalSession>;

/** Timed metadata for viewers of a session, into its next segment. `data` as its owner wrote it. */
export const NodeMetadata = z.strictObject({
  streamId: StreamId,
  sessionId: SessionId,
  id: TimedMetadataId,
  data: TimedMetadataText,
  durationMs: z.int().nonnegative().optional(),
});
export type NodeMetadata = z.infer<typeof NodeMetadata>;

/** The protocol by which a viewer plays from a node. */
export const PlayKind = z.enum(['rtmp', 'flv', 'whep']);
export type PlayKind = z.infer<typeof PlayKind>;

/** Names one viewer's connection; the node makes it up. */
export const PlayId = z.string().regex(/^[a-z0-9]{16}$/, 'use 16 of a-z, 0-9');

/** Viewers' connections to one node, of one stream. Times in milliseconds since the epoch. */
export const NodePlays = z.object({
  plays: z.array(z.object({ id: PlayId, kind: PlayKind, since: z.int().nonnegative(), grantId: GrantId.optional() })),
});
export type NodePlays = z.infer<typeof NodePlays>;

/** The connections that end: all of a stream, or one. */
export const EndPlays = z.strictObject({ streamId: StreamId, id: PlayId.optional(), reason: z.string().max(64) });
export type EndPlays = z.infer<typeof EndPlays>;
export const EndedPlays = z.object({ ended: z.int().nonnegative() });

/**
 * `error` is a stable code: the refusal of a hook, or `not_live`, `busy`, `draining`, `offer_refused`,
 * `session_not_found`, `not_here`, `rate_limited`, `metadata_conflict`.
 */
export const NodeRefusal = z.object({ error: z.string(), message: z.string() });
export type NodeRefusal = z.infer<typeof NodeRefusal>;
