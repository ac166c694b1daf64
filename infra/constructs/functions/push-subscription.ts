import { PubsubSubscription } from '@cdktf/provider-google/lib/pubsub-subscription';
import { PubsubSubscriptionIamMember } from '@cdktf/provider-google/lib/pubsub-subscription-iam-member';
import type { ITerraformDependable } from 'cdktf';
import { Construct } from 'constructs';
import type { Deployment } from '../../names';
import { type Grantee, Identity } from './identity';
import { days, type Topic } from './topic';

/** A function that gets messages, and who else may call it. */
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
  /** The topic of messages that were refused this often, and the grant that lets them be sent there. */
  readonly dead: { readonly topic: Topic; readonly attempts: number; readonly ready: ITerraformDependable };
  /** Pub/Sub's own account in the project, which moves dead letters. */
  readonly agent: Grantee;
}

/**
 * Messages of a topic → POST to a function, with an ID token of an account that may call this function and nothing
 * else. At least once. https://cloud.google.com/pubsub/docs/authenticate-push-subscriptions
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

/** An account's name is short, and the receiver has one that is called after itself. */
const account = (thing: string): string => `push-${thing.split('-')[0]}`;
