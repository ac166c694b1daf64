import { at, resourcesOf, type TerraformJson } from '../../support/synth';
import { type Rule, target, unless } from './rule';

/** True if `account` may call the function that `url` is of. */
function mayCall(json: TerraformJson, account: unknown, url: unknown): boolean {
  const functionAddress = target(url);
  return resourcesOf(json, /^google_cloud_run_v2_service_iam_member$/).some(
    ({ attributes: { member, name, role } }) =>
      role === 'roles/run.invoker' && target(name) === functionAddress && target(member) === target(account),
  );
}

/** True if Pub/Sub's own account was given `role` on the resource that `key` names. */
const agentMay = (json: TerraformJson, key: 'topic' | 'subscription', address: string, role: string): boolean =>
  resourcesOf(json, /^google_pubsub_(topic|subscription)_iam_member$/).some(
    ({ attributes }) =>
      target(attributes[key]) === address &&
      attributes.role === role &&
      /gcp-sa-pubsub/.test(String(attributes.member)),
  );

/** A token for `url`, of an account that may call it, or what is wrong. */
function tokenProblem(json: TerraformJson, url: unknown, token: unknown): string | undefined {
  if (String(at(token, 'audience')) !== String(url).replace(/\}\/.*$/, '}')) return 'the token is for somebody else';
  return unless(mayCall(json, at(token, 'service_account_email'), url), 'its account may not call the function');
}

export const EVENTS: readonly Rule[] = [
  {
    name: 'a push carries a token of an account that may call its receiver',
    reason: 'the receiver admits callers that were granted only; without, every message is a 403 until it is dead',
    types: /^google_pubsub_subscription$/,
    where: ({ attributes }) => attributes.push_config !== undefined,
    wrong: ({ attributes: { push_config: push } }, json) =>
      tokenProblem(json, at(push, 'push_endpoint'), at(push, 'oidc_token')),
    planted: {
      type: 'google_pubsub_subscription',
      attributes: { push_config: { push_endpoint: 'https://example.com' } },
    },
  },
  {
    name: 'so does a call by the clock',
    reason: 'a job without it is refused every minute, and nobody reconciles',
    types: /^google_cloud_scheduler_job$/,
    // Calls of Google's own APIs take an access token.
    where: ({ attributes }) => !String(at(attributes, 'http_target.uri')).startsWith('https://compute.googleapis.com/'),
    wrong: ({ attributes: { http_target: call } }, json) => tokenProblem(json, at(call, 'uri'), at(call, 'oidc_token')),
    planted: { type: 'google_cloud_scheduler_job', attributes: { http_target: { uri: 'https://example.com' } } },
  },
  {
    name: 'a message nobody takes becomes a dead letter, and somebody keeps it',
    reason:
      'Pub/Sub moves it only with two grants of its own, says nothing when one is missing, and drops it where nobody subscribes',
    types: /^google_pubsub_subscription$/,
    where: ({ attributes }) => attributes.push_config !== undefined,
    wrong: ({ address, attributes }, json) => {
      const dead = target(at(attributes, 'dead_letter_policy.dead_letter_topic'));
      const kept = resourcesOf(json, /^google_pubsub_subscription$/).some(
        (one) => target(one.attributes.topic) === dead,
      );
      return unless(
        kept &&
          agentMay(json, 'topic', dead, 'roles/pubsub.publisher') &&
          agentMay(json, 'subscription', address, 'roles/pubsub.subscriber'),
        `dead letters do not reach ${dead}`,
      );
    },
    planted: { type: 'google_pubsub_subscription', attributes: { push_config: {} } },
  },
  {
    name: 'every topic has somebody who listens',
    reason: 'what is published without a subscription is gone',
    types: /^google_pubsub_topic$/,
    wrong: ({ address }, json) => {
      const subscriptions = resourcesOf(json, /^google_pubsub_subscription$/);
      return unless(
        subscriptions.some(({ attributes }) => target(attributes.topic) === address),
        'nobody listens',
      );
    },
    planted: { type: 'google_pubsub_topic', attributes: {} },
  },
  {
    name: 'a time of expiry is not indexed',
    reason:
      'an index on a time that only grows is written at one end, which caps the collection at 500 writes a second',
    types: /^google_firestore_field$/,
    where: ({ attributes }) => attributes.ttl_config !== undefined,
    wrong: ({ attributes }) => unless(JSON.stringify(attributes.index_config) === '{}', 'it is indexed'),
    planted: { type: 'google_firestore_field', attributes: { ttl_config: {} } },
  },
];
