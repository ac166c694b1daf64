import { readFileSync } from 'node:fs';
import {
  type Attributes,
  at,
  ENVIRONMENTS,
  type Resource,
  resourcesOf,
  synthBootstrap,
  synthEnvironment,
  TWO_REGIONS,
} from '../support/synth';

/**
 * Unexpected behaviour of Google's services and their provider that cost others days. Each is a line under Surprises in
 * infra/README.md, and does not happen here.
 */
interface Surprise {
  /** The pattern of its line in infra/README.md. */
  readonly line: RegExp;
  /** The resources that would suffer. */
  readonly types: RegExp;
  readonly where?: (resource: Resource) => boolean;
  readonly avoided: (attributes: Attributes, resource: Resource) => boolean;
}

const { dev } = ENVIRONMENTS;
const denying = { ...dev, playback: { ...dev.playback, deniedCountries: ['KP'] } };
const stacks = [
  ...[...Object.values(ENVIRONMENTS), denying, TWO_REGIONS].map((input) => synthEnvironment(input)),
  synthBootstrap(),
];
const prod = synthEnvironment(ENVIRONMENTS.prod);
const texts = (value: unknown): string => JSON.stringify(value) ?? '';

const SURPRISES: Readonly<Record<string, Surprise>> = {
  'the provider sends zeros': {
    line: /sends 0 or false for what a `cdn_policy` leaves out/,
    types: /^google_compute_backend_bucket$/,
    avoided: ({ cdn_policy }) =>
      [
        'cache_mode',
        'signed_url_cache_max_age_sec',
        'serve_while_stale',
        'negative_caching',
        'request_coalescing',
      ].every((field) => at(cdn_policy, field) !== undefined) &&
      !['default_ttl', 'max_ttl', 'client_ttl'].some((field) => at(cdn_policy, field) !== undefined),
  },
  'signed requests ignore Cache-Control': {
    line: /ignores Cache-Control on signed requests/,
    types: /^google_compute_backend_bucket$/,
    where: ({ path }) => path.includes('/gated-'),
    avoided: ({ cdn_policy }, { path }) => {
      const seconds = Number(at(cdn_policy, 'signed_url_cache_max_age_sec'));
      return path.endsWith('-playlists') ? seconds <= 1 : seconds >= 60;
    },
  },
  'the first trigger fails while Eventarc’s account comes to life': {
    line: /Eventarc's service agent comes to life minutes after its API/,
    // Bootstrap makes the grants, minutes before any function with a trigger.
    types: /^google_project_iam_member$/,
    where: ({ attributes }) => attributes.role === 'roles/eventarc.eventReceiver',
    avoided: (_grant, { path }) => /^\w+\/storage-events\/receiver$/.test(path),
  },
  'so bootstrap wakes the accounts, before anybody is given a role': {
    line: /Eventarc's service agent comes to life minutes after its API/,
    types: /^google_project_iam_member$/,
    where: ({ path }) => path.endsWith('eventarc-role'),
    avoided: ({ depends_on }) => /terraform_data\.srs-live-\w+-agents_eventarc/.test(texts(depends_on)),
  },
  'soft delete bills': {
    line: /Soft delete is on by default and bills/,
    types: /^google_storage_bucket$/,
    where: ({ path }) => path !== 'state',
    avoided: (bucket) => at(bucket, 'soft_delete_policy.retention_duration_seconds') === 0,
  },
  'an autoscaler kills publishers': {
    line: /autoscaler picks its victims itself/,
    types: /^google_compute_region_autoscaler$/,
    avoided: (scaler) => at(scaler, 'autoscaling_policy.mode') === 'ONLY_SCALE_OUT',
  },
  'a size fights the autoscaler': {
    line: /`target_size` beside an autoscaler/,
    types: /^google_compute_region_instance_group_manager$/,
    where: ({ path }) => path === 'origins/group/group',
    avoided: (group) => !('target_size' in group),
  },
  'key material is in the state': {
    line: /A key or a secret's value that Terraform makes is in its state/,
    types: /secret|key|password/,
    avoided: (_, { type }) => /^google_secret_manager_secret(_iam_member)?$/.test(type),
  },
  'konlet is dead': {
    line: /`gce-container-declaration` stopped working/,
    types: /^google_compute_instance_template$/,
    avoided: ({ metadata }) =>
      at(metadata, 'gce-container-declaration') === undefined &&
      /^#cloud-config/.test(String(at(metadata, 'user-data'))),
  },
  'destroying switches services off': {
    line: /switches a service off on destroy unless told not to/,
    types: /^google_project_service$/,
    avoided: ({ disable_on_destroy }) => disable_on_destroy === false,
  },
  'Firestore stays behind': {
    line: /Firestore's default deletion policy leaves the database behind/,
    types: /^google_firestore_database$/,
    avoided: ({ deletion_policy, delete_protection_state }) =>
      (deletion_policy === 'DELETE') === (delete_protection_state === 'DELETE_PROTECTION_DISABLED'),
  },
  'functions take one request at a time': {
    line: /allows one request at a time unless concurrency is set/,
    types: /^google_cloudfunctions2_function$/,
    avoided: ({ service_config }) =>
      at(service_config, 'available_cpu') === '1' &&
      Number(at(service_config, 'max_instance_request_concurrency')) >= 1,
  },
  'failed events are dropped': {
    line: /drops an event whose delivery failed/,
    types: /^google_cloudfunctions2_function$/,
    where: ({ attributes }) => attributes.event_trigger !== undefined,
    avoided: ({ event_trigger }) => at(event_trigger, 'retry_policy') === 'RETRY_POLICY_RETRY',
  },
  'a fixed surge is 0 or at least the zones': {
    line: /fixed surge of a regional group has to be 0 or at least its number of zones/,
    types: /^google_compute_region_instance_group_manager$/,
    avoided: ({ update_policy, distribution_policy_zones }) => {
      const surge = Number(at(update_policy, 'max_surge_fixed'));
      return surge === 0 || surge >= Object.values(Object(distribution_policy_zones)).length;
    },
  },
  'a budget of a project’s id is never at rest': {
    line: /A budget wants the project's number/,
    types: /^google_billing_budget$/,
    avoided: (budget) => /data\.google_project\.[\w-]+\.number\}$/.test(String(at(budget, 'budget_filter.projects.0'))),
  },
  'a subscription expires': {
    line: /A subscription nobody uses for 31 days is deleted/,
    types: /^google_pubsub_subscription$/,
    avoided: (subscription) => at(subscription, 'expiration_policy.ttl') === '',
  },
  'the system restarts itself': {
    line: /restarts itself for updates unless told not to/,
    types: /^google_compute_instance_template$/,
    avoided: (template) => at(template, 'metadata.cos-update-strategy') === 'update_disabled',
  },
  'the system drops what comes in, and runs nothing from /var': {
    line: /drops incoming packets but SSH by its own iptables, mounts `\/var` noexec/,
    types: /^google_compute_instance_template$/,
    avoided: ({ metadata }) => {
      const data = String(at(metadata, 'user-data'));
      return (
        /iptables -w -A INPUT -p udp /.test(data) && /bash \/var\/lib\//.test(data) && !/Exec\w+=-?\/var\//.test(data)
      );
    },
  },
  'coturn relays to its own machine': {
    line: /`external-ip` of coturn allows its private side as a peer/,
    types: /^google_compute_instance_template$/,
    where: ({ path }) => path.startsWith('turn/'),
    avoided: ({ metadata }) => String(at(metadata, 'user-data')).match(/docker run/g)?.length === 1,
  },
  'a load balancer logs all of what buckets answer': {
    line: /cannot be told to log less for backend buckets/,
    types: /^google_logging_project_exclusion$/,
    where: ({ path }) => path.endsWith('/served'),
    // Disabled only where an environment wants every line.
    avoided: ({ filter, disabled }) => disabled === true || /AND NOT sample\(insertId, 0\.\d+\)$/.test(String(filter)),
  },
  'a connector’s name is shorter than others': {
    line: /name of a VPC connector has 20 characters at most, hyphens counted twice/,
    types: /^google_vpc_access_connector$/,
    avoided: ({ name }) => String(name).replaceAll('-', '--').length <= 20,
  },
  'an edge policy cannot limit': {
    line: /An edge policy knows addresses and countries only/,
    types: /^google_compute_security_policy$/,
    where: ({ attributes }) => attributes.type === 'CLOUD_ARMOR_EDGE',
    avoided: (policy) => !/throttle|rate_based_ban|redirect/.test(texts(policy.rule)),
  },
};

/** Lines about stacks, not resources. */
const NO_BACKEND = /Without a backend of its own, a stack's JSON holds an absolute path/;

describe('a surprise that is known', () => {
  const readme = readFileSync('infra/README.md', 'utf8');
  const lines = readme.slice(readme.indexOf('## Surprises')).replaceAll(/\n(?!- )/g, ' ');

  it.each(Object.entries(SURPRISES))(
    'does not happen, and is written down: %s',
    (_name, { line, types, where = () => true, avoided }) => {
      const subjects = stacks.flatMap((json) => resourcesOf(json, types).filter(where));
      expect(subjects.filter((resource) => !avoided(resource.attributes, resource)).map(({ path }) => path)).toEqual(
        [],
      );
      expect(subjects.length).toBeGreaterThan(0);
      expect(lines).toMatch(line);
    },
  );

  it('is no line without an assertion', () => {
    const asserted = [...Object.values(SURPRISES).map(({ line }) => line), NO_BACKEND];
    const written = lines.split('\n- ').slice(1);
    expect(written.length).toBeGreaterThan(15);
    expect(written.filter((line) => !asserted.some((pattern) => pattern.test(line)))).toEqual([]);
  });

  it('puts no path of this machine into a stack: each has a state bucket', () => {
    expect(lines).toMatch(NO_BACKEND);
    for (const { terraform } of stacks) expect(at(terraform, 'backend')).toEqual({ gcs: expect.any(Object) });
  });

  it('leaves no account of the first deploy out of bootstrap', () => {
    const woken = resourcesOf(synthBootstrap(), /^terraform_data$/).map(({ attributes }) =>
      String(at(attributes, 'provisioner.0.local-exec.command')),
    );
    const commands = ['eventarc', 'pubsub'].map(
      (service) => `--service=${service}.googleapis.com --project=srs-live-prod`,
    );
    for (const command of commands) expect(woken.filter((text) => text.includes(command))).toHaveLength(1);
    expect(resourcesOf(prod, /^terraform_data$/)).toEqual([]);
  });
});
