import { at, reference, resourcesOf, type TerraformJson } from '../../support/synth';
import { type Rule, target, texts, unless } from './rule';

const WRITER_ROLES = [
  'roles/storage.objectUser',
  'roles/storage.objectCreator',
  'roles/storage.objectAdmin',
  'roles/storage.admin',
];

/** Accounts with a writer's role on a bucket. */
const writersOf = (json: TerraformJson, bucket: string): string[] =>
  resourcesOf(json, /^google_storage_bucket_iam_member$/)
    .filter(({ attributes }) => target(attributes.bucket) === bucket && WRITER_ROLES.includes(String(attributes.role)))
    .map(({ attributes }) => target(attributes.member));

/** Every resource that somebody was given a role on. */
const grantedTo = (json: TerraformJson, account: string): string[] =>
  resourcesOf(json, /_iam_member$/)
    .filter(({ attributes }) => target(attributes.member) === account)
    .flatMap(({ attributes }) => [
      ...['bucket', 'secret_id', 'name', 'topic', 'subscription'].map((key) => target(attributes[key])),
      ...(attributes.role === 'roles/datastore.user' ? ['firestore'] : []),
    ]);

/** Kinds of resources that can be named in a variable and have to be granted. */
const GRANTED =
  /^\$\{google_(storage_bucket|secret_manager_secret|firestore_database|pubsub_topic|pubsub_subscription)\./;

const ENTRY = 'build_config.entry_point';

export const FUNCTIONS: readonly Rule[] = [
  {
    name: 'a function never writes the bucket that calls it',
    reason: 'it would call itself for ever, at a price per call',
    types: /^google_cloudfunctions2_function$/,
    where: ({ attributes }) => at(attributes, 'event_trigger') !== undefined,
    wrong: ({ attributes }, json) => {
      const bucket = target(at(attributes, 'event_trigger.event_filters.0.value'));
      const account = target(at(attributes, 'service_config.service_account_email'));
      return unless(!writersOf(json, bucket).includes(account), `${account} writes ${bucket}`);
    },
    planted: {
      type: 'google_cloudfunctions2_function',
      attributes: {
        event_trigger: {
          event_filters: [{ value: reference('google_storage_bucket.media_open_bucket_F0E97F93.name') }],
        },
        service_config: {
          service_account_email: reference(
            'google_service_account.functions_hls-publisher_identity_account_41C62284.email',
          ),
        },
      },
    },
  },
  {
    name: 'functions run as accounts of their own',
    reason: 'the default account may do anything in the project',
    types: /^google_cloudfunctions2_function$/,
    wrong: ({ address, attributes }, json) => {
      const account = at(attributes, 'service_config.service_account_email');
      const others = resourcesOf(json, /^google_cloudfunctions2_function$/).filter(
        // The same function in the other region is the same account.
        (other) => other.address !== address && at(other.attributes, ENTRY) !== at(attributes, ENTRY),
      );
      const shared = others.some((other) => at(other.attributes, 'service_config.service_account_email') === account);
      return unless(/^\$\{google_service_account\./.test(String(account)) && !shared, `it runs as ${account}`);
    },
    planted: { type: 'google_cloudfunctions2_function', attributes: { service_config: {} } },
  },
  {
    name: 'functions are sized explicitly',
    reason:
      'the API’s default is one request at a time on a fraction of a CPU: a thousand streams, a thousand instances',
    types: /^google_cloudfunctions2_function$/,
    wrong: ({ attributes: { service_config: config } }) =>
      unless(
        at(config, 'available_cpu') === '1' &&
          Number(at(config, 'max_instance_request_concurrency')) >= 1 &&
          Number(at(config, 'min_instance_count')) <= Number(at(config, 'max_instance_count')) &&
          /^[0-9]+(Mi|Gi)$/.test(String(at(config, 'available_memory'))),
        'cpu, memory, concurrency or instances are left to chance',
      ),
    planted: { type: 'google_cloudfunctions2_function', attributes: { service_config: { available_memory: '512Mi' } } },
  },
  {
    name: 'functions run on a runtime that is alive, and none is open to the internet directly',
    reason: 'nodejs20 is gone since 2026-10-30; what passes by the load balancer passes by its protection',
    types: /^google_cloudfunctions2_function$/,
    wrong: ({ attributes }) =>
      unless(
        /^nodejs2[24]$/.test(String(at(attributes, 'build_config.runtime'))) &&
          /^ALLOW_INTERNAL_(ONLY|AND_GCLB)$/.test(String(at(attributes, 'service_config.ingress_settings'))),
        'runtime or ingress',
      ),
    planted: {
      type: 'google_cloudfunctions2_function',
      attributes: { build_config: { runtime: 'nodejs22' }, service_config: { ingress_settings: 'ALLOW_ALL' } },
    },
  },
  {
    name: 'every resource a function is told of, it was granted',
    reason: 'a variable without its grant is a 403 in production',
    types: /^google_cloudfunctions2_function$/,
    wrong: ({ attributes }, json) => {
      const granted = grantedTo(json, target(at(attributes, 'service_config.service_account_email')));
      const named = [
        ...texts(at(attributes, 'service_config.environment_variables')),
        ...texts(at(attributes, 'service_config.secret_environment_variables')),
      ]
        .filter((text) => GRANTED.test(text))
        .map((text) => (text.includes('google_firestore_database') ? 'firestore' : target(text)));
      const missing = named.filter((resource) => !granted.includes(resource));
      return unless(missing.length === 0, `no grant on ${missing.join(', ')}`);
    },
    planted: {
      type: 'google_cloudfunctions2_function',
      attributes: {
        service_config: {
          environment_variables: { OPEN_BUCKET: reference('google_storage_bucket.media_open_bucket_F0E97F93.name') },
          service_account_email: reference('google_service_account.node_account_none.email'),
        },
      },
    },
  },
];
