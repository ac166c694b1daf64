import type { handleUnaryCall, UntypedServiceImplementation } from '@grpc/grpc-js';
import type { Broker } from './broker';
import type {
  AcknowledgeRequest,
  ListSubscriptionsRequest,
  ListTopicSubscriptionsRequest,
  ListTopicsRequest,
  ModifyAckDeadlineRequest,
  ModifyPushConfigRequest,
  PubsubPublishRequest,
  PullRequest,
  SubscriptionMessage,
  SubscriptionRequest,
  TopicMessage,
  TopicRequest,
  UpdateSubscriptionRequest,
  UpdateTopicRequest,
} from './messages';
import { wireError } from './pubsub-error';
import { pull } from './pull';
import { streamingPull } from './streaming-pull';

/** The gRPC interface `google.pubsub.v1.Publisher`; a call that is missing here answers UNIMPLEMENTED. */
export const publisherRpcs = (broker: Broker): UntypedServiceImplementation => ({
  CreateTopic: unary((topic: TopicMessage) => broker.createTopic(topic)),
  UpdateTopic: unary(({ topic = {}, updateMask }: UpdateTopicRequest) =>
    broker.updateTopic(topic, updateMask?.paths ?? []),
  ),
  GetTopic: unary(({ topic }: TopicRequest) => broker.topic(topic)),
  ListTopics: unary(({ project = '', ...asked }: ListTopicsRequest) => {
    const { page, nextPageToken } = paged(broker.topics(project), asked);
    return { topics: page, nextPageToken };
  }),
  ListTopicSubscriptions: unary(({ topic, ...asked }: ListTopicSubscriptionsRequest) => {
    const names = broker.subscriptionsOf(broker.topic(topic).name).map(({ config }) => config.message.name);
    const { page, nextPageToken } = paged(names, asked);
    return { subscriptions: page, nextPageToken };
  }),
  DeleteTopic: unary(({ topic }: TopicRequest) => {
    broker.deleteTopic(topic);
    return {};
  }),
  Publish: unary(({ topic, messages = [] }: PubsubPublishRequest) => ({ messageIds: broker.publish(topic, messages) })),
});

/**
 * The gRPC interface `google.pubsub.v1.Subscriber`; a call that is missing here (snapshots, seek) answers
 * UNIMPLEMENTED.
 */
export const subscriberRpcs = (broker: Broker): UntypedServiceImplementation => ({
  CreateSubscription: unary((asked: SubscriptionMessage) => broker.createSubscription(asked).config.message),
  GetSubscription: unary(({ subscription }: SubscriptionRequest) => broker.subscription(subscription).config.message),
  UpdateSubscription: unary(
    ({ subscription = {}, updateMask }: UpdateSubscriptionRequest) =>
      broker.updateSubscription(subscription, updateMask?.paths ?? []).config.message,
  ),
  ListSubscriptions: unary(({ project = '', ...asked }: ListSubscriptionsRequest) => {
    const { page, nextPageToken } = paged(broker.subscriptions(project), asked);
    return { subscriptions: page.map(({ config }) => config.message), nextPageToken };
  }),
  DeleteSubscription: unary(({ subscription }: SubscriptionRequest) => {
    broker.deleteSubscription(subscription);
    return {};
  }),
  ModifyPushConfig: unary(({ subscription, pushConfig = {} }: ModifyPushConfigRequest) => {
    broker.subscription(subscription).setPush(pushConfig);
    return {};
  }),
  Acknowledge: unary(({ subscription, ackIds = [] }: AcknowledgeRequest) => {
    broker.subscription(subscription).acknowledge(ackIds);
    return {};
  }),
  ModifyAckDeadline: unary(({ subscription, ackIds = [], ackDeadlineSeconds = 0 }: ModifyAckDeadlineRequest) => {
    broker.subscription(subscription).extend(ackIds, ackDeadlineSeconds * 1000);
    return {};
  }),
  Pull: unary((asked: PullRequest) => pull(broker.subscription(asked.subscription), asked)),
  StreamingPull: streamingPull(broker),
});

const unary =
  <Request, Response>(run: (request: Request) => Response | Promise<Response>): handleUnaryCall<Request, Response> =>
  async ({ request }, callback) => {
    try {
      callback(null, await run(request));
    } catch (error) {
      callback(wireError(error));
    }
  };

const PAGE = 1000;

/** The token is the place where the next page begins. */
function paged<T>(
  all: readonly T[],
  { pageSize = 0, pageToken = '' }: { pageSize?: number; pageToken?: string },
): { page: T[]; nextPageToken?: string } {
  const from = Number(pageToken || 0);
  const to = from + (pageSize || PAGE);
  return { page: all.slice(from, to), ...(to < all.length ? { nextPageToken: String(to) } : {}) };
}
