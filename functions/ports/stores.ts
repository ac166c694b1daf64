import type { BudgetState } from '../contract/budget';
import type { PlatformEvent } from '../contract/events';
import type { BroadcastId, Policy, SessionId, StreamId } from '../contract/ids';
import type { Broadcast, Invalidation, Node, Session, Stream } from '../contract/state';
import type { Audience } from '../contract/viewers/audience';
import type { AttemptFailure, DeliveryMessage, Webhook, WebhookDelivery } from '../contract/webhooks';

/** Milliseconds since the epoch, and waiting: the only ways to know the time. */
export interface Clock {
  now(): number;
  /** Resolves after `ms`, or at once when `signal` is aborted, and then leaves no timer behind. Never rejects. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /**
   * As `sleep`, after `ms` in which this process could run: for deadlines, which a process without a core must not
   * miss. @default `sleep`
   */
  sleepAwake?(ms: number, signal?: AbortSignal): Promise<void>;
}

/** `length` random characters of a-z and 0-9. */
export type RandomId = (length: number) => string;

/** Cloud Storage's counter of an object's contents: a decimal string; compare with BigInt. */
export type Generation = string;

export interface StoredObject {
  name: string;
  generation: Generation;
  /** Custom metadata; empty when there is none. */
  metadata: Readonly<Record<string, string>>;
  sizeBytes: number;
  /** The time when this generation was written, by the store's clock, in milliseconds. */
  updatedAt: number;
}

export interface WriteOptions {
  contentType: string;
  cacheControl: string;
  metadata: Readonly<Record<string, string>>;
  /** Write only over exactly this generation; `0`: only if there is none. Required: every write here is conditional. */
  ifGenerationMatch: Generation;
  /** Start of the lifecycle's count of days. */
  customTime?: Date;
}

/**
 * `written`; `conflict`: the precondition failed (412); `rate_limited`: more than one write a second to this name
 * (429).
 */
export type WriteResult = { kind: 'written'; generation: Generation } | { kind: 'conflict' } | { kind: 'rate_limited' };

/**
 * One bucket. Strongly consistent; an absent object is a value. Anything else that goes wrong is thrown.
 * https://cloud.google.com/storage/docs/consistency
 */
export interface ObjectStore {
  /** Content and the generation it belongs to, read as one; `undefined` when there is none. */
  read(name: string): Promise<(StoredObject & { text: string }) | undefined>;
  stat(name: string): Promise<StoredObject | undefined>;
  write(name: string, content: string | Uint8Array, options: WriteOptions): Promise<WriteResult>;
  /** Every object whose name begins with `prefix`, by name. */
  list(prefix: string): Promise<StoredObject[]>;
  /** True if there was one; with a generation: if it was still that one, which is gone now. */
  remove(name: string, ifGenerationMatch?: Generation): Promise<boolean>;
}

/** An object of the delivery bucket of a policy. */
export interface MediaPlace {
  bucket: Policy;
  name: string;
}

/**
 * Moves an object, bytes, headers and all; false when there is none. Done again after it was cut off half-way, it ends
 * the same.
 */
export type MoveMedia = (from: MediaPlace, to: MediaPlace) => Promise<boolean>;

/** Invalidation of the CDN cache. The path is one of the public host and ends in `*`. */
export interface CdnInvalidator {
  /** `quota`: not now, Google's limit is used up. Anything else that goes wrong is thrown. */
  request(path: string): Promise<{ kind: 'accepted'; operation: string } | { kind: 'quota'; detail: string }>;
  isDone(operation: string): Promise<boolean>;
}

/** Paths to be invalidated, one document each: a repeated request restarts it. */
export interface InvalidationStore {
  put(invalidation: Invalidation): Promise<void>;
  ofStream(streamId: StreamId): Promise<Invalidation[]>;
  /** Those that are not done, the longest waiting first. */
  listOpen(limit: number): Promise<Invalidation[]>;
}

/** The result of a transaction on a stream. Absent parts stay as they are. */
export interface StreamChange {
  stream?: Stream;
  sessions?: readonly Session[];
  broadcasts?: readonly Broadcast[];
  removed?: { sessions: readonly SessionId[]; broadcasts: readonly BroadcastId[] };
}

/**
 * Streams, sessions, broadcasts and nodes. A transaction's function may run several times and must have no effect of
 * its own; what it returned last is what was written, at once or not at all.
 */
export interface StreamStore {
  /** False if the id is taken. */
  createStream(stream: Stream): Promise<boolean>;
  getStream(id: StreamId): Promise<Stream | undefined>;
  /**
   * Newest first (`createdAt`, then id); `after` is the last stream of the page before, which may be gone by now. With
   * an `owner`: of that owner only.
   */
  listStreams(page: { limit: number; after?: Pick<Stream, 'id' | 'createdAt'>; owner?: string }): Promise<Stream[]>;
  /**
   * Counts the streams of the owner: one read for a thousand of them, and it sees every stream that was created before.
   */
  countStreams(owner: string): Promise<number>;
  /** Streams with a broadcast that is not closed. */
  listUnfinishedStreams(): Promise<Stream[]>;
  /** Streams with events that were not sent. */
  listStreamsWithPendingEvents(): Promise<Stream[]>;
  /** Streams with `mediaWork`. */
  listStreamsWithMediaWork(): Promise<Stream[]>;
  /** Streams with a broadcast that is `expiring`, or with `recordingsExpireAt`, at `nowMs` or before. */
  listStreamsWithExpired(nowMs: number): Promise<Stream[]>;
  /** The stream with its sessions and broadcasts; false if there was none. */
  deleteStream(id: StreamId): Promise<boolean>;
  changeStream<T>(
    id: StreamId,
    decide: (stream: Stream | undefined) => { change?: StreamChange; result: T },
  ): Promise<T>;
  /** By ordinal. */
  listSessions(id: StreamId): Promise<Session[]>;
  /** Newest first: those with a lower ordinal than `before`. */
  pageSessions(id: StreamId, page: { limit: number; before?: number }): Promise<Session[]>;
  getSession(id: StreamId, sessionId: SessionId): Promise<Session | undefined>;
  /** By `startedAt`. */
  listBroadcasts(id: StreamId): Promise<Broadcast[]>;
  /** Newest first (`startedAt`, then id): those after the last one of the page before. */
  pageBroadcasts(
    id: StreamId,
    page: { limit: number; after?: Pick<Broadcast, 'id' | 'startedAt'> },
  ): Promise<Broadcast[]>;
  getBroadcast(id: StreamId, broadcastId: BroadcastId): Promise<Broadcast | undefined>;
  getNode(id: string): Promise<Node | undefined>;
  listNodes(): Promise<Node[]>;
  /** `remove`: there is none afterwards. */
  changeNode<T>(id: string, decide: (node: Node | undefined) => { node?: Node; remove?: true; result: T }): Promise<T>;
}

/** One line of JSON a call: `event` first. Never a secret, never a whole event. */
export interface Log {
  info(event: string, fields?: Readonly<Record<string, unknown>>): void;
  warn(event: string, fields?: Readonly<Record<string, unknown>>): void;
  error(event: string, fields?: Readonly<Record<string, unknown>>): void;
}

/**
 * Publishes the platform's events to their subscribers. Resolves once an event is taken for good; rejects within
 * seconds when it is not. Delivered at least once; those with the same ordering key in the order they were published by
 * one caller.
 */
export interface EventBus {
  publish(event: PlatformEvent): Promise<void>;
}

/**
 * The one budget state of an environment. A transaction's function may run several times and must have no effect of its
 * own.
 */
export interface BudgetStore {
  /** `undefined` before Cloud Billing or an operator said anything. */
  read(): Promise<BudgetState | undefined>;
  change<T>(decide: (state: BudgetState | undefined) => { state: BudgetState; result: T }): Promise<T>;
}

/** The position at which a page of deliveries ended. */
export interface DeliveryPlace {
  createdAt: number;
  eventId: string;
}

/** Customers' webhooks and the log of what was sent to them. Transactions as those of `StreamStore`. */
export interface WebhookStore {
  /** False if the id is taken. */
  createWebhook(webhook: Webhook): Promise<boolean>;
  getWebhook(id: string): Promise<Webhook | undefined>;
  /** All of them, oldest first. */
  listWebhooks(): Promise<Webhook[]>;
  /** Those of one owner, oldest first: tens at most. The empty owner is the operator. */
  listWebhooksOf(owner: string): Promise<Webhook[]>;
  changeWebhook<T>(id: string, decide: (webhook: Webhook | undefined) => { webhook?: Webhook; result: T }): Promise<T>;
  /** The webhook with its log; false if there was none. */
  deleteWebhook(id: string): Promise<boolean>;
  /** False if this event is on its way to this webhook already. */
  createDelivery(delivery: WebhookDelivery): Promise<boolean>;
  getDelivery(webhookId: string, eventId: string): Promise<WebhookDelivery | undefined>;
  changeDelivery<T>(
    ref: { webhookId: string; eventId: string },
    decide: (delivery: WebhookDelivery | undefined) => { delivery?: WebhookDelivery; result: T },
  ): Promise<T>;
  /** Newest first (`createdAt`, then event id). */
  listDeliveries(webhookId: string, page: { limit: number; after?: DeliveryPlace }): Promise<WebhookDelivery[]>;
  /** Lists the deliveries of one webhook whose `nextAttemptAt` has come, the longest due first. */
  listDueDeliveries(webhookId: string, nowMs: number, limit: number): Promise<WebhookDelivery[]>;
}

/** The result of one request to a customer's receiver: the status of the answer, or the reason why there is none. */
export type SendResult = { status: number; latencyMs: number } | { failure: AttemptFailure; latencyMs: number };

export interface WebhookRequest {
  url: string;
  /** One, or two while a secret is replaced: the receiver accepts either signature. */
  secrets: readonly string[];
  /** Id of the event: the receiver's `webhook-id`. */
  id: string;
  /** Wall clock of this attempt, in milliseconds. */
  at: number;
  body: string;
}

/** Signs and sends one request; never rejects, never follows a redirect, never reaches what is not public. */
export type WebhookSender = (request: WebhookRequest) => Promise<SendResult>;

/**
 * Commands for one delivery attempt each, for the sender. As reliable as `EventBus`; in order per webhook and stream.
 */
export interface DeliveryQueue {
  order(order: DeliveryMessage, orderingKey: string): Promise<void>;
  /** A delivery that was given up, for people. */
  giveUp(delivery: WebhookDelivery): Promise<void>;
}

/** Audiences, one of each stream that is watched. Transactions as those of `StreamStore`. */
export interface AudienceStore {
  get(streamId: StreamId): Promise<Audience | undefined>;
  change<T>(
    streamId: StreamId,
    decide: (audience: Audience | undefined) => { audience: Audience; result: T },
  ): Promise<T>;
  remove(streamId: StreamId): Promise<void>;
}
