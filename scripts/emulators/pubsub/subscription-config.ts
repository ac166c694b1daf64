import { defined } from '../../../functions/core/defined';
import { type MessageFilter, parseFilter } from './filter';
import type { SubscriptionMessage } from './messages';
import { subscriptionName, topicName } from './names';
import { PubsubError } from './pubsub-error';
import { durationMs, toDuration } from './time';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** https://cloud.google.com/pubsub/docs/subscription-properties */
const ACK_SECONDS = { default: 10, min: 10, max: 600 };
const RETENTION_MS = { default: 7 * DAY_MS, min: 10 * MINUTE_MS, max: 31 * DAY_MS };
const ATTEMPTS = { default: 5, min: 5, max: 100 };
const BACKOFF_MS = { defaultMin: 10_000, defaultMax: 600_000, max: 600_000 };
/** Without a retry policy, a pull subscriber gets a message again at once, and a push endpoint after a pause. */
const NO_POLICY = { pull: { minMs: 0, maxMs: 0 }, push: { minMs: 100, maxMs: MINUTE_MS } };

/** A subscription's settings, checked and complete. */
export interface SubscriptionConfig {
  readonly message: SubscriptionMessage & { name: string; topic: string };
  readonly filter: MessageFilter;
  readonly ackMs: number;
  readonly retentionMs: number;
  readonly backoff: { minMs: number; maxMs: number };
  readonly deadLetter?: { topic: string; maxAttempts: number };
  readonly push?: { endpoint: string; identity?: { email: string; audience: string } };
}

/** Checks settings by the service's rules, and fills in the service's defaults. */
export function subscriptionConfig(given: SubscriptionMessage): SubscriptionConfig {
  const ackSeconds = given.ackDeadlineSeconds || ACK_SECONDS.default;
  within('ack_deadline_seconds', ackSeconds, ACK_SECONDS);
  const retentionMs =
    given.messageRetentionDuration === undefined ? RETENTION_MS.default : durationMs(given.messageRetentionDuration);
  within('message_retention_duration (ms)', retentionMs, RETENTION_MS);
  if (given.enableExactlyOnceDelivery)
    throw new PubsubError('UNIMPLEMENTED', 'Exactly-once delivery is not imitated here.');
  const push = pushOf(given);
  const deadLetter = deadLetterOf(given);
  return {
    message: {
      ...given,
      name: subscriptionName(given.name),
      topic: topicName(given.topic),
      ackDeadlineSeconds: ackSeconds,
      messageRetentionDuration: toDuration(retentionMs),
      pushConfig: given.pushConfig ?? {},
      state: 'ACTIVE',
      ...(deadLetter && {
        deadLetterPolicy: { deadLetterTopic: deadLetter.topic, maxDeliveryAttempts: deadLetter.maxAttempts },
      }),
    },
    filter: given.filter ? parseFilter(given.filter) : () => true,
    ackMs: ackSeconds * 1000,
    retentionMs,
    backoff: backoffOf(given) ?? NO_POLICY[push ? 'push' : 'pull'],
    ...defined({ push, deadLetter }),
  };
}

function within(what: string, value: number, { min, max }: { min: number; max: number }): void {
  if (value < min || value > max)
    throw new PubsubError('INVALID_ARGUMENT', `Invalid ${what}: ${value}, must be between ${min} and ${max}.`);
}

function pushOf({ pushConfig }: SubscriptionMessage): SubscriptionConfig['push'] {
  const { pushEndpoint: endpoint, oidcToken, noWrapper } = pushConfig ?? {};
  if (!endpoint) return undefined;
  if (!/^https?:\/\//.test(endpoint) || !URL.canParse(endpoint))
    throw new PubsubError('INVALID_ARGUMENT', `Invalid push endpoint given (endpoint=${endpoint}).`);
  if (noWrapper) throw new PubsubError('UNIMPLEMENTED', 'Unwrapped push is not imitated here.');
  const email = oidcToken?.serviceAccountEmail;
  // https://cloud.google.com/pubsub/docs/authenticate-push-subscriptions: the audience is the endpoint when none is
  // given.
  return { endpoint, ...(email ? { identity: { email, audience: oidcToken?.audience || endpoint } } : {}) };
}

function deadLetterOf({ deadLetterPolicy }: SubscriptionMessage): SubscriptionConfig['deadLetter'] {
  if (!deadLetterPolicy?.deadLetterTopic) return undefined;
  const maxAttempts = deadLetterPolicy.maxDeliveryAttempts || ATTEMPTS.default;
  within('max_delivery_attempts', maxAttempts, ATTEMPTS);
  return { topic: topicName(deadLetterPolicy.deadLetterTopic), maxAttempts };
}

function backoffOf({ retryPolicy }: SubscriptionMessage): SubscriptionConfig['backoff'] | undefined {
  if (!retryPolicy) return undefined;
  const { minimumBackoff, maximumBackoff } = retryPolicy;
  const minMs = minimumBackoff === undefined ? BACKOFF_MS.defaultMin : durationMs(minimumBackoff);
  const maxMs = maximumBackoff === undefined ? BACKOFF_MS.defaultMax : durationMs(maximumBackoff);
  within('maximum_backoff (ms)', maxMs, { min: minMs, max: BACKOFF_MS.max });
  return { minMs, maxMs };
}
