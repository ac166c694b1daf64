import { z } from 'zod';
import { ChatSettings } from './chat/settings';
import { PlatformEvent } from './events';
import { GrantId } from './grants';
import { EdgeCopy, Edges, ViewerRoom } from './hooks/edges';
import { Push, Reach, SessionReport } from './hooks/srs';
import { BroadcastId, NodeId, Policy, SessionId, StreamId } from './ids';
import { Latency } from './latency';
import { DvrWindowSeconds, ReconnectWindowSeconds } from './limits';
import { WarningCode } from './media-report';
import { Encryption, KeyRotationSegments, SealedEncryption } from './objects/encryption';
import { SessionRole } from './objects/metadata';
import { Ladder, Packaging, RenditionReports } from './packaging';
import { eachReadable } from './readable';

/**
 * Documents in Firestore. Times are milliseconds since the epoch. Nothing is written per segment: sessions and
 * broadcasts change when publishers come and go, nodes at each heartbeat.
 */
const time = z.int().nonnegative();
const Hash = z.string().regex(/^[0-9a-f]{64}$/);

/** Ends a session was told, by an order or by its successor: no heartbeat that is newer brings it back. */
export const COMMANDED_ENDS = [
  'superseded',
  'deleted',
  'stopped',
  'suspended',
  /** Its key was followed by another one, and the grace is over. */
  'key_expired',
  'duration_cap',
  'bitrate_cap',
  /** Its clocks were not those of a live encoder for 30 s. */
  'media_clock',
  /** Viewers have its backup, because nothing came of it for two segments. */
  'failed_over',
  /** The budget of the environment is spent. */
  'budget',
] as const;
export const EndReason = z.enum(['unpublished', 'node_lost', 'not_reported', ...COMMANDED_ENDS]);
export type EndReason = z.infer<typeof EndReason>;

/** `streams/{id}/sessions/{sessionId}` */
export const Session = z.object({
  id: SessionId,
  streamId: StreamId,
  broadcastId: BroadcastId,
  ordinal: z.int().positive(),
  nodeId: NodeId,
  serviceId: z.string(),
  clientId: z.string(),
  startedAt: time,
  endedAt: time.optional(),
  endReason: EndReason.optional(),
  /** The number of the stream key that admitted it (`Stream.keyGeneration`); absent: 0. */
  keyGeneration: z.int().nonnegative().optional(),
  /** The warnings that its publisher has now, each since `at`; absent: none. */
  warnings: z.array(z.object({ code: WarningCode, message: z.string(), at: time })).optional(),
  /** The time of the last change of `warnings`. */
  warningsAt: time.optional(),
  /** The renditions that were told last; absent: nothing was told, all are made. */
  toldRenditions: z.object({ renditions: RenditionReports, at: time }).optional(),
  /** The encryption of its segments; absent: they are in the clear. */
  encryption: SealedEncryption.optional(),
  /** Present for a stream with hot backup: its part among the publishers. */
  role: SessionRole.optional(),
  /** Present for a backup: the session that was on air when it was admitted. */
  backupOf: SessionId.optional(),
  /** True for a third-party media server: it has no agent, so no heartbeat ever names it. */
  foreign: z.literal(true).optional(),
});
export type Session = z.infer<typeof Session>;

/**
 * `streams/{id}/broadcasts/{broadcastId}`. `closing` takes no session in any more; `closed` has its ENDLIST and
 * recording.
 */
export const Broadcast = z.object({
  id: BroadcastId,
  streamId: StreamId,
  state: z.enum(['open', 'closing', 'closed']),
  startedAt: time,
  closedAt: time.optional(),
  /** As the stream was when it began; absent: as the stream is. */
  recording: z.boolean().optional(),
  /** Under which its recording lies, once it was taken down and put back; absent: 0. */
  epoch: z.int().nonnegative().optional(),
});
export type Broadcast = z.infer<typeof Broadcast>;

/** `streams/{id}` */
export const Stream = z.object({
  id: StreamId,
  title: z.string(),
  policy: Policy,
  recording: z.boolean(),
  reconnectWindowSeconds: ReconnectWindowSeconds,
  dvrWindowSeconds: DvrWindowSeconds,
  /** The way in which its segments are delivered; absent: `ts`. */
  packaging: Packaging.optional(),
  /** The renditions that are made beside the source; absent: `none`. */
  ladder: Ladder.optional(),
  /** Delay of delivery: `low` adds low-latency HLS; absent: `normal`. */
  latency: Latency.optional(),
  /** Encryption of its segments; absent: it never had any, so none of its recordings needs a key. */
  encryption: Encryption.optional(),
  /** The number of segments that share a key; absent: 0, one key for each session. */
  keyRotationSegments: KeyRotationSegments.optional(),
  /** The edges that get a copy; absent: `none`. */
  edges: Edges.optional(),
  /** Its chat; absent: it never had one. */
  chat: ChatSettings.optional(),
  /** Two publishers at once, on two nodes; absent: one. */
  hotBackup: z.boolean().optional(),
  /** SHA-256 of the stream key, hex. */
  keyHash: Hash,
  /** Counts the keys the stream has had before this one; absent: 0. */
  keyGeneration: z.int().nonnegative().optional(),
  /** The key before this one (generation one less), still good before `until`. */
  previousKey: z.object({ hash: Hash, until: time }).optional(),
  /** The owner of the stream: the subject of the caller who made it; absent: the operator. */
  owner: z.string().min(1).max(255).optional(),
  /** Counts changes of settings; absent: 0. Its ETag. */
  revision: z.int().nonnegative().optional(),
  /** Nobody publishes or plays meanwhile. */
  suspended: z.object({ at: time, reason: z.string().optional() }).optional(),
  /** The number of take-downs of its media; absent: 0. */
  mediaEpoch: z.int().nonnegative().optional(),
  /** The work that its media still needs, done by the first component that finds it; absent: none. */
  mediaWork: z.object({ kind: z.enum(['take_down', 'delete', 'put_back']), at: time }).optional(),
  /** Pages that may embed it; absent: any. */
  allowedOrigins: z.array(z.string()).optional(),
  /** Addresses and CIDR blocks that may publish; absent: any. */
  publisherAddresses: z.array(z.string()).optional(),
  /** Peak of a session, in bit/s. */
  maxBitrateBps: z.int().positive().optional(),
  /** The maximum duration of one broadcast. */
  maxDurationSeconds: z.int().positive().optional(),
  /** Days a recording is kept after its broadcast was finished; absent: as the environment says. */
  recordingDays: z.int().positive().optional(),
  /** The time when the reconciler looks which recordings have expired; absent: there is none. */
  recordingsExpireAt: time.optional(),
  /** The customer's own. */
  metadata: z.record(z.string(), z.string()).optional(),
  createdAt: time,
  /** Ordinal of the newest session; 0 before the first. */
  ordinal: z.int().nonnegative(),
  /** The newest session, ended or not; with hot backup the one whose media viewers are to have. */
  session: Session.optional(),
  /** The session that stands by, which has not ended; absent: none. */
  backup: Session.optional(),
  /** Broadcasts that are not closed yet, oldest first. At most the last one is `open`. */
  unfinished: z.array(Broadcast),
  /** Broadcasts that were not recorded, and when their media goes; absent: none. */
  expiring: z.array(z.object({ broadcastId: BroadcastId, at: time })).optional(),
  /** The times when a publisher took over from a live one, newest last, at most a minute old. */
  takeovers: z.array(time),
  /** The publishers of the sessions before the newest one, newest last, at most 8: their late hooks start nothing. */
  earlierClients: z.array(z.object({ nodeId: NodeId, serviceId: z.string(), clientId: z.string() })).optional(),
  /** Events of this stream that were not sent yet, oldest first, at most 20. */
  pendingEvents: z.array(PlatformEvent).optional(),
});
export type Stream = z.infer<typeof Stream>;

/** `nodes/{id}`: the last heartbeat, and what the node is to be told at its next one. */
export const Node = z.object({
  id: NodeId,
  serviceId: z.string(),
  role: z.enum(['origin', 'edge']),
  /** The region of its VM; absent if unknown. */
  region: z.string().optional(),
  draining: z.boolean(),
  /** Since when the node says itself that it drains. */
  drainingSince: time.optional(),
  /** Since when it has no session and nothing to upload. */
  idleSince: time.optional(),
  /** The time when its VM was ordered to go; a new start of SRS removes it. */
  removedAt: time.optional(),
  heartbeatAt: time,
  /** The time when `node.lost` was sent for it; a heartbeat removes it. */
  lostAnnouncedAt: time.optional(),
  spoolBytes: z.int().nonnegative(),
  reach: Reach.optional(),
  /** One that cannot be read is left out: it is one customer's, the node is everybody's. */
  sessions: eachReadable(SessionReport),
  /** Kept until a heartbeat no longer names the session as publishing. One with `due` is not handed out before. */
  kicks: eachReadable(
    z.object({ streamId: StreamId, sessionId: SessionId, reason: z.string(), at: time, due: time.optional() }),
  ),
  /**
   * Viewers' connections to be ended, of a stream or of one of its grants; handed out at every heartbeat of a while.
   */
  endPlays: eachReadable(
    z.object({ streamId: StreamId, grantId: GrantId.optional(), reason: z.string(), at: time }),
  ).optional(),
  viewers: ViewerRoom.optional(),
  egressBps: z.int().nonnegative().optional(),
  /** The copies that an origin pushes. */
  pushes: eachReadable(Push).optional(),
  /** The copies that an edge has. */
  copies: eachReadable(EdgeCopy).optional(),
  /** The right to push to an edge, one of each attempt. `spentBy`: the connection that used it. */
  pushTokens: eachReadable(
    z.object({
      hash: Hash,
      streamId: StreamId,
      sessionId: SessionId,
      until: time,
      spentBy: z.object({ serviceId: z.string(), clientId: z.string() }).optional(),
    }),
  ).optional(),
});
export type Node = z.infer<typeof Node>;

/**
 * `idempotency/{hash of caller and key}`: the answer to a POST request, kept for repetitions. Without `sealed` the
 * first request is not finished. It is status, headers and body, encrypted with the caller's key, because an answer
 * can hold a secret.
 */
export const IdempotencyRecord = z.object({
  id: Hash,
  /** SHA-256 of method, path and body. */
  requestHash: Hash,
  startedAt: time,
  /** Removed some time after. */
  expiresAt: time,
  sealed: z.string().optional(),
});
export type IdempotencyRecord = z.infer<typeof IdempotencyRecord>;

/**
 * `invalidations/{hash of the path}`: a path that the CDN is to forget. `queued` until Google took the request,
 * `running` until it says that it is done.
 */
export const Invalidation = z.object({
  id: Hash,
  /** The path on the public host; a `*` at its end stands for any rest. */
  path: z.string(),
  streamId: StreamId,
  owner: z.string().optional(),
  state: z.enum(['queued', 'running', 'done']),
  requestedAt: time,
  changedAt: time,
  /** The number of requests to Google. */
  attempts: z.int().nonnegative(),
  /** Google's name of the work. */
  operation: z.string().optional(),
  /** The reason why the last attempt failed. */
  detail: z.string().optional(),
});
export type Invalidation = z.infer<typeof Invalidation>;
