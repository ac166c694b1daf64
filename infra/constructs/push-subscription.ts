import { PubsubSubscription } from '@cdktf/provider-google/lib/pubsub-subscription';
import { PubsubSubscriptionIamMember } from '@cdktf/provider-google/lib/pubsub-subscription-iam-member';
import { Construct } from 'constructs';
import type { Place } from '../names';
import { type Grantee, Identity } from './identity';
import { days, type Topic } from './topic';

export interface PushSubscriptionProps extends Place {
  /** Last part of the names of the subscription and of the account it calls as. */
  readonly thing: string;
  readonly topic: Topic;
  /** The function that gets the messages. */
  readonly receiver: { readonly uri: string; grantInvoke(grantee: Grantee): void };
  /** Seconds the receiver may take for one message. */
  readonly deadlineSeconds: number;
  readonly retentionDays: number;
  /** Messages with the same ordering key come in order, one at a time. @default any order */
  readonly ordered?: boolean;
  /** Where a message goes that was refused this often. @default tried again until its retention ends */
  readonly dead?: { readonly topic: Topic; readonly attempts: number };
  /** Pub/Sub's own account in the project, which moves dead letters. */
  readonly agent: Grantee;
}

/**
 * Messages of a topic → POST to a function, with an ID token of an account that may call this function and nothing else.
 * At least once. https://cloud.google.com/pubsub/docs/authenticate-push-subscriptions
 */
export class PushSubscription extends Construct {
  constructor(scope: Construct, id: string, props: PushSubscriptionProps) {
    super(scope, id);
    const { names, projectId: project, thing, topic, receiver, dead, agent } = props;
    const caller = new Identity(this, 'caller', props, thing, `Delivers ${thing}`);
    receiver.grantInvoke(caller);
    const subscription = new PubsubSubscription(this, 'subscription', {
      project,
      name: names.resource(thing),
      topic: topic.topicId,
      ackDeadlineSeconds: props.deadlineSeconds,
      messageRetentionDuration: days(props.retentionDays),
      enableMessageOrdering: props.ordered ?? false,
      expirationPolicy: { ttl: '' },
      retryPolicy: { minimumBackoff: '10s', maximumBackoff: '600s' },
      pushConfig: {
        pushEndpoint: receiver.uri,
        oidcToken: { serviceAccountEmail: caller.email, audience: receiver.uri },
      },
      ...(dead && {
        deadLetterPolicy: { deadLetterTopic: dead.topic.topicId, maxDeliveryAttempts: dead.attempts },
        dependsOn: [dead.topic.grantPublish(agent)],
      }),
      labels: { ...names.labels(thing) },
    });
    if (dead === undefined) return;
    new PubsubSubscriptionIamMember(this, `acknowledger-${agent.grantId}`, {
      project,
      subscription: subscription.name,
      role: 'roles/pubsub.subscriber',
      member: agent.member,
    });
  }
}
