import { z } from 'zod';
import { BudgetStage } from './budget';
import { BroadcastId, NodeId, Policy, SessionId, StreamId } from './ids';
import { RenditionReports } from './packaging';

/**
 * Events of the platform: the messages of topic `stream-events`, and word for word the bodies of customers' webhooks. A
 * message's data is the JSON of a `PlatformEvent`, its attributes are `messageAttributes`, its ordering key is
 * `orderingKeyOf`.
 *
 * What the events need of the cloud (names without the environment's prefix):
 * | topic | subscription (push, OIDC) | pushes to | settings |
 * |---|---|---|---|
 * | `stream-events` | `event-relay` | event-relay `/events` | ordered, backoff 10-600 s, dead letters to
 * `stream-events-dead` after 10 attempts |
 * | `webhook-deliveries` | `webhook-deliveries` | event-relay `/deliveries` | the same |
 * | `budget` | `budget-guard` | budget-guard `/budget` | backoff 10-600 s, dead letters to `stream-events-dead` after
 * 10 attempts |
 * | `runaway-streams` | `runaway-streams` | budget-guard `/runaway` | the same as `budget` |
 * | `stream-events-dead` | `stream-events-dead` (pull) | people | kept 7 days |
 * Cloud Scheduler calls event-relay `/retries` every minute. Publishers of `stream-events`: srs-hooks, api, reconciler,
 * budget-guard; of `webhook-deliveries` and `stream-events-dead`: event-relay; of `webhook-deliveries` also api
 * (resend); of `runaway-streams`: hls-publisher. Firestore: a single-field index of collection group `deliveries` on
 * `nextAttemptAt` (ascending), and expiry of `deliveries` by `expireAt`.
 */
export const TOPICS = {
  events: 'stream-events',
  deliveries: 'webhook-deliveries',
  dead: 'stream-events-dead',
  budget: 'budget',
  runaway: 'runaway-streams',
} as const;

/**
 * `evt_` and 32 hex digits: the same for the same happening however often it is told, so a receiver can drop doubles.
 */
export const EventId = z.string().regex(/^evt_[0-9a-f]{32}$/, 'use evt_ and 32 of 0-9, a-f');
export type EventId = z.infer<typeof EventId>;

const envelope = {
  id: EventId,
  /** Version of this schema. Fields may be added within a version; a receiver ignores those it does not know. */
  version: z.literal(1),
  /** The time when it happened, not when it was sent: UTC with milliseconds. */
  occurredAt: z.iso.datetime({ precision: 3 }),
};
const ofStream = { ...envelope, streamId: StreamId };
const title = z.string().max(200);
const session = z.object({ broadcastId: BroadcastId, sessionId: SessionId });

export const SuspendCause = z.enum(['operator', 'budget', 'runaway']);
export type SuspendCause = z.infer<typeof SuspendCause>;

export const StreamCreated = z.object({
  type: z.literal('stream.created'),
  ...ofStream,
  data: z.object({ title, policy: Policy, recording: z.boolean() }),
});
/** A publisher was admitted. */
export const StreamLive = z.object({ type: z.literal('stream.live'), ...ofStream, data: session });
/** The publisher on air left, was lost or fell silent: viewers have its backup (`sessionId`) now. */
export const StreamFailover = z.object({
  type: z.literal('stream.failover'),
  ...ofStream,
  data: session.extend({ fromSessionId: SessionId }),
});
/** The publisher left or was lost; it may come back until the reconnect window is over. */
export const StreamReconnecting = z.object({
  type: z.literal('stream.reconnecting'),
  ...ofStream,
  data: session.extend({ endReason: z.string().max(64) }),
});
/** The reconnect window is over: this broadcast takes nothing in any more. */
export const StreamEnded = z.object({
  type: z.literal('stream.ended'),
  ...ofStream,
  data: z.object({ broadcastId: BroadcastId }),
});
/** `path` is below the public origin. */
export const RecordingReady = z.object({
  type: z.literal('stream.recording.ready'),
  ...ofStream,
  data: z.object({ broadcastId: BroadcastId, path: z.string().startsWith('/').max(300) }),
});
/** A recording was kept for its days, and is gone. */
export const RecordingExpired = z.object({
  type: z.literal('stream.recording.expired'),
  ...ofStream,
  data: z.object({ broadcastId: BroadcastId }),
});
export const StreamSuspended = z.object({
  type: z.literal('stream.suspended'),
  ...ofStream,
  data: z.object({ cause: SuspendCause }),
});
/**
 * A warning to the publisher begins or ends; `code` is that of the API's warnings. Those of a session end with it,
 * without an event of their own.
 */
export const StreamWarning = z.object({
  type: z.literal('stream.warning'),
  ...ofStream,
  data: session.extend({
    code: z.string().max(64),
    message: z.string().max(500),
    /** Absent in events from before there were two: `begun`. */
    state: z.enum(['begun', 'over']).optional(),
  }),
});
/**
 * A node makes fewer renditions of a session than it was asked for, or makes them again; `renditions` are all of them.
 */
export const RenditionsChanged = z.object({
  type: z.literal('stream.renditions.changed'),
  ...ofStream,
  data: session.extend({ renditions: RenditionReports }),
});
export const NodeLost = z.object({
  type: z.literal('node.lost'),
  ...envelope,
  data: z.object({ nodeId: NodeId, lastHeartbeatAt: z.iso.datetime({ precision: 3 }), streams: z.int().nonnegative() }),
});
/** Amounts in `currencyCode`, as Cloud Billing said last; absent before it said anything. */
export const BudgetStageChanged = z.object({
  type: z.literal('budget.stage'),
  ...envelope,
  data: z.object({
    stage: BudgetStage,
    before: BudgetStage,
    cause: z.enum(['message', 'operator']),
    costAmount: z.number().optional(),
    budgetAmount: z.number().optional(),
    currencyCode: z.string().max(3).optional(),
  }),
});

export const PlatformEvent = z.discriminatedUnion('type', [
  StreamCreated,
  StreamLive,
  StreamFailover,
  StreamReconnecting,
  StreamEnded,
  RecordingReady,
  RecordingExpired,
  StreamSuspended,
  StreamWarning,
  RenditionsChanged,
  NodeLost,
  BudgetStageChanged,
]);
export type PlatformEvent = z.infer<typeof PlatformEvent>;

/** Every type there is, as a webhook chooses from them. */
export const EVENT_TYPES = [
  'stream.created',
  'stream.live',
  'stream.failover',
  'stream.reconnecting',
  'stream.ended',
  'stream.recording.ready',
  'stream.recording.expired',
  'stream.suspended',
  'stream.warning',
  'stream.renditions.changed',
  'node.lost',
  'budget.stage',
] as const satisfies readonly PlatformEvent['type'][];
export const EventType = z.enum(EVENT_TYPES);
export type EventType = z.infer<typeof EventType>;

/** Types of events that are about the platform and no stream: the operator's webhooks alone get them. */
export const OPERATOR_EVENT_TYPES = ['node.lost', 'budget.stage'] as const satisfies readonly EventType[];

/** Beside a message's data, for subscriptions with a filter. */
export const messageAttributes = (event: PlatformEvent): Record<string, string> => ({
  type: event.type,
  eventId: event.id,
  version: String(event.version),
  ...('streamId' in event ? { streamId: event.streamId } : {}),
});

/** Events of one stream are delivered in order; all others have an order of their own by what they are about. */
export const orderingKeyOf = (event: PlatformEvent): string => {
  if ('streamId' in event) return event.streamId;
  return event.type === 'node.lost' ? event.data.nodeId : event.type;
};

/** A message of topic `runaway-streams`: hls-publisher saw far more events of a stream than any encoder makes. */
export const RunawayNotice = z.strictObject({
  streamId: StreamId,
  /** Events within the minute that began at `since`, as one instance counted them. */
  events: z.int().positive(),
  since: z.iso.datetime({ precision: 3 }),
});
export type RunawayNotice = z.infer<typeof RunawayNotice>;
