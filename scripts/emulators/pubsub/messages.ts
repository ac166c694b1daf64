/**
 * Messages of `google.pubsub.v1` as `client-protos.ts` decodes them: unset fields are absent, 64-bit numbers are text.
 */
export interface Timestamp {
  seconds?: string;
  nanos?: number;
}
export type Duration = Timestamp;

export interface WirePubsubMessage {
  data?: Buffer;
  attributes?: Record<string, string>;
  messageId?: string;
  publishTime?: Timestamp;
  orderingKey?: string;
}

export interface TopicMessage {
  name?: string;
  labels?: Record<string, string>;
  messageRetentionDuration?: Duration;
}

export interface PushConfig {
  pushEndpoint?: string;
  attributes?: Record<string, string>;
  oidcToken?: { serviceAccountEmail?: string; audience?: string };
  noWrapper?: unknown;
}

export interface SubscriptionMessage {
  name?: string;
  topic?: string;
  pushConfig?: PushConfig;
  ackDeadlineSeconds?: number;
  retainAckedMessages?: boolean;
  messageRetentionDuration?: Duration;
  labels?: Record<string, string>;
  enableMessageOrdering?: boolean;
  filter?: string;
  deadLetterPolicy?: { deadLetterTopic?: string; maxDeliveryAttempts?: number };
  retryPolicy?: { minimumBackoff?: Duration; maximumBackoff?: Duration };
  enableExactlyOnceDelivery?: boolean;
  detached?: boolean;
  state?: string;
}

export interface ReceivedMessage {
  ackId: string;
  message: WirePubsubMessage;
  deliveryAttempt?: number;
}

interface PageRequest {
  pageSize?: number;
  pageToken?: string;
}

export interface PubsubPublishRequest {
  topic?: string;
  messages?: WirePubsubMessage[];
}
export interface TopicRequest {
  topic?: string;
}
export interface ListTopicsRequest extends PageRequest {
  project?: string;
}
export interface ListTopicSubscriptionsRequest extends PageRequest {
  topic?: string;
}
export interface UpdateTopicRequest {
  topic?: TopicMessage;
  updateMask?: { paths?: string[] };
}
export interface SubscriptionRequest {
  subscription?: string;
}
export interface ListSubscriptionsRequest extends PageRequest {
  project?: string;
}
export interface UpdateSubscriptionRequest {
  subscription?: SubscriptionMessage;
  updateMask?: { paths?: string[] };
}
export interface ModifyPushConfigRequest extends SubscriptionRequest {
  pushConfig?: PushConfig;
}
export interface AcknowledgeRequest extends SubscriptionRequest {
  ackIds?: string[];
}
export interface ModifyAckDeadlineRequest extends AcknowledgeRequest {
  ackDeadlineSeconds?: number;
}
export interface PullRequest extends SubscriptionRequest {
  maxMessages?: number;
  returnImmediately?: boolean;
}
export interface StreamingPullRequest extends AcknowledgeRequest {
  modifyDeadlineSeconds?: number[];
  modifyDeadlineAckIds?: string[];
  streamAckDeadlineSeconds?: number;
  maxOutstandingMessages?: string;
  maxOutstandingBytes?: string;
}
