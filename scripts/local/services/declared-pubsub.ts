import type { SubscriptionMessage } from '../../emulators/pubsub/messages';
import type { SubscriptionBlueprint, TopicBlueprint } from '../blueprint/blueprint';

/** Returns the topics and subscriptions of a blueprint, in the form that the server takes. */
export function declaredIn(topics: readonly TopicBlueprint[], projectId: string) {
  const topicName = (name: string) => `projects/${projectId}/topics/${name}`;
  return {
    topics: topics.map(({ name }) => topicName(name)),
    subscriptions: topics.flatMap(({ name, subscriptions }) =>
      subscriptions.map((each) => ({
        ...toMessage(each, topicName),
        name: `projects/${projectId}/subscriptions/${each.name}`,
        topic: topicName(name),
      })),
    ),
  };
}

const duration = (seconds: number) => ({ seconds: String(seconds) });

function toMessage(blueprint: SubscriptionBlueprint, topicName: (name: string) => string): SubscriptionMessage {
  const { ordered, ackDeadlineSeconds, retentionSeconds, filter, backoff, deadLetter, push } = blueprint;
  return {
    enableMessageOrdering: ordered,
    ...(ackDeadlineSeconds !== undefined && { ackDeadlineSeconds }),
    ...(retentionSeconds !== undefined && { messageRetentionDuration: duration(retentionSeconds) }),
    ...(filter !== undefined && { filter }),
    ...(backoff && {
      retryPolicy: {
        minimumBackoff: duration(backoff.minimumSeconds),
        maximumBackoff: duration(backoff.maximumSeconds),
      },
    }),
    ...(deadLetter && {
      deadLetterPolicy: { deadLetterTopic: topicName(deadLetter.topic), maxDeliveryAttempts: deadLetter.attempts },
    }),
    ...(push && {
      pushConfig: {
        pushEndpoint: push.endpoint,
        oidcToken: { serviceAccountEmail: push.serviceAccount, audience: push.audience },
      },
    }),
  };
}
