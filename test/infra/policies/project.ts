import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { at } from '../../support/synth';
import { type Rule, target, texts, unless } from './rule';

const PROVIDER = join(dirname(require.resolve('@cdktf/provider-google/package.json')), 'lib');
const labelled = new Map<string, boolean>();

/** True if the provider lets a resource of this type have labels. */
function takesLabels(type: string): boolean {
  const known = labelled.get(type);
  if (known !== undefined) return known;
  if (!type.startsWith('google_')) return false;
  const text = readFileSync(join(PROVIDER, type.replace('google_', '').replaceAll('_', '-'), 'index.d.ts'), 'utf8');
  const config = text.slice(text.indexOf('Config extends cdktf.TerraformMetaArguments'));
  const found = /\n {4}readonly labels\?:/.test(config.slice(0, config.indexOf('\n}')));
  labelled.set(type, found);
  return found;
}

/** Types whose parent (bucket, secret, billing account) says where they are. */
const NAMED_BY_PARENT = /^google_(storage_bucket_(object|iam_member)|secret_manager_secret_iam_member|billing_budget)$/;

export const PROJECT: readonly Rule[] = [
  {
    name: 'destroying a stack leaves the project’s services on',
    reason: 'the provider’s default switches them off for everything else in the project',
    types: /^google_project_service$/,
    wrong: ({ attributes }) => unless(attributes.disable_on_destroy === false, 'it would be switched off'),
    planted: { type: 'google_project_service', attributes: {} },
  },
  {
    name: 'labels say whose it is',
    reason: 'the bill is read by them',
    types: /./,
    where: ({ type }) => takesLabels(type),
    wrong: ({ attributes }) =>
      unless(
        ['product', 'environment', 'component'].every(
          // In some types `labels` has another meaning.
          (key) => typeof at(attributes.user_labels ?? attributes.labels, key) === 'string',
        ),
        'labels are missing',
      ),
    planted: { type: 'google_compute_address', attributes: { labels: { product: 'srs-live' } } },
  },
  {
    name: 'a budget tells somebody, several times, of this project alone',
    reason:
      'with the project’s id in place of its number every plan shows a change; a budget without an e-mail path is refused',
    types: /^google_billing_budget$/,
    wrong: ({ attributes }) => {
      const rule = attributes.all_updates_rule;
      const told =
        texts(at(rule, 'monitoring_notification_channels')).length > 0 ||
        at(rule, 'disable_default_iam_recipients') !== true;
      return unless(
        told &&
          target(at(rule, 'pubsub_topic')).startsWith('google_pubsub_topic.') &&
          /^projects\/\$\{data\.google_project\.[\w-]+\.number\}$/.test(
            String(at(attributes, 'budget_filter.projects.0')),
          ) &&
          Object.keys(Object(attributes.threshold_rules)).length >= 2,
        'e-mail, topic, project or thresholds',
      );
    },
    planted: {
      type: 'google_billing_budget',
      attributes: {
        budget_filter: { projects: ['projects/srs-live-dev'] },
        all_updates_rule: { disable_default_iam_recipients: true },
      },
    },
  },
  {
    name: 'topics keep what was published, in the regions of the environment',
    reason: 'a receiver that was away reads it again; the data stays where the environment is',
    types: /^google_pubsub_topic$/,
    wrong: ({ attributes }) =>
      unless(
        /^[0-9]+s$/.test(String(attributes.message_retention_duration)) &&
          texts(at(attributes, 'message_storage_policy.allowed_persistence_regions')).length > 0,
        'retention or region',
      ),
    planted: { type: 'google_pubsub_topic', attributes: {} },
  },
  {
    name: 'a subscription never expires, and keeps messages for a day at least',
    reason: 'by default one that nobody uses for 31 days is deleted',
    types: /^google_pubsub_subscription$/,
    wrong: ({ attributes }) =>
      unless(
        at(attributes, 'expiration_policy.ttl') === '' &&
          Number.parseInt(String(attributes.message_retention_duration), 10) >= 86_400,
        'expiry or retention',
      ),
    planted: { type: 'google_pubsub_subscription', attributes: { message_retention_duration: '600s' } },
  },
  {
    name: 'logs are kept for a time that is said',
    reason: 'by default 30 days, whatever an environment needs',
    types: /^google_logging_project_bucket_config$/,
    wrong: ({ attributes }) =>
      unless(Number(attributes.retention_days) >= 1 && attributes.bucket_id === '_Default', 'no retention'),
    planted: { type: 'google_logging_project_bucket_config', attributes: { bucket_id: '_Default' } },
  },
  {
    name: 'what is dropped of logs is never an error',
    reason: 'backend buckets log every request, at more than the look-up costs; a 4xx or 5xx is always worth it',
    types: /^google_logging_project_exclusion$/,
    where: ({ path }) => path.endsWith('/served'),
    wrong: ({ attributes }) =>
      unless(/httpRequest\.status<400/.test(String(attributes.filter)), String(attributes.filter)),
    planted: { type: 'google_logging_project_exclusion', attributes: { filter: 'resource.type="http_load_balancer"' } },
  },
  {
    name: 'load balancers with a function or publishers behind them log',
    reason: 'an address that attacks is found there and nowhere else',
    types: /^google_compute_backend_service$/,
    wrong: ({ attributes }) => unless(at(attributes, 'log_config.enable') === true, 'it logs nothing'),
    planted: { type: 'google_compute_backend_service', attributes: {} },
  },
  {
    name: 'an alert says where in the runbook to look, and somebody hears it',
    reason: 'who is woken at night must not have to search',
    types: /^google_monitoring_alert_policy$/,
    wrong: ({ attributes }) => {
      const heading = /infra\/RUNBOOK\.md#[a-z0-9-]+/.test(String(at(attributes, 'documentation.content')));
      return unless(
        heading && at(attributes, 'notification_channels.0') !== undefined,
        'no heading, or nobody is told',
      );
    },
    planted: { type: 'google_monitoring_alert_policy', attributes: { documentation: { content: 'see the wiki' } } },
  },
  {
    name: 'everything names its project',
    reason: 'the provider’s default would put it where the state is',
    types: /^google_/,
    where: ({ type }) => !NAMED_BY_PARENT.test(type),
    wrong: ({ attributes }) => unless(attributes.project !== undefined, 'no project'),
    planted: { type: 'google_compute_address', attributes: {} },
  },
];
