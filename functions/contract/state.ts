import { z } from 'zod';
import { BroadcastId, NodeId, Policy, SessionId, StreamId } from './words';

/**
 * Documents in Firestore. Times are milliseconds since the epoch. Nothing is written per segment: sessions and broadcasts change
 * when publishers come and go, nodes at each heartbeat.
 */
const time = z.int().nonnegative();

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
  endReason: z.enum(['unpublished', 'superseded', 'node_lost', 'not_reported', 'deleted']).optional(),
});
export type Session = z.infer<typeof Session>;

/** `streams/{id}/broadcasts/{broadcastId}`. `closing` takes no session in any more; `closed` has its ENDLIST and recording. */
export const Broadcast = z.object({
  id: BroadcastId,
  streamId: StreamId,
  state: z.enum(['open', 'closing', 'closed']),
  startedAt: time,
  closedAt: time.optional(),
});
export type Broadcast = z.infer<typeof Broadcast>;

/** `streams/{id}` */
export const Stream = z.object({
  id: StreamId,
  title: z.string(),
  policy: Policy,
  recording: z.boolean(),
  reconnectWindowSeconds: z.int().min(0).max(1800),
  liveWindowSeconds: z.int().min(10).max(3600),
  /** SHA-256 of the stream key, hex. */
  keyHash: z.string().regex(/^[0-9a-f]{64}$/),
  createdAt: time,
  /** Ordinal of the newest session; 0 before the first. */
  ordinal: z.int().nonnegative(),
  /** The newest session, ended or not. */
  session: Session.optional(),
  /** Broadcasts that are not closed yet, oldest first. At most the last one is `open`. */
  unfinished: z.array(Broadcast),
  /** When a publisher took over from a live one, newest last, at most a minute old. */
  takeovers: z.array(time),
  /** Who published the sessions before the newest, newest last, at most 8: their late hooks start nothing. */
  earlierClients: z.array(z.object({ nodeId: NodeId, serviceId: z.string(), clientId: z.string() })).optional(),
});
export type Stream = z.infer<typeof Stream>;

/** `nodes/{id}`: the last heartbeat, and what the node is to be told at its next one. */
export const Node = z.object({
  id: NodeId,
  serviceId: z.string(),
  role: z.enum(['origin', 'edge']),
  draining: z.boolean(),
  heartbeatAt: time,
  spoolBytes: z.int().nonnegative(),
  sessions: z.array(
    z.object({ streamId: StreamId, sessionId: SessionId, publishing: z.boolean(), pendingSegments: z.int().nonnegative() }),
  ),
  /** Kept until a heartbeat no longer names the session as publishing. */
  kicks: z.array(z.object({ streamId: StreamId, sessionId: SessionId, reason: z.string(), at: time })),
});
export type Node = z.infer<typeof Node>;
