import { PubsubSubscription } from '@cdktf/provider-google/lib/pubsub-subscription';
import { PubsubSubscriptionIamMember } from '@cdktf/provider-google/lib/pubsub-subscription-iam-member';
import type { ITerraformDependable } from 'cdktf';
import { Construct } from 'constructs';
import type { Deployment } from '../../names';
import { type Grantee, Identity } from './identity';
import { days, type Topic } from './topic';

/** A function that receives messages, and grants the right to call it. */
export interface Receiver {
  readonly uri: string;
  grantInvoke(grantee: Grantee): void;
}

export interface PushSubscriptionProps extends Deployment {
  /** Last part of the subscription's name. */
  readonly thing: string;
  readonly topic: Topic;
  readonly receiver: Receiver;
  /** Path of the receiver that takes these messages. */
  readonly path: string;
  /** Seconds the receiver may take for one message. */
  readonly deadlineSeconds: number;
  readonly retentionDays: number;
  /** Messages with the same ordering key come in order, one at a time. */
  readonly ordered: boolean;
  /** The dead-letter topic, the attempts after which a message goes there, and the grant that it needs. */
  readonly dead: { readonly topic: Topic; readonly attempts: number; readonly ready: ITerraformDependable };
  /** Pub/Sub's own account in the project, which moves dead letters. */
  readonly agent: Grantee;
}

/**
 * Pushes the messages of a topic to a function by POST, at least once, with an ID token of an account that may call
 * this function and nothing else. https://cloud.google.com/pubsub/docs/authenticate-push-subscriptions
 */
export class PushSubscription extends Construct {
  constructor(scope: Construct, id: string, props: PushSubscriptionProps) {
    super(scope, id);
    const { names, projectId: project, thing, receiver, dead, agent } = props;
    const caller = new Identity(this, 'caller', props, account(thing), `Pushes ${thing}`);
    receiver.grantInvoke(caller);
    const subscription = new PubsubSubscription(this, 'subscription', {
      project,
      name: names.resource(thing),
      topic: props.topic.topicId,
      ackDeadlineSeconds: props.deadlineSeconds,
      messageRetentionDuration: days(props.retentionDays),
      enableMessageOrdering: props.ordered,
      expirationPolicy: { ttl: '' },
      retryPolicy: { minimumBackoff: '10s', maximumBackoff: '600s' },
      deadLetterPolicy: { deadLetterTopic: dead.topic.topicId, maxDeliveryAttempts: dead.attempts },
      pushConfig: {
        pushEndpoint: `${receiver.uri}${props.path}`,
        oidcToken: { serviceAccountEmail: caller.email, audience: receiver.uri },
      },
      labels: { ...names.labels(thing) },
      dependsOn: [dead.ready],
    });
    new PubsubSubscriptionIamMember(this, `acknowledger-${agent.grantId}`, {
      project,
      subscription: subscription.name,
      role: 'roles/pubsub.subscriber',
      member: agent.member,
    });
  }
}

/** Account names are short: this one is the first word of the subscription's, behind `push-`. */
const account = (thing: string): string => `push-${thing.split('-')[0]}`;
