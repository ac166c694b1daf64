import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { AgentEnv, PUBLISHERS_METRIC, VIEWERS_METRIC } from '../../functions/contract/env/agent';
import { api, FUNCTIONS, srsHooks } from '../../functions/contract/env/functions';
import { NodeGroupPolicy } from '../../functions/contract/node-group';
import { BACKENDS } from '../../functions/contract/objects/cache';
import type { CloudFunctionProps } from '../../infra/constructs/functions/cloud-function';
import {
  type Attributes,
  at,
  ENVIRONMENTS,
  eachText,
  reference,
  resourcesOf,
  synthBootstrap,
  synthEnvironment,
  type TerraformJson,
} from '../support/synth';

const { dev } = ENVIRONMENTS;
const base = synthEnvironment(dev);

/** Paths of the resources that are not the same in both. */
function changed(other: TerraformJson): string[] {
  const before = new Map(resourcesOf(base).map(({ path, attributes }) => [path, JSON.stringify(attributes)]));
  const after = new Map(resourcesOf(other).map(({ path, attributes }) => [path, JSON.stringify(attributes)]));
  return [...new Set([...before.keys(), ...after.keys()])]
    .filter((path) => before.get(path) !== after.get(path))
    .sort();
}

const only = (type: string, json = base): Attributes => resourcesOf(json, new RegExp(`^${type}$`))[0]?.attributes ?? {};

describe('the stack of an environment', () => {
  it('is the same for the same input', () => {
    expect(changed(synthEnvironment(dev))).toEqual([]);
  });

  it('changes a function’s own resources when its bundle changes, and nothing else', () => {
    expect(changed(synthEnvironment(dev, (name) => (name === 'api' ? 'new' : name)))).toEqual([
      'function-build/source-api',
    ]);
  });

  it('names a source after its content, so that a new bundle is deployed', () => {
    const objects = resourcesOf(base, /^google_storage_bucket_object$/).flatMap(({ path, attributes }) =>
      path.startsWith('function-build/') ? [attributes.name] : [],
    );
    expect(objects).toHaveLength(Object.keys(FUNCTIONS).length);
    for (const name of objects) expect(name).toMatch(/^[a-z-]+\/[0-9a-f]{16}\.zip$/);
  });

  it('uploads the pages with their types, kept for a minute', () => {
    const objects = resourcesOf(base, /^google_storage_bucket_object$/).filter(({ path }) => path.startsWith('pages/'));
    const said = objects.map(({ attributes }) => [attributes.name, attributes.content_type, attributes.cache_control]);
    expect(said).toEqual([
      ['index.html', 'text/html; charset=utf-8', 'public, max-age=60'],
      ['index.js', 'text/javascript; charset=utf-8', 'public, max-age=60'],
      ['style.css', 'text/css; charset=utf-8', 'public, max-age=60'],
    ]);
  });

  it('changes a page alone when it is another', () => {
    expect(changed(synthEnvironment(dev, (name) => (name === 'index.js' ? 'new' : name)))).toEqual(['pages/index.js']);
  });

  it('changes the template alone when the machine type changes', () => {
    const bigger = { ...dev, origin: { ...dev.origin, machineType: 'n2d-standard-4' } };
    expect(changed(synthEnvironment(bigger))).toEqual(['origins/group/vm/template']);
  });

  it('holds no path of this machine', () => {
    const found: string[] = [];
    eachText(base, (text) => text.includes(process.cwd()) && found.push(text));
    expect(found).toEqual([]);
    expect(at(base, 'terraform.backend')).toEqual({
      gcs: { bucket: 'srs-live-ops-terraform-state', prefix: 'environments/dev' },
    });
  });

  it('names the one version of the provider it was written for, and the oldest Terraform it needs', () => {
    const { version } = JSON.parse(readFileSync('node_modules/@cdktf/provider-google/package.json', 'utf8'));
    expect(version).toBe('16.12.1');
    expect(at(base, 'terraform.required_providers')).toEqual({ google: { source: 'google', version: '6.50.0' } });
    expect(at(base, 'terraform.required_version')).toBe('>= 1.5.0');
  });

  it('has the variables of each function’s contract', () => {
    const functions = resourcesOf(base, /^google_cloudfunctions2_function$/);
    const variables = at(
      functions.find(({ path }) => path === 'functions/api/function'),
      'attributes.service_config',
    );
    const required = Object.entries(api.env.shape).filter(([, schema]) => !schema.isOptional());
    expect(Object.keys(Object(at(variables, 'environment_variables'))).sort()).toEqual(
      [...required.map(([key]) => key), 'CHAT'].sort(),
    );
  });

  it('has nothing of a chat unless it has instances for one', () => {
    const off = { ...dev, chat: { maxInstances: 0 } };
    const ofChat = (json: TerraformJson) => resourcesOf(json).filter(({ path }) => /chat/i.test(path));
    expect(ofChat(synthEnvironment(off))).toEqual([]);
    expect(JSON.stringify(synthEnvironment(off))).not.toMatch(/chat/i);
    expect(changed(synthEnvironment(off))).toEqual(
      expect.arrayContaining([
        'edge/host/chat',
        'edge/host/routes',
        'functions/api/function',
        'functions/chat/function',
      ]),
    );
    expect(changed(synthEnvironment({ ...dev, chat: { maxInstances: 3 } }))).toEqual(['functions/chat/function']);
  });

  it('leads the room of a stream to the chat, and what lies below it to the API', () => {
    const [map] = resourcesOf(base, /^google_compute_url_map$/).filter(({ path }) => path === 'edge/host/routes');
    const [rule] = Object(at(map, 'attributes.path_matcher'))[0].route_rules;
    expect(rule).toMatchObject({ priority: 1, match_rules: [{ path_template_match: '/api/v1/streams/*/chat' }] });
  });

  it('tells the API where encoders go, with TLS and without', () => {
    const functions = resourcesOf(base, /^google_cloudfunctions2_function$/);
    const variables = at(
      functions.find(({ path }) => path === 'functions/api/function'),
      'attributes.service_config.environment_variables',
    );
    expect(at(variables, 'RTMP_SERVER')).toBe('rtmp://ingest.live.dev.example.com/live');
    const [, address = ''] =
      /^rtmps:\/\/\$\{google_certificate_manager_dns_authorization\.([\w-]+)\.domain\}\/live$/.exec(
        String(at(variables, 'RTMPS_SERVER')),
      ) ?? [];
    expect(at(base.resource, `google_certificate_manager_dns_authorization.${address}.domain`)).toBe(
      'rtmps.live.dev.example.com',
    );
    expect(at(variables, 'GRANTS_PER_STREAM')).toBe(String(dev.playback.grantsPerStream));
  });

  it('does not compile without one of them, or with one misspelt', () => {
    type Env = CloudFunctionProps<typeof srsHooks>['env'];
    const whole: Env = { FIRESTORE_DATABASE: 'd', PROJECT_ID: 'p', EVENTS_TOPIC: 'e' };
    // @ts-expect-error PROJECT_ID is missing
    const missing: Env = { FIRESTORE_DATABASE: 'd', EVENTS_TOPIC: 'e' };
    // @ts-expect-error PROJEKT_ID is none
    const misspelt: Env = { FIRESTORE_DATABASE: 'd', PROJECT_ID: 'p', EVENTS_TOPIC: 'e', PROJEKT_ID: 'p' };
    expect(srsHooks.env.safeParse(whole).success).toBe(true);
    expect(srsHooks.env.safeParse(missing).success).toBe(false);
    expect(srsHooks.env.parse(misspelt)).toEqual(whole);
  });

  it('tells the agent all it must know', () => {
    const origin = resourcesOf(base, /^google_compute_instance_template$/).find(
      ({ path }) => path === 'origins/group/vm/template',
    );
    const text = String(at(origin, 'attributes.metadata.agent-env'));
    const resolved: unknown = JSON.parse(
      text
        .replaceAll(/\$\{[^}]*uri\}/g, 'https://f.run.app')
        .replaceAll(/\$\{[^}]*email\}/g, 'api@p.iam.gserviceaccount.com')
        .replaceAll(/\$\{[^}]*\}/g, 'name'),
    );
    expect(AgentEnv.parse(resolved)).toMatchObject({
      role: 'origin',
      hooksUrl: 'https://f.run.app',
      callers: ['api@p.iam.gserviceaccount.com'],
    });
  });

  it.each(Object.values(ENVIRONMENTS))(
    'lets the control plane take nodes out of the origins’ own group only: $name',
    (input) => {
      const json = synthEnvironment(input);
      const reconcilers = resourcesOf(json, /^google_cloudfunctions2_function$/);
      const variables = at(
        reconcilers.find(({ path }) => path === 'functions/reconciler/function'),
        'attributes.service_config.environment_variables',
      );
      const known = NodeGroupPolicy.parse(JSON.parse(String(at(variables, 'NODE_GROUP'))));
      const group = resourcesOf(json, /instance_group_manager$/).find(({ path }) => path === 'origins/group/group');
      const autoscaler = only('google_compute_region_autoscaler', json);
      expect(known).toMatchObject({ name: at(group, 'attributes.name'), region: at(group, 'attributes.region') });
      expect(known).toMatchObject({ name: autoscaler.name, region: autoscaler.region });
      const { min_replicas: minNodes, metric } = Object(autoscaler.autoscaling_policy);
      expect(known).toMatchObject({ minNodes, publishersPerNode: at(metric, '0.target') });
      expect(at(metric, '0.name')).toBe(PUBLISHERS_METRIC);
    },
  );

  it('lets edges come and go by their viewers and by the bytes they send, one at a time when they go', () => {
    const edge = { ...dev.edge, minNodes: 1, maxNodes: 3, targetViewers: 200, targetEgressMegabits: 800 };
    const resources = resourcesOf(synthEnvironment({ ...dev, edge }));
    const found = (path: string) => resources.find((each) => each.path === path)?.attributes;
    const policy = at(found('origins/edge-scaling/autoscaler'), 'autoscaling_policy');
    expect(policy).toMatchObject({ mode: 'ON', min_replicas: 1, max_replicas: 3 });
    expect(at(policy, 'metric')).toEqual([
      { name: VIEWERS_METRIC, type: 'GAUGE', target: 200 },
      { name: expect.stringMatching(/sent_bytes_count$/), type: 'DELTA_PER_SECOND', target: 100_000_000 },
    ]);
    expect(at(policy, 'scale_in_control')).toMatchObject({ max_scaled_in_replicas: { fixed: 1 } });
    expect(at(found('origins/edge/group'), 'target_size')).toBeUndefined();
  });

  it('has no autoscaler of edges where the environment has none', () => {
    const paths = resourcesOf(base, /autoscaler$/).map(({ path }) => path);
    expect(paths).toEqual(['origins/scaling/autoscaler']);
  });

  it('routes each path of the cache table to its own backend, /api/ and /rtc/ to the function, /live/ to nodes', () => {
    const map = resourcesOf(base, /^google_compute_url_map$/).find(({ path }) => path === 'edge/host/routes');
    const rules: unknown[] = Object(at(map, 'attributes.path_matcher.0.route_rules'));
    const byPrefix = rules.filter((rule) => String(at(rule, 'match_rules.0.prefix_match') ?? '/') !== '/');
    expect(byPrefix.map((rule) => at(rule, 'match_rules.0.prefix_match')).sort()).toEqual(
      [...Object.values(BACKENDS).map(({ pathPrefix }) => pathPrefix), '/api/', '/rtc/', '/live/'].sort(),
    );
    expect(new Set(byPrefix.map((rule) => at(rule, 'service'))).size).toBe(5);
  });

  it('pages have a policy that allows frames of watch.html only, and media and API keep their own types', () => {
    const map = resourcesOf(base, /^google_compute_url_map$/).find(({ path }) => path === 'edge/host/routes');
    const matcher = at(map, 'attributes.path_matcher.0');
    const added = (place: unknown): Record<string, unknown> => {
      const list: unknown[] = Object(at(place, 'header_action.response_headers_to_add') ?? []);
      expect(list.filter((header) => at(header, 'replace') !== true)).toEqual([]);
      return Object.fromEntries(list.map((header) => [at(header, 'header_name'), at(header, 'header_value')]));
    };
    const rules: unknown[] = Object(at(matcher, 'route_rules'));
    expect(at(matcher, 'path_rule')).toBeUndefined();
    expect(rules.map((rule) => at(rule, 'priority'))).toEqual(rules.map((_, index) => index + 1));
    expect(added(matcher)).toEqual({
      'Strict-Transport-Security': 'max-age=63072000',
      'X-Content-Type-Options': 'nosniff',
    });
    const [watch, embed, pages] = rules.slice(-3);
    const path = (rule: unknown) => at(rule, 'match_rules.0.full_path_match') ?? at(rule, 'match_rules.0.prefix_match');
    expect([watch, embed, pages].map(path)).toEqual(['/watch.html', '/embed.html', '/']);
    expect(added(embed)).toEqual(added(watch));
    const policy = expect.stringMatching(/^default-src 'none'; script-src 'self';(?!.*frame-ancestors)/);
    expect(added(watch)).toEqual({ 'Content-Security-Policy': policy, 'Referrer-Policy': 'no-referrer' });
    expect(added(pages)).toEqual({
      'Content-Security-Policy': expect.stringMatching(/^default-src 'none'; .*; frame-ancestors 'none'$/),
      'Referrer-Policy': 'no-referrer',
      'X-Frame-Options': 'DENY',
    });
    expect(rules.slice(0, -3).map(added)).toEqual(rules.slice(0, -3).map(() => ({})));
  });

  it('has as many backend buckets as a new project’s quota allows, and the pages in the open one', () => {
    const backends = resourcesOf(base, /^google_compute_backend_bucket$/);
    expect(backends.map(({ attributes }) => attributes.name).sort()).toEqual([
      'srs-live-dev-gated-playlists',
      'srs-live-dev-gated-segments',
      'srs-live-dev-open',
    ]);
    const open = backends.find(({ attributes }) => attributes.name === 'srs-live-dev-open');
    const map = resourcesOf(base, /^google_compute_url_map$/).find(({ path }) => path === 'edge/host/routes');
    expect(map?.attributes.default_service).toBe(reference(`${open?.address}.id`));
    const pages = resourcesOf(base, /^google_storage_bucket_object$/).filter(({ path }) => path.startsWith('pages/'));
    expect(pages.map(({ attributes }) => attributes.bucket)).toEqual(pages.map(() => open?.attributes.bucket_name));
  });

  it('has an edge policy exactly when somebody may not watch', () => {
    const policies = (json: TerraformJson) =>
      resourcesOf(json, /security_policy$/).map(({ attributes }) => attributes.type);
    expect(policies(base)).toEqual(['CLOUD_ARMOR']);
    const denied = { ...dev, playback: { ...dev.playback, deniedCountries: ['KP'] } };
    expect(policies(synthEnvironment(denied)).sort()).toEqual(['CLOUD_ARMOR', 'CLOUD_ARMOR', 'CLOUD_ARMOR_EDGE']);
  });

  it('has one trigger, on the ingest bucket, that tries again', () => {
    const triggers = resourcesOf(base, /^google_cloudfunctions2_function$/).flatMap(
      ({ attributes }) => attributes.event_trigger ?? [],
    );
    expect(triggers).toHaveLength(1);
    expect(at(triggers[0], 'retry_policy')).toBe('RETRY_POLICY_RETRY');
    expect(at(triggers[0], 'event_filters.0.value')).toMatch(/google_storage_bucket\.media_ingest_bucket_\w+\.name/);
  });

  it('keeps what prod holds', () => {
    const prod = synthEnvironment(ENVIRONMENTS.prod);
    const buckets = resourcesOf(prod, /^google_storage_bucket$/);
    expect(buckets.map(({ attributes }) => attributes.force_destroy)).toEqual([false, false, false]);
    expect(only('google_firestore_database', prod).delete_protection_state).toBe('DELETE_PROTECTION_ENABLED');
    expect(only('google_firestore_database').deletion_policy).toBe('DELETE');
  });
});

describe('a resource that cannot be restored', () => {
  const KEPT =
    /^google_(storage_bucket|firestore_database|compute_(global_)?address|secret_manager_secret|bigquery_table)$/;
  const refusing = (json: TerraformJson): string[] =>
    resourcesOf(json).flatMap(({ type, path, attributes }) =>
      at(attributes, 'lifecycle.prevent_destroy') === true ? [`${type} ${path}`] : [],
    );

  it('lets no plan of prod destroy it: media, database, reports, keys, addresses', () => {
    const prod = synthEnvironment(ENVIRONMENTS.prod);
    const wanted = resourcesOf(prod, KEPT).map(({ type, path }) => `${type} ${path}`);
    expect(wanted.length).toBeGreaterThan(10);
    expect(refusing(prod).sort()).toEqual(wanted.sort());
    const secrets = refusing(synthBootstrap()).filter((one) => one.startsWith('google_secret_manager_secret'));
    expect(secrets.filter((one) => one.includes(' prod/'))).toHaveLength(5);
    expect(secrets.filter((one) => one.includes(' dev/'))).toEqual([]);
  });

  it('goes with dev, which is destroyed and comes back', () => {
    expect(refusing(base)).toEqual([]);
  });

  it('bootstrap has what must exist before an environment: blocked names, slow grants, and values', () => {
    const early =
      /^google_(project_iam_custom_role|secret_manager_secret|logging_metric|artifact_registry_repository|project_service)$/;
    expect(resourcesOf(base, early)).toEqual([]);
    const types = new Set(resourcesOf(synthBootstrap(), early).map(({ type }) => type));
    expect(types.size).toBe(5);
  });
});

describe('bootstrap', () => {
  const json = synthBootstrap();

  it('names no project for its quota: in an empty project nothing is on yet', () => {
    expect(at(json.provider, 'google.0')).toEqual({ project: 'srs-live-ops', region: 'europe-west1' });
    expect(at(base.provider, 'google.0')).toMatchObject({
      user_project_override: true,
      billing_project: 'srs-live-dev',
    });
  });

  it('switches on what preflight and a deploy call, in the project of the states too', () => {
    const on = (project: string) =>
      resourcesOf(json, /^google_project_service$/).flatMap(({ attributes }) =>
        attributes.project === project ? [String(attributes.service).replace('.googleapis.com', '')] : [],
      );
    expect(on('srs-live-dev')).toEqual(
      expect.arrayContaining(['cloudbilling', 'serviceusage', 'orgpolicy', 'cloudresourcemanager']),
    );
    expect(on('srs-live-ops')).toEqual(expect.arrayContaining(['cloudresourcemanager', 'serviceusage', 'iam']));
  });
});

describe('infra', () => {
  const files = execFileSync('git', ['ls-files', '-co', '--exclude-standard', 'infra/**/*.ts', 'infra/*.ts'], {
    encoding: 'utf8',
  })
    .split('\n')
    .filter(Boolean);

  it.each(files)('%s imports the provider piece by piece: its index alone takes a second and 400 MB', (file) => {
    expect(readFileSync(file, 'utf8')).not.toMatch(/from '@cdktf\/provider-google(\/lib)?'/);
  });

  it('has an app of at most 40 lines', () => {
    expect(readFileSync('infra/main.ts', 'utf8').split('\n').length).toBeLessThanOrEqual(41);
  });
});
