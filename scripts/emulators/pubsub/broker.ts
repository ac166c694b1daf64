import type { EventFaults } from '../server/event-faults';
import type { SubscriptionMessage, TopicMessage, WirePubsubMessage } from './messages';
import { DELETED_TOPIC, projectOf, shortName, subscriptionName, topicName } from './names';
import { checkMessages } from './publish-limits';
import { PubsubError } from './pubsub-error';
import { Subscription } from './subscription';
import { type SubscriptionConfig, subscriptionConfig } from './subscription-config';
import { toTimestamp } from './time';

export interface BrokerOptions {
  now: () => number;
  random: () => number;
  faults: EventFaults;
  onSubscription?: (subscription: Subscription) => void;
}

/** All topics and subscriptions of this server, of every project. */
export class Broker {
  readonly #topics = new Map<string, TopicMessage & { name: string }>();
  readonly #subscriptions = new Map<string, Subscription>();
  #lastId = 0;

  constructor(private readonly options: BrokerOptions) {}

  createTopic(topic: TopicMessage): TopicMessage {
    const name = topicName(topic.name);
    if (this.#topics.has(name))
      throw new PubsubError('ALREADY_EXISTS', `Resource already exists in the project (resource=${shortName(name)}).`);
    const created = { ...topic, name };
    this.#topics.set(name, created);
    return created;
  }

  topic(name: string | undefined): TopicMessage & { name: string } {
    const found = this.#topics.get(topicName(name));
    if (found === undefined) throw notFound(name);
    return found;
  }

  updateTopic(topic: TopicMessage, paths: readonly string[]): TopicMessage {
    const updated = { ...this.topic(topic.name), ...pick(topic, paths) };
    this.#topics.set(updated.name, updated);
    return updated;
  }

  topics(project: string): TopicMessage[] {
    return [...this.#topics.values()].filter(({ name }) => `projects/${projectOf(name)}` === project);
  }

  /** Deletes a topic. Its subscriptions stay, with their messages. */
  deleteTopic(name: string | undefined): void {
    this.topic(name);
    for (const subscription of this.subscriptionsOf(topicName(name))) subscription.topicDeleted();
    this.#topics.delete(topicName(name));
  }

  createSubscription(message: SubscriptionMessage): Subscription {
    const config = subscriptionConfig(message);
    const { name, topic } = config.message;
    this.topic(topic);
    if (this.#subscriptions.has(name))
      throw new PubsubError('ALREADY_EXISTS', `Resource already exists in the project (resource=${shortName(name)}).`);
    const subscription = new Subscription(config, {
      ...this.options,
      deadLetter: (...given) => this.#toDeadLetterTopic(...given),
    });
    this.#subscriptions.set(name, subscription);
    this.options.onSubscription?.(subscription);
    return subscription;
  }

  subscription(name: string | undefined): Subscription {
    const found = this.#subscriptions.get(subscriptionName(name));
    if (found === undefined) throw notFound(name);
    return found;
  }

  updateSubscription(message: SubscriptionMessage, paths: readonly string[]): Subscription {
    const fixed = paths.find((path) => FIXED.has(camel(path)));
    if (fixed !== undefined) throw new PubsubError('INVALID_ARGUMENT', `The field '${fixed}' cannot be changed.`);
    const subscription = this.subscription(message.name);
    subscription.configure(subscriptionConfig({ ...subscription.config.message, ...pick(message, paths) }));
    return subscription;
  }

  subscriptions(project?: string): Subscription[] {
    const all = [...this.#subscriptions.values()];
    return project === undefined
      ? all
      : all.filter(({ config }) => `projects/${projectOf(config.message.name)}` === project);
  }

  subscriptionsOf(topic: string): Subscription[] {
    return this.subscriptions().filter(({ config }) => config.message.topic === topic);
  }

  deleteSubscription(name: string | undefined): void {
    this.subscription(name).end();
    this.#subscriptions.delete(subscriptionName(name));
  }

  /** Returns the ids of the messages, once every subscription has them. */
  publish(topic: string | undefined, messages: readonly WirePubsubMessage[]): string[] {
    checkMessages(messages);
    const subscriptions = this.subscriptionsOf(this.topic(topic).name);
    for (const subscription of subscriptions) subscription.assertRoomFor(messages.length);
    return messages.map((message) => {
      const stored = { ...message, messageId: this.#nextId(), publishTime: toTimestamp(this.options.now()) };
      for (const subscription of subscriptions) subscription.publish(stored);
      return stored.messageId;
    });
  }

  tick(): void {
    for (const subscription of this.#subscriptions.values()) subscription.tick();
  }

  /** https://cloud.google.com/pubsub/docs/dead-letter-topics#how_dead_letter_topics_work */
  #toDeadLetterTopic(
    { deadLetter, message: source }: SubscriptionConfig,
    message: WirePubsubMessage,
    attempts: number,
  ): void {
    if (deadLetter === undefined || deadLetter.topic === DELETED_TOPIC || !this.#topics.has(deadLetter.topic)) return;
    const { messageId: _, publishTime, ...content } = message;
    const told = {
      CloudPubSubDeadLetterSourceDeliveryCount: String(attempts),
      CloudPubSubDeadLetterSourceSubscription: shortName(source.name),
      CloudPubSubDeadLetterSourceSubscriptionProject: projectOf(source.name),
      CloudPubSubDeadLetterSourceTopicPublishTime: new Date(Number(publishTime?.seconds ?? 0) * 1000).toISOString(),
    };
    this.publish(deadLetter.topic, [{ ...content, attributes: { ...content.attributes, ...told } }]);
  }

  #nextId(): string {
    this.#lastId = Math.max(this.#lastId + 1, this.options.now() * 1000);
    return String(this.#lastId);
  }
}

/**
 * Settings that can never be changed.
 * https://cloud.google.com/pubsub/docs/reference/rest/v1/projects.subscriptions/patch
 */
const FIXED = new Set(['name', 'topic', 'filter', 'enableMessageOrdering']);

const camel = (path: string): string => path.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());

/** Returns the fields of `from` that the mask names; a field that it names and `from` lacks is unset. */
function pick(from: object, paths: readonly string[]): Record<string, unknown> {
  const wanted = new Set(paths.map((path) => camel(path.split('.')[0] ?? '')));
  return Object.fromEntries([...wanted].map((key): [string, unknown] => [key, Reflect.get(from, key)]));
}

const notFound = (name: string | undefined): PubsubError =>
  new PubsubError('NOT_FOUND', `Resource not found (resource=${shortName(name ?? '')}).`);
