import { z } from 'zod';
import { StartError } from '../../emulators/server/start-error';
import type { SubscriptionBlueprint, TopicBlueprint } from './blueprint';
import { block, type SynthesisedResources } from './terraform';

/** `604800s`, as Google's APIs write a duration. */
const duration = z.string().regex(/^\d+(\.\d+)?s$/, 'use seconds, such as 600s');
const secondsOf = (text: string): number => Number.parseFloat(text);

const Topic = z.object({ name: z.string() });
const TerraformSubscription = z.object({
  name: z.string(),
  topic: z.string(),
  ack_deadline_seconds: z.number().optional(),
  message_retention_duration: duration.optional(),
  enable_message_ordering: z.boolean().default(false),
  filter: z.string().optional(),
  retry_policy: block(
    z.object({ minimum_backoff: duration.optional(), maximum_backoff: duration.optional() }),
  ).optional(),
  dead_letter_policy: block(
    z.object({ dead_letter_topic: z.string(), max_delivery_attempts: z.number().optional() }),
  ).optional(),
  push_config: block(
    z.object({
      push_endpoint: z.string(),
      oidc_token: block(z.object({ service_account_email: z.string(), audience: z.string().optional() })),
    }),
  ).optional(),
});
type TerraformSubscription = z.output<typeof TerraformSubscription>;

export function readTopics(terraform: SynthesisedResources): TopicBlueprint[] {
  const topics = terraform.all('google_pubsub_topic', Topic);
  const nameOf = (reference: string, where: string): string => {
    const found = topics.find(({ address, value }) => reference === address || reference === value.name);
    if (found === undefined) throw new StartError(`${where}: '${reference}' is no topic of this environment`);
    return found.value.name;
  };
  const subscriptions = terraform
    .all('google_pubsub_subscription', TerraformSubscription)
    .map(({ address, value }) => ({
      topic: nameOf(value.topic, `${address}.topic`),
      ...readSubscription(value, (topic) => nameOf(topic, `${address}.dead_letter_policy.dead_letter_topic`)),
    }));
  return topics.map(({ value: { name } }) => ({
    name,
    subscriptions: subscriptions
      .filter(({ topic }) => topic === name)
      .map(({ topic: _, ...subscription }) => subscription),
  }));
}

function readSubscription(value: TerraformSubscription, nameOf: (topic: string) => string): SubscriptionBlueprint {
  const { retry_policy: retry, dead_letter_policy: dead, push_config: push } = value;
  return {
    name: value.name,
    ordered: value.enable_message_ordering,
    ...(value.ack_deadline_seconds !== undefined && { ackDeadlineSeconds: value.ack_deadline_seconds }),
    ...(value.message_retention_duration !== undefined && {
      retentionSeconds: secondsOf(value.message_retention_duration),
    }),
    ...(value.filter !== undefined && { filter: value.filter }),
    ...(retry && {
      backoff: {
        minimumSeconds: secondsOf(retry.minimum_backoff ?? '10s'),
        maximumSeconds: secondsOf(retry.maximum_backoff ?? '600s'),
      },
    }),
    ...(dead && { deadLetter: { topic: nameOf(dead.dead_letter_topic), attempts: dead.max_delivery_attempts ?? 5 } }),
    ...(push && {
      push: {
        endpoint: push.push_endpoint,
        serviceAccount: push.oidc_token.service_account_email,
        audience: push.oidc_token.audience ?? push.push_endpoint,
      },
    }),
  };
}
