import { deliveryPlan, type EventFaults } from '../server/event-faults';
import { BACKLOG_LIMIT, Backlog, type BacklogOptions, type Leased } from './backlog';
import type { PushConfig, ReceivedMessage, WirePubsubMessage } from './messages';
import { DELETED_TOPIC } from './names';
import { PubsubError } from './pubsub-error';
import { type SubscriptionConfig, subscriptionConfig } from './subscription-config';

/** A taker of messages: a stream, a waiting pull, the push loop. */
export interface Consumer {
  /** Returns the number of further messages that it takes now. */
  room(): number;
  readonly leaseMs: number;
  readonly onePerKey?: boolean;
  receive(messages: readonly Leased[]): void;
  /** Called when a lease of this consumer is over. */
  released(): void;
}

export interface SubscriptionDeps {
  now: () => number;
  faults: EventFaults;
  random: () => number;
  /** Receives messages whose attempts are used up. */
  deadLetter: (config: SubscriptionConfig, message: WirePubsubMessage, attempts: number) => void;
}

/** One subscription: its settings, its backlog and its receivers. */
export class Subscription {
  readonly #backlog: Backlog;
  readonly #consumers = new Set<Consumer>();
  #config: SubscriptionConfig;
  #ended: (() => void)[] = [];

  constructor(
    config: SubscriptionConfig,
    private readonly deps: SubscriptionDeps,
  ) {
    this.#config = config;
    this.#backlog = new Backlog(backlogOptions(config), (message, attempts) =>
      deps.deadLetter(this.#config, message, attempts),
    );
  }

  get config(): SubscriptionConfig {
    return this.#config;
  }
  /** Returns the number of messages that were not acknowledged. */
  get size(): number {
    return this.#backlog.size;
  }

  /** Takes new settings; the caller has checked the fixed ones. */
  configure(config: SubscriptionConfig): void {
    this.#config = config;
    this.#backlog.configure(backlogOptions(config));
  }
  setPush(pushConfig: PushConfig): void {
    this.configure(subscriptionConfig({ ...this.#config.message, pushConfig }));
  }
  /** Keeps its messages after the topic is deleted; no new one comes. */
  topicDeleted(): void {
    this.#config = { ...this.#config, message: { ...this.#config.message, topic: DELETED_TOPIC } };
  }

  assertRoomFor(count: number): void {
    if (this.size + count > BACKLOG_LIMIT)
      throw new PubsubError('RESOURCE_EXHAUSTED', `${this.#config.message.name} holds ${this.size} messages already.`);
  }

  /** Takes a message of its topic, as often and as late as the faults say. */
  publish(message: WirePubsubMessage): void {
    if (!this.#config.filter(message.attributes ?? {})) return;
    for (const delayMs of deliveryPlan(this.deps.faults, this.deps.random))
      this.#backlog.add(message, this.deps.now(), delayMs);
    this.pump();
  }

  acknowledge(ackIds: readonly string[]): void {
    this.#backlog.acknowledge(ackIds);
    this.pump();
  }

  extend(ackIds: readonly string[], leaseMs: number): void {
    this.#backlog.extend(ackIds, this.deps.now(), leaseMs);
    this.pump();
  }

  /** Leases up to `max` messages at once, for a caller who does not wait. */
  take(max: number): Leased[] {
    return this.#backlog.take(this.deps.now(), { max, leaseMs: this.#config.ackMs });
  }

  /** Gives `consumer` messages until the returned function is called. */
  attach(consumer: Consumer): () => void {
    this.#consumers.add(consumer);
    this.pump();
    return () => void this.#consumers.delete(consumer);
  }

  /** Calls `ended` when the subscription is deleted. */
  onEnd(ended: () => void): () => void {
    this.#ended.push(ended);
    return () => {
      this.#ended = this.#ended.filter((each) => each !== ended);
    };
  }

  tick(): void {
    this.#backlog.expire(this.deps.now());
    this.pump();
  }

  end(): void {
    this.#backlog.clear();
    this.#consumers.clear();
    for (const ended of this.#ended.splice(0)) ended();
  }

  /** Gives out the messages that can go; the receiver that was served last is asked last. */
  pump(): void {
    for (const consumer of [...this.#consumers]) {
      const max = consumer.room();
      if (max <= 0) continue;
      const { leaseMs, onePerKey = false } = consumer;
      const taken = this.#backlog.take(this.deps.now(), { max, leaseMs, onePerKey, onEnd: () => consumer.released() });
      if (taken.length === 0) continue;
      this.#consumers.delete(consumer);
      this.#consumers.add(consumer);
      consumer.receive(taken);
    }
  }
}

const backlogOptions = ({ message, backoff, deadLetter, retentionMs }: SubscriptionConfig): BacklogOptions => ({
  ordered: message.enableMessageOrdering === true,
  backoff,
  maxAttempts: deadLetter?.maxAttempts,
  retentionMs,
});

/** Returns a message as subscribers see it; they see attempts only with a dead-letter policy. */
export const received =
  ({ deadLetter }: SubscriptionConfig) =>
  ({ ackId, message, attempt }: Leased): ReceivedMessage => ({
    ackId,
    message,
    ...(deadLetter && { deliveryAttempt: attempt }),
  });
