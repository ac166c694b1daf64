import { GoogleProvider } from '@cdktf/provider-google/lib/provider';
import { TerraformStack } from 'cdktf';
import { platform } from '../../infra/config/platform';
import { EnvironmentConfig, type EnvironmentInput, homeOf } from '../../infra/config/schema';
import { SecurityPolicies, type SecurityPoliciesProps } from '../../infra/constructs/network/security-policies';
import { Names } from '../../infra/names';
import { BootstrapStack } from '../../infra/stacks/bootstrap-stack';
import {
  type Attributes,
  at,
  ENVIRONMENTS,
  resourcesOf,
  synth,
  synthEnvironment,
  type TerraformJson,
} from '../support/synth';

/** The effect of an environment's data on its resources. */
const { dev } = ENVIRONMENTS;
const base = synthEnvironment(dev);
const found = (json: TerraformJson, type: string, path: string): Attributes =>
  resourcesOf(json, new RegExp(`^${type}$`)).find((one) => one.path === path)?.attributes ?? {};

/**
 * Paths of the resources that are not the same in both. Alerts and dashboards have their thresholds from the data, and
 * hold nothing.
 */
function changed(change: Partial<EnvironmentInput>): string[] {
  const [before, after] = [base, synthEnvironment({ ...dev, ...change })].map(
    (json) => new Map(resourcesOf(json).map(({ path, attributes }) => [path, JSON.stringify(attributes)])),
  );
  const paths = [...new Set([...(before?.keys() ?? []), ...(after?.keys() ?? [])])];
  return paths.filter((path) => !path.startsWith('observability/') && before?.get(path) !== after?.get(path)).sort();
}

/** `action match` of each rule but the last, by priority. */
const rulesOf = (policy: Attributes): string[] =>
  Object.values<unknown>(Object(policy.rule))
    .map((rule) => ({
      priority: Number(at(rule, 'priority')),
      text: `${at(rule, 'action')} ${at(rule, 'match.expr.expression') ?? Object.values(Object(at(rule, 'match.config.src_ip_ranges'))).join(',')}`,
    }))
    .sort((a, b) => a.priority - b.priority)
    .map(({ text }) => text);

describe('the audience of an environment', () => {
  const everybody = {
    onlyCountries: [],
    deniedCountries: [],
    deniedRanges: [],
    requestsPerMinute: 60,
    wafPreview: false,
  };
  const place = { names: new Names('dev', dev.projectId), projectId: dev.projectId, region: homeOf(dev) };

  const protectedBy = (playback: Partial<SecurityPoliciesProps>) =>
    synth((app) => {
      const stack = new TerraformStack(app, 'protected');
      new GoogleProvider(stack, 'google', {});
      new SecurityPolicies(stack, 'policies', { ...place, ...everybody, ...playback });
      return stack;
    });

  /** Rules of the policy `viewers` or `api`. */
  const rules = (policy: string, playback: Partial<SecurityPoliciesProps>): string[] =>
    rulesOf(found(protectedBy(playback), 'google_compute_security_policy', `policies/${policy}`));

  it('is everybody, without a policy that costs money and does nothing', () => {
    expect(resourcesOf(protectedBy({}), /security_policy$/).map(({ path }) => path)).toEqual(['policies/api']);
  });

  it('is everybody but the denied, at most five countries and ten networks a rule', () => {
    const deniedRanges = Array.from({ length: 12 }, (_, index) => `192.0.${index}.0/24`);
    expect(rules('viewers', { deniedRanges, deniedCountries: ['DE', 'FR', 'IT', 'ES', 'PT', 'NL'] })).toEqual([
      `deny(403) ${deniedRanges.slice(0, 10)}`,
      `deny(403) ${deniedRanges.slice(10)}`,
      ["deny(403) origin.region_code == 'DE'", "'FR'", "'IT'", "'ES'", "'PT'"].join(' || origin.region_code == '),
      "deny(403) origin.region_code == 'NL'",
      'allow *',
    ]);
  });

  it('is nobody outside the listed countries', () => {
    expect(rules('viewers', { onlyCountries: ['DE'] })).toEqual(["allow origin.region_code == 'DE'", 'deny(403) *']);
  });

  it('is the same at the nodes, where no edge policy stands, and limited in requests', () => {
    expect(rules('nodes', { onlyCountries: ['DE', 'FR'], deniedRanges: ['192.0.2.0/24'] })).toEqual([
      'deny(403) 192.0.2.0/24',
      "deny(403) !origin.region_code.matches('^(DE|FR)$')",
      'throttle *',
      'allow *',
    ]);
    expect(rules('nodes', { deniedCountries: ['KP'] })).toEqual([
      "deny(403) origin.region_code == 'KP'",
      'throttle *',
      'allow *',
    ]);
  });

  it('keeps denied networks from the API too, but no countries', () => {
    const expected = ['deny(403) 192.0.2.0/24', 'throttle *', 'allow *'];
    expect(rules('api', { deniedRanges: ['192.0.2.0/24'], deniedCountries: ['DE'] })).toEqual(expected);
  });
});

describe('a change that looks small', () => {
  it.each<[string, Partial<EnvironmentInput>, string[]]>([
    [
      'another machine type of origins',
      { origin: { ...dev.origin, machineType: 'n2d-standard-4' } },
      ['origins/group/vm/template'],
    ],
    ['more origins', { origin: { ...dev.origin, maxNodes: 9 } }, ['origins/scaling/autoscaler']],
    [
      'edges, which origins push to',
      { edge: { ...dev.edge, minNodes: 1, maxNodes: 3 } },
      ['network/open-edge-push', 'origins/edge-scaling/autoscaler', 'origins/edge/group', 'origins/edge/vm/template'],
    ],
    ['another machine type of TURN servers', { turn: { ...dev.turn, machineType: 'e2-medium' } }, ['turn/vm/template']],
    ['another budget', { budget: { ...dev.budget, amount: 200 } }, ['events/cost/budget']],
    ['another limit of requests', { api: { ...dev.api, requestsPerMinute: 60 } }, ['edge/policies/api']],
    [
      'another sample of logs',
      { logs: { ...dev.logs, cdnSample: 0.5 } },
      ['edge/live/live', 'edge/live/low-latency', 'edge/logs/served'],
    ],
    ['another retention of segments', { unrecordedDays: 2 }, ['media/gated/bucket', 'media/open/bucket']],
  ])('touches its own resources only: %s', (_what, change, paths) => {
    expect(changed(change)).toEqual(paths);
  });

  it('never names a bucket, the database or an address again: they would be replaced', () => {
    const names = (json: TerraformJson): string[] =>
      resourcesOf(json, /^google_(storage_bucket|firestore_database|compute_(global_)?address)$/).map(
        ({ path, attributes }) =>
          [path, attributes.name, attributes.location ?? attributes.location_id ?? attributes.region].join(' '),
      );
    const everything = synthEnvironment({
      ...dev,
      destroyable: false,
      nightsOff: undefined,
      backupDays: 7,
      origin: { ...dev.origin, machineType: 'n2d-standard-4', maxNodes: 5 },
      playerOrigins: ['https://example.com'],
      abandonedIngestDays: 9,
      unrecordedDays: 3,
    });
    expect(names(everything)).toEqual(names(base));
  });
});

describe('TURN servers', () => {
  const servers = (count: number) =>
    synthEnvironment({
      ...dev,
      zones: ['europe-west1-b', 'europe-west1-c'],
      origin: { ...dev.origin, surge: 2 },
      turn: { ...dev.turn, servers: count },
    });

  it('stand in different zones, each with an address and a name of its own', () => {
    const json = servers(3);
    const vms = resourcesOf(json, /^google_compute_instance_from_template$/);
    expect(vms.map(({ attributes }) => attributes.zone)).toEqual([
      'europe-west1-b',
      'europe-west1-c',
      'europe-west1-b',
    ]);
    const addresses = vms.map(({ attributes }) => at(attributes, 'network_interface.0.access_config.0.nat_ip'));
    expect(new Set(addresses).size).toBe(3);
    const hosts = resourcesOf(json, /^google_dns_record_set$/).filter(({ path }) => path.startsWith('turn/'));
    expect(hosts.map(({ attributes }) => attributes.name)).toEqual(
      [1, 2, 3].map((number) => `turn-${number}.live.dev.example.com.`),
    );
  });

  it('open exactly their relay range', () => {
    const json = synthEnvironment({ ...dev, turn: { ...dev.turn, relayPorts: { first: 50_000, last: 50_999 } } });
    expect(found(json, 'google_compute_firewall', 'network/open-turn').allow).toEqual([
      { protocol: 'tcp', ports: ['3478', '443'] },
      { protocol: 'udp', ports: ['3478', '50000-50999'] },
    ]);
  });

  it('are told to the API', () => {
    const environment = at(
      found(servers(2), 'google_cloudfunctions2_function', 'functions/api/function'),
      'service_config.environment_variables.TURN_URLS',
    );
    expect(JSON.parse(String(environment))).toHaveLength(6);
  });

  it('leave nothing where there are none', () => {
    expect(resourcesOf(servers(0)).filter(({ path }) => path.startsWith('turn/'))).toEqual([]);
  });
});

describe('an environment with optional features', () => {
  const pathsOf = (input: EnvironmentInput, type: RegExp): string[] =>
    resourcesOf(synthEnvironment(input), type).map(({ path }) => path);

  it('answers on IPv6 at both global load balancers', () => {
    const rules = pathsOf({ ...dev, ipv6: true }, /global_forwarding_rule$/);
    expect(rules.filter((path) => path.endsWith('-ipv6')).sort()).toEqual([
      'edge/host/http-ipv6',
      'edge/host/https-ipv6',
      'rtmps/rtmps-ipv6',
    ]);
    const records = resourcesOf(synthEnvironment({ ...dev, ipv6: true }), /dns_record_set$/);
    expect(
      records.filter(({ attributes }) => attributes.type === 'AAAA').map(({ attributes }) => attributes.name),
    ).toHaveLength(2);
    expect(pathsOf(dev, /global_forwarding_rule$/).filter((path) => path.endsWith('-ipv6'))).toEqual([]);
  });

  it('looks at requests of the API by Google’s own rules, and refuses none by them', () => {
    const json = synthEnvironment({ ...dev, api: { ...dev.api, wafPreview: true } });
    const rules: unknown[] = Object(found(json, 'google_compute_security_policy', 'edge/policies/api').rule);
    const waf = rules.filter((rule) => String(at(rule, 'match.expr.expression')).includes('evaluatePreconfiguredWaf'));
    expect(waf.map((rule) => at(rule, 'preview'))).toEqual([true, true, true, true]);
  });

  it('is encrypted by a key of its own, wherever it keeps data', () => {
    const encryptionKey = 'projects/keys/locations/europe-west1/keyRings/live/cryptoKeys/dev';
    const json = synthEnvironment({ ...dev, encryptionKey });
    const kept = resourcesOf(
      json,
      /^google_(storage_bucket|firestore_database|pubsub_topic|bigquery_dataset|compute_instance_template)$/,
    );
    expect(
      kept.filter(({ attributes }) => !JSON.stringify(attributes).includes(encryptionKey)).map(({ path }) => path),
    ).toEqual([]);
  });

  it('pulls its images by digest, where the configuration knows it', () => {
    const imageDigest = `sha256:${'0123456789abcdef'.repeat(4)}`;
    const json = synthEnvironment({ ...dev, origin: { ...dev.origin, imageDigest } });
    const userData = String(
      at(found(json, 'google_compute_instance_template', 'origins/group/vm/template'), 'metadata.user-data'),
    );
    expect(userData).toContain(`/node:${dev.origin.imageTag}@${imageDigest}`);
  });

  it('stops its nodes by the clock, through Google’s own API, and starts them again', () => {
    const jobs = resourcesOf(base, /scheduler_job$/).filter(({ path }) => path.startsWith('nights/'));
    expect(
      jobs.map(({ attributes }) => `${attributes.name} ${attributes.schedule} ${attributes.time_zone}`).sort(),
    ).toEqual([
      'srs-live-dev-night 2 20 * * * Europe/Berlin',
      'srs-live-dev-night-begins 0 20 * * * Europe/Berlin',
      'srs-live-dev-night-ends 0 8 * * 1-5 Europe/Berlin',
    ]);
    const [body] = jobs.flatMap(({ attributes }) => at(attributes, 'http_target.body') ?? []);
    expect(JSON.parse(Buffer.from(String(body), 'base64').toString())).toHaveProperty('autoscalingPolicy.mode');
  });

  it('has disks that its machines take', () => {
    const disk = (machineType: string) =>
      at(
        found(
          synthEnvironment({ ...dev, origin: { ...dev.origin, machineType } }),
          'google_compute_instance_template',
          'origins/group/vm/template',
        ),
        'disk.0.disk_type',
      );
    expect([disk('n2d-standard-2'), disk('n4-standard-2')]).toEqual(['pd-balanced', 'hyperdisk-balanced']);
  });

  it('has the alerts that were asked for', () => {
    const count = (alerts: 'none' | 'critical' | 'all') =>
      pathsOf({ ...dev, observability: { ...dev.observability, alerts } }, /alert_policy$/).length;
    expect(count('none')).toBe(0);
    expect(count('critical')).toBeGreaterThan(5);
    expect(count('all')).toBeGreaterThan(2 * count('critical'));
  });
});

describe('the images', () => {
  const bootstrap = (repository?: { uri: string; ref: string }): TerraformJson =>
    synth(
      (app) =>
        new BootstrapStack(app, 'bootstrap', {
          platform: { ...platform, repository },
          environments: [EnvironmentConfig.parse(dev)],
        }),
    );

  const plain = bootstrap();

  it('have a registry whose tags never move', () => {
    const registry = found(plain, 'google_artifact_registry_repository', 'dev/images/repository');
    expect(at(registry, 'docker_config.immutable_tags')).toBe(true);
  });

  it('are built of bases that come by a copy of Docker Hub of their own, which their builder alone reads', () => {
    const hub = found(plain, 'google_artifact_registry_repository', 'dev/images/hub');
    expect(hub).toMatchObject({ mode: 'REMOTE_REPOSITORY', format: 'DOCKER' });
    expect(at(hub, 'remote_repository_config.docker_repository.public_repository')).toBe('DOCKER_HUB');
    const reader = found(plain, 'google_artifact_registry_repository_iam_member', 'dev/images/hub-reader');
    expect(reader).toMatchObject({ role: 'roles/artifactregistry.reader' });
    expect(String(reader.member)).toMatch(/dev_images_builder_/);
  });

  it('are built by hand from a working copy, or by a trigger where the project lies', () => {
    const from = { uri: 'https://github.com/example/srs-live', ref: 'refs/heads/main' };
    expect(resourcesOf(plain, /trigger/)).toEqual([]);
    const trigger = found(bootstrap(from), 'google_cloudbuild_trigger', 'dev/images/trigger');
    expect(trigger.source_to_build).toEqual({ ...from, repo_type: 'GITHUB' });
    expect(String(trigger.service_account)).toMatch(/^\$\{google_service_account\.dev_images_builder_/);
  });

  it('are where nodes look for them', () => {
    const repository = found(plain, 'google_artifact_registry_repository', 'dev/images/repository').repository_id;
    const userData = String(
      at(found(base, 'google_compute_instance_template', 'origins/group/vm/template'), 'metadata.user-data'),
    );
    expect(userData).toContain(`europe-west1-docker.pkg.dev/srs-live-dev/${repository}/node:${dev.origin.imageTag}`);
  });
});
