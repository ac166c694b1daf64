import { api, hlsPublisher } from '../../../functions/contract/env/functions';
import { EnvironmentConfig } from '../../../infra/config/schema';
import { at, ENVIRONMENTS, resourcesOf, synthEnvironment, type TerraformJson, TWO_REGIONS } from '../../support/synth';

const { dev, prod } = ENVIRONMENTS;
const one = synthEnvironment({ ...dev, nightsOff: undefined });
const two = synthEnvironment(TWO_REGIONS);
const [HOME, SECOND] = TWO_REGIONS.regions;

const attributesOf = (stack: TerraformJson, type: string) =>
  resourcesOf(stack, new RegExp(`^${type}$`)).map(({ attributes }) => attributes);
const namesOf = (stack: TerraformJson, type: string) => attributesOf(stack, type).map(({ name }) => name);
const variables = (entry: string) =>
  attributesOf(two, 'google_cloudfunctions2_function')
    .filter((attributes) => at(attributes, 'build_config.entry_point') === entry)
    .map((attributes) => ({
      location: attributes.location,
      env: Object(at(attributes, 'service_config.environment_variables')),
      account: at(attributes, 'service_config.service_account_email'),
    }));

describe('an environment with two regions', () => {
  it('has in each nodes that take publishers, their ingest, and functions, at one account each', () => {
    for (const type of [
      'google_compute_region_instance_group_manager',
      'google_compute_region_autoscaler',
      'google_compute_region_backend_service',
      'google_vpc_access_connector',
    ])
      expect([type, new Set(attributesOf(two, type).map(({ region }) => region))]).toEqual([
        type,
        new Set([HOME, SECOND]),
      ]);
    for (const entry of ['api', 'srs-hooks', 'hls-publisher', 'reconciler']) {
      const copies = variables(entry);
      expect([entry, copies.map(({ location }) => location)]).toEqual([entry, [HOME, SECOND]]);
      expect(new Set(copies.map(({ account }) => account)).size).toBe(1);
    }
  });

  it('has a relay for blocked networks in each region, with a name and a zone of its own', () => {
    const hosts = namesOf(two, 'google_dns_record_set').filter((name) => String(name).startsWith('turn-'));
    expect(hosts.sort()).toEqual([`turn-1-b.${dev.domain}.`, `turn-1.${dev.domain}.`]);
    expect(
      attributesOf(two, 'google_compute_instance_from_template')
        .map(({ zone }) => zone)
        .sort(),
    ).toEqual(['europe-west1-b', 'europe-west4-a']);
    expect(JSON.stringify(variables('api').map(({ env }) => env.TURN_URLS))).toContain('turn-1-b.');
  });

  it('keeps media in a bucket of both regions, and the database in several', () => {
    const media = attributesOf(two, 'google_storage_bucket');
    expect(media).toHaveLength(3);
    for (const bucket of media) {
      expect(bucket).toMatchObject({ location: 'EU', rpo: 'ASYNC_TURBO' });
      expect(bucket.custom_placement_config).toEqual({ data_locations: ['EUROPE-WEST1', 'EUROPE-WEST4'] });
    }
    expect(attributesOf(two, 'google_firestore_database')).toEqual([expect.objectContaining({ location_id: 'eur3' })]);
    for (const topic of attributesOf(two, 'google_pubsub_topic'))
      expect(at(topic, 'message_storage_policy.allowed_persistence_regions')).toEqual([HOME, SECOND]);
  });

  it('boots nodes of either region from a registry that outlives one', () => {
    const templates = resourcesOf(two, /^google_compute_instance_template$/);
    expect(templates).toHaveLength(6);
    for (const { attributes } of templates) expect(JSON.stringify(attributes)).toContain('europe-docker.pkg.dev/');
  });

  it('takes events of its bucket at the location of the bucket, and acts in the second region after the first', () => {
    const triggers = attributesOf(two, 'google_cloudfunctions2_function').map((attributes) =>
      at(attributes, 'event_trigger.trigger_region'),
    );
    expect(triggers.filter((region) => region !== undefined)).toEqual(['eu', 'eu']);
    const [first, second] = variables('hls-publisher').map(({ env }) =>
      hlsPublisher.env.shape.STANDBY_SECONDS.parse(env.STANDBY_SECONDS),
    );
    expect([first, second]).toEqual([0, 2]);
  });

  it('answers for the API from the nearer region, and leaves one that fails', () => {
    const [service] = attributesOf(two, 'google_compute_backend_service').filter(
      ({ name }) => name === 'srs-live-dev-api',
    );
    expect(at(service, 'backend.1.group')).toBeDefined();
    expect(at(service, 'outlier_detection.consecutive_errors')).toBe(5);
    const endpoints = attributesOf(two, 'google_compute_region_network_endpoint_group');
    const ofApi = endpoints.filter(({ name }) => String(name).startsWith('srs-live-dev-api'));
    expect(ofApi.map(({ region }) => region).sort()).toEqual([HOME, SECOND]);
  });

  it('steers the name of the ingest by distance and health, and names each region', () => {
    const records = attributesOf(two, 'google_dns_record_set').filter(({ name }) => String(name).startsWith('ingest'));
    expect(records.map(({ name }) => name).sort()).toEqual([
      `ingest-a.${dev.domain}.`,
      `ingest-b.${dev.domain}.`,
      `ingest.${dev.domain}.`,
    ]);
    const steered = records.find(({ name }) => name === `ingest.${dev.domain}.`);
    expect(at(steered, 'routing_policy.geo.0.location')).toBe(HOME);
    expect(at(steered, 'routing_policy.geo.1.location')).toBe(SECOND);
    expect(at(steered, 'routing_policy.health_check')).toMatch(/google_compute_health_check/);
    expect(at(steered, 'routing_policy.geo.1.health_checked_targets.external_endpoints')).toHaveLength(1);
  });

  it('tells the API of each region both ingests, its own first', () => {
    const told = variables('api').map(({ env }) => api.env.shape.INGESTS.parse(env.INGESTS));
    const a = { region: HOME, server: `rtmp://ingest-a.${dev.domain}/live` };
    const b = { region: SECOND, server: `rtmp://ingest-b.${dev.domain}/live` };
    expect(told).toEqual([
      [a, b],
      [b, a],
    ]);
  });

  it('has nodes that call the functions of their own region', () => {
    const hooks = resourcesOf(two, /^google_compute_instance_template$/)
      .filter(({ attributes }) => String(attributes.name_prefix).includes('-origin-'))
      .map(({ attributes }) => JSON.parse(String(at(attributes, 'metadata.agent-env'))))
      .map(({ region, hooksUrl }) => [region, hooksUrl.includes('second')]);
    expect(hooks).toEqual([
      [HOME, false],
      [SECOND, true],
    ]);
  });

  it('has names that Google takes in every environment: a hyphen of a connector counts twice', () => {
    for (const name of ['dev', 'staging', 'prod'] as const) {
      const stack = synthEnvironment({ ...TWO_REGIONS, name, destroyable: name !== 'prod', backupDays: 7 });
      for (const connector of namesOf(stack, 'google_vpc_access_connector'))
        expect(String(connector).replaceAll('-', '--').length).toBeLessThanOrEqual(20);
    }
  });

  it('makes no name, rule or grant twice', () => {
    for (const type of Object.keys(two.resource)) {
      const names = attributesOf(two, type).flatMap(({ name, region, location }) =>
        typeof name === 'string' && type !== 'google_storage_bucket_object' ? [`${name} ${region ?? location}`] : [],
      );
      if (!/dns_record_set|iam_member/.test(type)) expect([type, new Set(names).size]).toEqual([type, names.length]);
    }
  });
});

/** Paths of one plan that are not in the other, or not the same there. */
function differences(from: TerraformJson, to: TerraformJson): string[] {
  const there = new Map(resourcesOf(to).map(({ address, attributes }) => [address, JSON.stringify(attributes)]));
  return resourcesOf(from)
    .filter(({ address, attributes }) => there.get(address) !== JSON.stringify(attributes))
    .map(({ path }) => path)
    .sort();
}

/** Traces that only a second region leaves: a name, a setting of Google's, a variable. */
const TRACES =
  /srs-live-[a-z]+-[a-z-]+-b["-]|ingest-[ab]\.|routing_policy|custom_placement|"rpo"|outlier_detection|STANDBY|INGESTS|TWO_REGIONS/;

describe('an environment with one region', () => {
  it.each(Object.entries(ENVIRONMENTS))('has no trace of a second one (%s)', (_name, environment) => {
    const stack = synthEnvironment(environment);
    expect(JSON.stringify(stack)).not.toMatch(TRACES);
    expect(resourcesOf(stack).filter(({ path }) => /(^|\/)second\/|-b\//.test(path))).toEqual([]);
  });

  it('has a plan that a second region adds to, and of which it changes what lies in both', () => {
    const gone = differences(one, two).filter((path) => !resourcesOf(two).some((each) => each.path === path));
    expect(gone).toEqual([]);
    expect(JSON.stringify(two)).toMatch(TRACES);
    expect(resourcesOf(two).length).toBeGreaterThan(resourcesOf(one).length);
  });
});

describe('the regions of an environment', () => {
  it.each<[string, object, string]>([
    ['a region twice', { regions: ['europe-west1', 'europe-west1'] }, 'must not name a region twice'],
    ['three', { regions: ['europe-west1', 'europe-west4', 'europe-north1'] }, 'use one region, or two'],
    ['two of different continents', { regions: ['europe-west1', 'us-east1'] }, 'must be one region, or two of'],
    ['two without a database in both', { regions: ['asia-east1', 'asia-south1'] }, 'must be one region, or two of'],
    ['the code of a dual-region', { regions: ['eur4'] }, 'use a region, such as europe-west1'],
    ['the code of a multi-region', { regions: ['EU', 'europe-west1'] }, 'use a region, such as europe-west1'],
    ['none', { regions: [] }, 'regions'],
    ['a second one without a zone', { zones: ['europe-west1-b'] }, 'must have at least one zone in each of regions'],
    ['a zone of a third', { zones: [...TWO_REGIONS.zones, 'us-east1-b'] }, 'must all lie in regions'],
    ['nights off', { nightsOff: dev.nightsOff }, 'must be absent with two regions'],
    [
      'a key of their own',
      { encryptionKey: 'projects/p-of-keys/locations/europe-west1/keyRings/r/cryptoKeys/k' },
      'must be absent with two regions',
    ],
    ['replication that is none', { replication: 'instant' }, 'replication'],
  ])('are refused with %s', (_name, more, why) => {
    expect(EnvironmentConfig.safeParse({ ...TWO_REGIONS, ...more }).error?.message).toContain(why);
  });

  it('take no replication where there is one', () => {
    const { error } = EnvironmentConfig.safeParse({ ...prod, replication: 'turbo' });
    expect(error?.message).toContain('must be absent with one region');
  });
});
