import { z } from 'zod';
import { GrantId } from '../grants';
import { BroadcastId, NodeId, Policy, SessionId, StreamId } from '../ids';
import { Latency } from '../latency';
import { DvrWindowSeconds, ReconnectWindowSeconds } from '../limits';
import { MediaReport } from '../media-report';
import { SessionEncryption } from '../objects/encryption';
import { SessionRole } from '../objects/metadata';
import { Ladder, Packaging, RenditionReports } from '../packaging';
import { eachReadable } from '../readable';
import { WebOrigin } from '../web-origin';
import { EdgeCopy, Edges, PushToken, ViewerRoom } from './edges';
import { SessionHealth } from './session-health';

/**
 * The body that SRS posts (fields as captured from 5.0.216 and 6.0.157). Strings are bounded: SRS's own are far
 * shorter, and a hook is public input once it came through a publisher. Unknown fields are dropped, so a newer SRS may
 * say more.
 */
const text = z.string().max(2048);
const common = {
  server_id: NodeId,
  /** New at every start of SRS. */
  service_id: z.string().min(1).max(64),
  /** One connection of SRS; the same in every hook of that connection and in SRS's API. */
  client_id: z.string().min(1).max(64),
  ip: z.string().max(64),
  vhost: text,
  app: text,
};
const streamed = {
  ...common,
  tcUrl: text,
  stream: text,
  param: text,
  stream_url: text.optional(),
  stream_id: text.optional(),
};

export const OnConnect = z.object({
  action: z.literal('on_connect'),
  ...common,
  stream: text.optional(),
  param: text.optional(),
  tcUrl: text,
  pageUrl: text,
});
export const OnClose = z.object({
  action: z.literal('on_close'),
  ...common,
  send_bytes: z.number(),
  recv_bytes: z.number(),
});
export const OnPublish = z.object({ action: z.literal('on_publish'), ...streamed });
export const OnUnpublish = z.object({ action: z.literal('on_unpublish'), ...streamed });
export const OnPlay = z.object({ action: z.literal('on_play'), ...streamed, pageUrl: text.optional() });
export const OnStop = z.object({ action: z.literal('on_stop'), ...streamed });
/**
 * `duration` in seconds with 2 decimals (it drifts: the playlist has 3); `file` is relative to `cwd` when `hls_path`
 * is.
 */
export const OnHls = z.object({
  action: z.literal('on_hls'),
  ...streamed,
  duration: z.number().nonnegative(),
  cwd: text,
  file: text.min(1),
  url: text,
  m3u8: text.min(1),
  m3u8_url: text,
  seq_no: z.int().nonnegative(),
});

/** Every hook the agent takes from SRS. */
export const SrsHook = z.discriminatedUnion('action', [
  OnConnect,
  OnClose,
  OnPublish,
  OnUnpublish,
  OnPlay,
  OnStop,
  OnHls,
]);
export type SrsHook = z.infer<typeof SrsHook>;
export type OnPublish = z.infer<typeof OnPublish>;
export type OnUnpublish = z.infer<typeof OnUnpublish>;
export type OnPlay = z.infer<typeof OnPlay>;
export type OnHls = z.infer<typeof OnHls>;

/**
 * An on_publish as the agent relays it. `encrypts`: it encrypts whole segments; `encryptsSamples`: it knows Common
 * Encryption; absent: its image is too old to.
 */
const RelayedPublish = OnPublish.extend({
  encrypts: z.literal(true).optional(),
  encryptsSamples: z.literal(true).optional(),
});
export type RelayedPublish = z.infer<typeof RelayedPublish>;

/** Hooks that the agent relays to the function: SRS's bodies, but for that. on_hls stays on the node. */
export const RelayedHook = z.discriminatedUnion('action', [OnConnect, RelayedPublish, OnUnpublish, OnPlay, OnStop]);
export type RelayedHook = z.infer<typeof RelayedHook>;
export const RELAYED_ACTIONS = ['on_connect', 'on_publish', 'on_unpublish', 'on_play', 'on_stop'] as const;

/** The session of an admitted publisher, for the agent that serves it. Times in seconds. */
export const SessionGrant = z.object({
  streamId: StreamId,
  sessionId: SessionId,
  ordinal: z.int().positive(),
  broadcastId: BroadcastId,
  policy: Policy,
  /** Segments of a stream without recording are marked for expiry at upload. */
  recording: z.boolean(),
  /** Length of the live playlist. */
  dvrWindowSeconds: DvrWindowSeconds,
  reconnectWindowSeconds: ReconnectWindowSeconds,
  /** The way in which segments are delivered; absent: `ts`. */
  packaging: Packaging.optional(),
  /** The renditions that the node makes beside the source; absent: `none`. */
  ladder: Ladder.optional(),
  /** Delay of delivery: with `low` the node also cuts it into parts; absent: `normal`. */
  latency: Latency.optional(),
  /** The edges that get a copy; absent: `none`. */
  edges: Edges.optional(),
  /** Present for a stream with hot backup: its part among the publishers. */
  role: SessionRole.optional(),
  /** Present for a backup: the session that was on air when it was admitted. */
  backupOf: SessionId.optional(),
});
export type SessionGrant = z.infer<typeof SessionGrant>;

/** The reason why a hook was refused: for operators only, SRS passes nothing of it on. */
export const RefusalCode = z.enum([
  'unknown_stream',
  'wrong_key',
  'suspended',
  'wrong_app',
  'malformed_stream',
  'takeover_limit',
  /** A late or doubled on_publish of a client whose session was followed by a newer one. */
  'superseded',
  'not_playable',
  /** The play token is genuine, and its grant was revoked or is over: only its holder is told so. */
  'grant_ended',
  /** The address is not in the stream's list, or hidden by the RTMPS proxy. */
  'address_not_allowed',
  /** Its session was told to end (stopped, or over a cap): this connection does not go on. */
  'told_to_end',
  'duration_cap',
  'bitrate_cap',
  /** Its clocks flooded, jumped or were apart, and went on with it: again in 30 s. */
  'media_clock',
  /** The environment's budget guard takes no new publishers. */
  'budget',
  /** The stream is encrypted, and the image of the node is too old for that: its segments would be in the clear. */
  'not_encrypted',
  /** A stream with hot backup has its two publishers, or this node has one of them: those that are live stay. */
  'ingest_taken',
  /** A push to an edge whose token is unknown, spent, expired, or for another stream or edge. */
  'push_refused',
]);
export type RefusalCode = z.infer<typeof RefusalCode>;

/** A session of which an edge has a copy. */
export const PushedSession = z.object({ sessionId: SessionId, policy: Policy });
export type PushedSession = z.infer<typeof PushedSession>;

/** Answers: SRS lets a client go on only at 200 with an integer `code` 0. */
export const HookAccepted = z.object({
  code: z.literal(0),
  session: SessionGrant.optional(),
  /** The encryption of that session. Beside it, because a session's grant is logged. */
  encryption: SessionEncryption.optional(),
  /** The web origins whose pages may read what a viewer gets; absent: those of the environment. */
  allowedOrigins: z.array(WebOrigin).optional(),
  /**
   * The grant with which a viewer plays a gated stream, and the end of the viewing session, in milliseconds since the
   * epoch.
   */
  play: z.object({ grantId: GrantId, until: z.int().nonnegative() }).optional(),
  /** The session that an origin pushes to this edge. */
  push: PushedSession.optional(),
});
export type HookAccepted = z.infer<typeof HookAccepted>;
export const HookRefused = z.object({
  code: z.int().positive(),
  error: RefusalCode,
  message: z.string(),
  /**
   * The time for which the agent holds the refusal back, because keys are guessed: here it would occupy a place that
   * right keys need.
   */
  holdMs: z.int().positive().max(10_000).optional(),
});
export type HookRefused = z.infer<typeof HookRefused>;

/** The addresses of a node. */
export const Reach = z.object({
  /** The agent's public listener, in the VPC; also the audience of ID tokens for it. */
  agentUrl: z.url(),
  /** For SRT, in the internet; absent: it takes none. */
  srt: z.object({ host: z.string().max(255), port: z.int().min(1).max(65535) }).optional(),
  /** For origins that push to this edge, in the VPC; absent: it is no edge. */
  push: z.object({ host: z.string().max(255), port: z.int().min(1).max(65535) }).optional(),
});
export type Reach = z.infer<typeof Reach>;

/** The report of a node about one of its sessions. */
export const SessionReport = z.object({
  streamId: StreamId,
  sessionId: SessionId,
  /** Media still comes in: false once unpublished, while the rest is uploaded. */
  publishing: z.boolean(),
  /** Segments not yet in the delivery bucket. */
  pendingSegments: z.int().nonnegative(),
  /** Highest bit/s of a segment so far; never falls within a session. */
  peakBitrateBps: z.int().nonnegative().optional(),
  /** Once its first segments were looked at. */
  media: MediaReport.optional(),
  /** While it publishes. */
  health: SessionHealth.optional(),
  /** Present for a session in CMAF, once its first segment was packaged. */
  renditions: RenditionReports.optional(),
  /** The node has ended it, and why. */
  cut: z.enum(['media_clock']).optional(),
  /** The edges that are to get a copy, once its tracks are there; absent: none now. */
  edges: Edges.optional(),
  /** Connections that play it from this node; absent where no edge may get a copy. */
  viewers: z.int().nonnegative().optional(),
});
export type SessionReport = z.infer<typeof SessionReport>;

/**
 * Sessions a node reports at most: a Firestore document of 1 MiB holds some 3500 of them. A node serves some hundreds.
 */
export const MAX_REPORTED_SESSIONS = 2000;

/** A copy that an origin pushes to an edge. */
export const Push = z.object({
  streamId: StreamId,
  sessionId: SessionId,
  edgeId: NodeId,
});
export type Push = z.infer<typeof Push>;

/** A node says every few seconds what it serves. The one source of "live". */
export const Heartbeat = z.object({
  nodeId: NodeId,
  serviceId: z.string().min(1).max(64),
  role: z.enum(['origin', 'edge']),
  /** The region of its VM. */
  region: z.string().min(1).max(64).optional(),
  draining: z.boolean(),
  spoolBytes: z.int().nonnegative(),
  reach: Reach.optional(),
  sessions: z.array(SessionReport),
  /** Absent: a node of an older image. */
  viewers: ViewerRoom.optional(),
  /** Bit/s that its SRS sends, over 30 s. */
  egressBps: z.int().nonnegative().optional(),
  /** The copies that this origin pushes; absent: none. */
  pushes: eachReadable(Push).optional(),
  /** The copies that this edge has; absent: none. */
  copies: eachReadable(EdgeCopy).optional(),
});
/** A heartbeat as it arrives: its sessions are judged one by one, because a customer's media speaks out of each. */
export const ReceivedHeartbeat = Heartbeat.extend({ sessions: z.array(z.unknown()) });
export type ReceivedHeartbeat = z.infer<typeof ReceivedHeartbeat>;
export type Heartbeat = z.infer<typeof Heartbeat>;

export const NodeCommand = z.discriminatedUnion('kind', [
  /** End this session's publisher: a newer one was admitted elsewhere, or the stream is gone or suspended. */
  z.object({ kind: z.literal('kick'), streamId: StreamId, sessionId: SessionId, reason: z.string() }),
  z.object({ kind: z.literal('drain') }),
  /** End the connections that play this stream, all of them or those of one grant. */
  z.object({ kind: z.literal('end_plays'), streamId: StreamId, grantId: GrantId.optional(), reason: z.string() }),
  /** Push this session to an edge. The token is for one attempt, and soon expires. */
  z.object({
    kind: z.literal('push'),
    streamId: StreamId,
    sessionId: SessionId,
    edgeId: NodeId,
    to: z.object({ host: z.string().max(255), port: z.int().min(1).max(65535) }),
    token: PushToken,
  }),
  z.object({ kind: z.literal('end_push'), streamId: StreamId, edgeId: NodeId }),
]);
export type NodeCommand = z.infer<typeof NodeCommand>;
export const HeartbeatAnswer = z.object({ commands: z.array(NodeCommand) });
export type HeartbeatAnswer = z.infer<typeof HeartbeatAnswer>;
/** The answer as it arrives: a command that cannot be read keeps none of the others from being obeyed. */
export const ReceivedHeartbeatAnswer = z.object({ commands: eachReadable(NodeCommand) });
