import { PubsubSubscription } from '@cdktf/provider-google/lib/pubsub-subscription';
import { PubsubTopic } from '@cdktf/provider-google/lib/pubsub-topic';
import { PubsubTopicIamMember } from '@cdktf/provider-google/lib/pubsub-topic-iam-member';
import { Construct } from 'constructs';
import type { Deployment } from '../../names';
import type { Grantee } from './identity';

export interface TopicProps extends Deployment {
  /** Last part of the name. */
  readonly thing: string;
  /** The regions in which messages are kept. */
  readonly regions: readonly string[];
  /** The time for which a published message can be read again, in days. */
  readonly retentionDays: number;
}

const DAY_SECONDS = 86_400;
export const days = (count: number): string => `${count * DAY_SECONDS}s`;

/** A topic for messages of one kind, and its publishers. Messages stay in the environment's regions. */
export class Topic extends Construct {
  readonly topicName: string;
  readonly topicId: string;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: TopicProps,
  ) {
    super(scope, id);
    const { names, projectId: project, regions, thing, retentionDays } = props;
    const topic = new PubsubTopic(this, 'topic', {
      project,
      name: names.resource(thing),
      messageRetentionDuration: days(retentionDays),
      messageStoragePolicy: { allowedPersistenceRegions: [...regions] },
      labels: { ...names.labels(thing) },
    });
    this.topicName = topic.name;
    this.topicId = topic.id;
  }

  grantPublish({ grantId, member }: Grantee): PubsubTopicIamMember {
    const { projectId: project } = this.props;
    return new PubsubTopicIamMember(this, `publisher-${grantId}`, {
      project,
      member,
      topic: this.topicName,
      role: 'roles/pubsub.publisher',
    });
  }

  /** Keeps messages in a subscription, so that an operator can read them: without one they are dropped. */
  keep(retentionDays: number): void {
    const { names, projectId: project, thing } = this.props;
    new PubsubSubscription(this, 'kept', {
      project,
      name: names.resource(thing),
      topic: this.topicId,
      messageRetentionDuration: days(retentionDays),
      // The default deletes a subscription that is not read for a month.
      expirationPolicy: { ttl: '' },
      labels: { ...names.labels(thing) },
    });
  }
}
