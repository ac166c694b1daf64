import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import {
  type Attributes,
  at,
  ENVIRONMENTS,
  eachText,
  type Resource,
  reference,
  resourcesOf,
  synthBootstrap,
  synthEnvironment,
  type TerraformJson,
} from '../support/synth';

/**
 * What must hold for every resource of every environment, each with its reason. A rule has to find something to look at, and has
 * to refuse what is planted.
 */
interface Rule {
  readonly name: string;
  readonly reason: string;
  readonly types: RegExp;
  /** Only these of the types. @default all */
  readonly where?: (resource: Resource) => boolean;
  /** What is wrong with it; `undefined` if nothing is. */
  readonly wrong: (resource: Resource, json: TerraformJson) => string | undefined;
  /** A resource that breaks the rule; its type is the first that matches. */
  readonly planted: { readonly type: string; readonly path?: string; readonly attributes: Attributes };
}

const unless = (holds: boolean, problem: string): string | undefined => (holds ? undefined : problem);
const texts = (value: unknown): string[] => {
  const found: string[] = [];
  eachText(value, (text) => found.push(text));
  return found;
};
const numberAt = (attributes: Attributes, path: string): number => Number(at(attributes, path));

/** The one list of what anybody on the internet may do. */
const PUBLIC_GRANTS: Readonly<Record<string, string>> = {
  'media/open/public': 'roles/storage.legacyObjectReader',
  'media/pages/public': 'roles/storage.legacyObjectReader',
  'functions/api/invoker-everyone': 'roles/run.invoker',
};

/** Roles that can only be given on a whole project, and those that need a condition to be narrow all the same. */
const PROJECT_ROLES: Readonly<Record<string, 'whole' | 'conditional'>> = {
  'roles/datastore.user': 'conditional',
  'roles/storage.objectViewer': 'conditional',
  'roles/eventarc.eventReceiver': 'whole',
  'roles/pubsub.publisher': 'whole',
  'roles/logging.logWriter': 'whole',
  'roles/monitoring.metricWriter': 'whole',
};

const PUBLIC_BUCKETS = ['media/open/bucket', 'media/pages/bucket'];
const WORLD_PORTS = ['1935'];
const WRITER_ROLES = [
  'roles/storage.objectUser',
  'roles/storage.objectCreator',
  'roles/storage.objectAdmin',
  'roles/storage.admin',
];

const PROVIDER = join(dirname(require.resolve('@cdktf/provider-google/package.json')), 'lib');
const labelled = new Map<string, boolean>();

/** True if the provider lets a resource of this type have labels. */
function takesLabels(type: string): boolean {
  const known = labelled.get(type);
  if (known !== undefined) return known;
  const text = readFileSync(join(PROVIDER, type.replace('google_', '').replaceAll('_', '-'), 'index.d.ts'), 'utf8');
  const config = text.slice(text.indexOf('Config extends cdktf.TerraformMetaArguments'));
  const found = /\n {4}readonly labels\?:/.test(config.slice(0, config.indexOf('\n}')));
  labelled.set(type, found);
  return found;
}

/** `google_x.y` of a reference such as `${google_x.y.email}`. */
const target = (text: unknown): string => /\$\{(?:data\.)?(google_\w+\.[\w-]+)\./.exec(String(text))?.[1] ?? String(text);

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
      ...['bucket', 'secret_id', 'name'].map((key) => target(attributes[key])),
      ...(attributes.role === 'roles/datastore.user' ? ['firestore'] : []),
    ]);

const RULES: readonly Rule[] = [
  {
    name: 'only the listed grants are everybody’s',
    reason: 'a bucket or function that is public by mistake is found by others first',
    types: /_iam_(member|binding|policy)$/,
    wrong: ({ path, attributes }) =>
      texts(attributes).some((text) => /^all(Authenticated)?Users$/.test(text))
        ? unless(PUBLIC_GRANTS[path] === attributes.role, `${attributes.role} is given to everybody`)
        : undefined,
    planted: {
      type: 'google_storage_bucket_iam_member',
      path: 'media/gated/public',
      attributes: { role: 'roles/storage.objectViewer', member: 'allUsers' },
    },
  },
  {
    name: 'nobody may list a public bucket',
    reason: 'a list of objects is a list of every stream',
    types: /^google_storage_bucket_iam_member$/,
    where: ({ attributes }) => attributes.member === 'allUsers',
    wrong: ({ attributes }) => unless(attributes.role === 'roles/storage.legacyObjectReader', `${attributes.role} may list`),
    planted: {
      type: 'google_storage_bucket_iam_member',
      attributes: { role: 'roles/storage.objectViewer', member: 'allUsers' },
    },
  },
  {
    name: 'no primitive and no administrator’s role',
    reason: 'a leaked account must not be able to give itself more',
    types: /_iam_(member|binding|policy)$/,
    wrong: ({ attributes: { role } }) =>
      unless(!/^roles\/(owner|editor|viewer|.*[aA]dmin)$/.test(String(role)), `${role} is too much`),
    planted: { type: 'google_project_iam_member', attributes: { role: 'roles/editor' } },
  },
  {
    name: 'a role on the project is listed, and narrowed where it can be',
    reason: 'what can be given on one resource is given there',
    types: /^google_project_iam_/,
    wrong: ({ attributes }) => {
      const allowed = PROJECT_ROLES[String(attributes.role)];
      if (allowed === undefined) return `${attributes.role} is not listed`;
      return unless(allowed === 'whole' || at(attributes, 'condition.expression') !== undefined, 'it has no condition');
    },
    planted: { type: 'google_project_iam_member', attributes: { role: 'roles/datastore.user' } },
  },
  {
    name: 'grants are members, never bindings or policies',
    reason: 'those take away what others were given',
    types: /_iam_/,
    wrong: ({ type }) => unless(type.endsWith('_iam_member'), 'it is authoritative'),
    planted: { type: 'google_project_iam_binding', attributes: {} },
  },
  {
    name: 'buckets have uniform access',
    reason: 'an object’s own ACL would pass by every grant',
    types: /^google_storage_bucket$/,
    wrong: ({ attributes }) => unless(attributes.uniform_bucket_level_access === true, 'objects have ACLs'),
    planted: { type: 'google_storage_bucket', attributes: {} },
  },
  {
    name: 'buckets are private but for the listed',
    reason: 'enforced prevention makes a grant to everybody impossible, whoever tries',
    types: /^google_storage_bucket$/,
    wrong: ({ path, attributes }) =>
      unless(PUBLIC_BUCKETS.includes(path) || attributes.public_access_prevention === 'enforced', 'it can be made public'),
    planted: { type: 'google_storage_bucket', path: 'media/gated/bucket', attributes: { public_access_prevention: 'inherited' } },
  },
  {
    name: 'buckets keep nothing that was deleted',
    reason: 'seven days of every overwritten playlist and expired segment would be billed',
    types: /^google_storage_bucket$/,
    where: ({ path }) => path !== 'state',
    wrong: ({ attributes }) =>
      unless(
        at(attributes, 'soft_delete_policy.retention_duration_seconds') === 0 && at(attributes, 'autoclass.enabled') === false,
        'soft delete or autoclass is on',
      ),
    planted: { type: 'google_storage_bucket', attributes: { autoclass: { enabled: false } } },
  },
  {
    name: 'media buckets expire what nobody keeps',
    reason: 'segments that are not recorded, session playlists of nodes that never came back',
    types: /^google_storage_bucket$/,
    where: ({ path }) => /^media\/(ingest|open|gated)\//.test(path),
    wrong: ({ path, attributes }) => {
      const rule = at(attributes, 'lifecycle_rule.0');
      const days = at(rule, path.startsWith('media/ingest') ? 'condition.age' : 'condition.days_since_custom_time');
      return unless(at(rule, 'action.type') === 'Delete' && Number(days) >= 1, 'nothing expires');
    },
    planted: {
      type: 'google_storage_bucket',
      path: 'media/open/bucket',
      attributes: { lifecycle_rule: [{ action: { type: 'Delete' }, condition: { age: 0 } }] },
    },
  },
  {
    name: 'a lifecycle rule never deletes by age what may be a recording',
    reason: 'recordings share the bucket with what expires; only the custom time tells them apart',
    types: /^google_storage_bucket$/,
    where: ({ path }) => /^media\/(open|gated)\//.test(path),
    wrong: ({ attributes }) =>
      unless(!texts(Object.keys(Object(at(attributes, 'lifecycle_rule.0.condition')))).includes('age'), 'it deletes by age'),
    planted: {
      type: 'google_storage_bucket',
      path: 'media/open/bucket',
      attributes: { lifecycle_rule: [{ condition: { age: 30 } }] },
    },
  },
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
        event_trigger: { event_filters: [{ value: reference('google_storage_bucket.media_open_bucket_F0E97F93.name') }] },
        service_config: {
          service_account_email: reference('google_service_account.functions_hls-publisher_identity_account_41C62284.email'),
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
      const others = resourcesOf(json, /^google_cloudfunctions2_function$/).filter((other) => other.address !== address);
      const shared = others.some((other) => at(other.attributes, 'service_config.service_account_email') === account);
      return unless(/^\$\{google_service_account\./.test(String(account)) && !shared, `it runs as ${account}`);
    },
    planted: { type: 'google_cloudfunctions2_function', attributes: { service_config: {} } },
  },
  {
    name: 'functions are sized explicitly',
    reason: 'the API’s default is one request at a time on a fraction of a CPU: a thousand streams, a thousand instances',
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
        .filter((text) => /^\$\{google_(storage_bucket|secret_manager_secret|firestore_database)\./.test(text))
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
  {
    name: 'backend buckets say everything about caching',
    reason: 'the provider sends 0 or false for what is left out, and not the API’s default; a stale live playlist is a stall',
    types: /^google_compute_backend_bucket$/,
    wrong: ({ attributes }) => {
      const { signed_url_cache_max_age_sec: signed, ...rest } = Object(attributes.cdn_policy);
      const wanted = {
        cache_mode: 'USE_ORIGIN_HEADERS',
        negative_caching: false,
        request_coalescing: true,
        serve_while_stale: 0,
      };
      const same = JSON.stringify(Object.entries(rest).sort()) === JSON.stringify(Object.entries(wanted).sort());
      return unless(same && Number.isInteger(signed) && attributes.enable_cdn === true, JSON.stringify(attributes.cdn_policy));
    },
    planted: {
      type: 'google_compute_backend_bucket',
      attributes: { enable_cdn: true, cdn_policy: { cache_mode: 'USE_ORIGIN_HEADERS', serve_while_stale: 0 } },
    },
  },
  {
    name: 'signed playlists are kept one second',
    reason: 'Cloud CDN ignores Cache-Control on signed requests: with the default, a live playlist stands still for an hour',
    types: /^google_compute_backend_bucket$/,
    where: ({ path }) => path.endsWith('-playlists'),
    wrong: ({ attributes }) => unless(numberAt(attributes, 'cdn_policy.signed_url_cache_max_age_sec') === 1, 'longer than 1 s'),
    planted: { type: 'google_compute_backend_bucket', attributes: { cdn_policy: { signed_url_cache_max_age_sec: 3600 } } },
  },
  {
    name: 'the world reaches the listed ports only',
    reason: 'SRS’s API and SSH are nobody’s business',
    types: /^google_compute_firewall$/,
    wrong: ({ attributes }) => {
      if (!texts(attributes.source_ranges).some((range) => /^(0\.0\.0\.0|::)\//.test(range))) return undefined;
      const ports = texts(at(attributes, 'allow.0.ports'));
      return unless(ports.length > 0 && ports.every((port) => WORLD_PORTS.includes(port)), `${ports} are open to the world`);
    },
    planted: { type: 'google_compute_firewall', attributes: { source_ranges: ['0.0.0.0/0'], allow: [{ ports: ['22'] }] } },
  },
  {
    name: 'a firewall rule names ports, sources and VMs',
    reason: 'a rule without one of them opens everything',
    types: /^google_compute_firewall$/,
    wrong: ({ attributes }) =>
      unless(
        texts(at(attributes, 'allow.0.ports')).length > 0 &&
          texts(attributes.source_ranges).length > 0 &&
          texts(attributes.target_tags).length > 0,
        'it is open-ended',
      ),
    planted: { type: 'google_compute_firewall', attributes: { source_ranges: ['10.0.0.0/8'], allow: [{ ports: ['22'] }] } },
  },
  {
    name: 'health checks get through the firewall',
    reason: 'a probe that is dropped looks like a dead node, and the group replaces it for ever',
    types: /^google_compute_region_health_check$/,
    wrong: ({ attributes }, json) => {
      const port = String(at(attributes, 'tcp_health_check.port') ?? at(attributes, 'http_health_check.port'));
      const open = resourcesOf(json, /^google_compute_firewall$/).filter(
        (rule) =>
          texts(at(rule.attributes, 'allow.0.ports')).includes(port) &&
          ['35.191.0.0/16', '209.85.152.0/22'].every((range) => texts(rule.attributes.source_ranges).includes(range)),
      );
      return unless(open.length > 0, `${port} is closed to probes`);
    },
    planted: { type: 'google_compute_region_health_check', attributes: { http_health_check: { port: 1985 } } },
  },
  {
    name: 'publishers may stay on a node that leaves',
    reason: 'the default cuts them at once',
    types: /^google_compute_region_backend_service$/,
    wrong: ({ attributes }) =>
      unless(numberAt(attributes, 'connection_draining_timeout_sec') >= 300, 'connections are not drained'),
    planted: { type: 'google_compute_region_backend_service', attributes: {} },
  },
  {
    name: 'destroying a stack leaves the project’s services on',
    reason: 'the provider’s default switches them off for everything else in the project',
    types: /^google_project_service$/,
    wrong: ({ attributes }) => unless(attributes.disable_on_destroy === false, 'it would be switched off'),
    planted: { type: 'google_project_service', attributes: {} },
  },
  {
    name: 'the states have versions and cannot be destroyed',
    reason: 'without its state an environment is nobody’s',
    types: /^google_storage_bucket$/,
    where: ({ path }) => path === 'state',
    wrong: ({ attributes }) =>
      unless(
        at(attributes, 'versioning.enabled') === true && at(attributes, 'lifecycle.prevent_destroy') === true,
        'a state could be lost',
      ),
    planted: { type: 'google_storage_bucket', path: 'state', attributes: { versioning: { enabled: true } } },
  },
  {
    name: 'TLS is 1.2 at least',
    reason: 'older ones are broken',
    types: /^google_compute_ssl_policy$/,
    wrong: ({ attributes }) => unless(attributes.min_tls_version === 'TLS_1_2', `${attributes.min_tls_version}`),
    planted: { type: 'google_compute_ssl_policy', attributes: { profile: 'COMPATIBLE' } },
  },
  {
    name: 'global load balancers are of the managed kind',
    reason: 'the provider’s default is the classic one, which has no route rules',
    types: /^google_compute_(global_forwarding_rule|backend_service)$/,
    wrong: ({ attributes }) => unless(attributes.load_balancing_scheme === 'EXTERNAL_MANAGED', 'it is classic'),
    planted: { type: 'google_compute_backend_service', attributes: {} },
  },
  {
    name: 'VMs are shielded, stay on their OS version and let nobody in by project keys',
    reason: 'COS restarts itself for an update in the middle of a broadcast',
    types: /^google_compute_instance_template$/,
    wrong: ({ attributes }) =>
      unless(
        at(attributes, 'shielded_instance_config.enable_secure_boot') === true &&
          at(attributes, 'metadata.cos-update-strategy') === 'update_disabled' &&
          at(attributes, 'metadata.block-project-ssh-keys') === 'true' &&
          at(attributes, 'metadata.gce-container-declaration') === undefined &&
          /^\$\{google_service_account\./.test(String(at(attributes, 'service_account.email'))),
        'shield, update strategy, keys, konlet or account',
      ),
    planted: { type: 'google_compute_instance_template', attributes: { metadata: {} } },
  },
  {
    name: 'what a VM runs is pinned',
    reason: 'a node that restarts must be the node that was tried',
    types: /^google_compute_instance_template$/,
    wrong: ({ attributes }) => {
      const images = String(at(attributes, 'metadata.user-data')).match(/\S+-docker\.pkg\.dev\/\S+/g) ?? [];
      return unless(
        images.some((image) => image.includes(':')) && !images.some((image) => image.endsWith(':latest')),
        images.join(' '),
      );
    },
    planted: {
      type: 'google_compute_instance_template',
      attributes: { metadata: { 'user-data': 'docker run europe-west1-docker.pkg.dev/p/r/node:latest' } },
    },
  },
  {
    name: 'a new template never cuts publishers, and its surge is one Google takes',
    reason: 'a fixed surge has to be 0 or at least the number of zones',
    types: /^google_compute_region_instance_group_manager$/,
    wrong: ({ attributes }) => {
      const surge = numberAt(attributes, 'update_policy.max_surge_fixed');
      const zones = texts(attributes.distribution_policy_zones).length;
      return unless(at(attributes, 'update_policy.type') === 'OPPORTUNISTIC' && (surge === 0 || surge >= zones), 'update policy');
    },
    planted: {
      type: 'google_compute_region_instance_group_manager',
      attributes: { update_policy: { type: 'PROACTIVE', max_surge_fixed: 1 }, distribution_policy_zones: ['a', 'b', 'c'] },
    },
  },
  {
    name: 'the database can be destroyed whole, or not at all',
    reason: 'the provider’s default leaves it behind, and the next apply answers 409',
    types: /^google_firestore_database$/,
    wrong: ({ attributes }) =>
      unless(
        attributes.name !== '(default)' &&
          ['DELETE DELETE_PROTECTION_DISABLED', 'ABANDON DELETE_PROTECTION_ENABLED'].includes(
            `${attributes.deletion_policy} ${attributes.delete_protection_state}`,
          ),
        `${attributes.deletion_policy}, ${attributes.delete_protection_state}`,
      ),
    planted: {
      type: 'google_firestore_database',
      attributes: { name: 'a', deletion_policy: 'DELETE', delete_protection_state: 'DELETE_PROTECTION_ENABLED' },
    },
  },
  {
    name: 'no secret’s value is in the state',
    reason: 'a state is read by everybody who deploys',
    types: /secret|signed_url_key|service_account_key/,
    wrong: ({ type, attributes }) =>
      unless(
        /^google_secret_manager_secret(_iam_member)?$/.test(type) && !('secret_data' in attributes),
        'its value would be in the state',
      ),
    planted: { type: 'google_secret_manager_secret_version', attributes: { secret_data: 'x' } },
  },
  {
    name: 'labels say whose it is',
    reason: 'the bill is read by them',
    types: /./,
    where: ({ type }) => takesLabels(type),
    wrong: ({ attributes }) =>
      unless(
        ['product', 'environment', 'component'].every((key) => typeof at(attributes, `labels.${key}`) === 'string'),
        'labels are missing',
      ),
    planted: { type: 'google_compute_address', attributes: { labels: { product: 'srs-live' } } },
  },
];

const { dev, staging, prod } = ENVIRONMENTS;
const synthesised = { dev: synthEnvironment(dev), staging: synthEnvironment(staging), prod: synthEnvironment(prod) };
const everywhere: readonly [string, TerraformJson][] = [...Object.entries(synthesised), ['bootstrap', synthBootstrap()]];

describe.each(RULES)('$name: $reason', ({ types, where = () => true, wrong, planted }) => {
  it('holds', () => {
    const subjects = everywhere.flatMap(([stack, json]) =>
      resourcesOf(json, types)
        .filter(where)
        .map((resource) => ({ stack, json, resource })),
    );
    const problems = subjects.flatMap(({ stack, json, resource }) => {
      const problem = wrong(resource, json);
      return problem === undefined ? [] : [`${stack} ${resource.path}: ${problem}`];
    });
    expect(problems).toEqual([]);
    expect(subjects.length).toBeGreaterThan(0);
  });

  it('refuses what breaks it', () => {
    const bad = { address: 'planted', path: 'planted', ...planted };
    expect(bad.type).toMatch(types);
    expect(wrong(bad, synthesised.dev)).toEqual(expect.any(String));
  });
});

describe('who may do what', () => {
  /** `<account> <role> on <resource>`, in words: a grant more or less is a line here. */
  const grants = (json: TerraformJson): string[] =>
    resourcesOf(json, /_iam_member$/)
      .map(({ path, attributes }) => `${path}: ${attributes.role}`)
      .sort();

  it('is this, and nothing more', () => {
    expect(grants(synthesised.dev)).toEqual(
      [
        'function-build/logs: roles/logging.logWriter',
        'function-build/pusher: roles/artifactregistry.writer',
        'function-build/sources/reader-builder: roles/storage.objectViewer',
        'function-build/staged-sources: roles/storage.objectViewer',
        'functions/api/invoker-everyone: roles/run.invoker',
        'functions/hls-publisher/invoker-trigger: roles/run.invoker',
        'functions/ingest-trigger/publisher: roles/pubsub.publisher',
        'functions/ingest-trigger/receiver: roles/eventarc.eventReceiver',
        'functions/reconciler/invoker-scheduler: roles/run.invoker',
        'functions/srs-hooks/invoker-node: roles/run.invoker',
        'admin-key/reader-api: roles/secretmanager.secretAccessor',
        'images/reader-node: roles/artifactregistry.reader',
        'media/ingest/reader-hls-publisher: roles/storage.objectViewer',
        'media/ingest/reader-reconciler: roles/storage.objectViewer',
        'media/ingest/writer-api: roles/storage.objectUser',
        'media/ingest/writer-node: roles/storage.objectUser',
        ...['open', 'gated'].flatMap((bucket) => [
          `media/${bucket}/creator-node: roles/storage.objectCreator`,
          `media/${bucket}/reader-node: roles/storage.objectViewer`,
          `media/${bucket}/writer-api: roles/storage.objectUser`,
          `media/${bucket}/writer-hls-publisher: roles/storage.objectUser`,
          `media/${bucket}/writer-reconciler: roles/storage.objectUser`,
        ]),
        'media/open/public: roles/storage.legacyObjectReader',
        'media/pages/public: roles/storage.legacyObjectReader',
        'origins/group/logs: roles/logging.logWriter',
        'origins/group/metrics: roles/monitoring.metricWriter',
        'registry/user-api: roles/datastore.user',
        'registry/user-reconciler: roles/datastore.user',
        'registry/user-srs-hooks: roles/datastore.user',
      ].sort(),
    );
  });

  it('is the same in every environment', () => {
    expect(grants(synthesised.staging)).toEqual(grants(synthesised.dev));
    expect(grants(synthesised.prod)).toEqual(grants(synthesised.dev));
  });
});
