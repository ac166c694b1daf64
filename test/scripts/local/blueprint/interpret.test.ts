import { readFileSync } from 'node:fs';
import type { Blueprint } from '../../../../scripts/local/blueprint/blueprint';
import type { LocalAddresses } from '../../../../scripts/local/blueprint/known-after-apply';
import { interpret } from '../../../../scripts/local/blueprint/read-blueprint';

const local: LocalAddresses = {
  projectNumber: '123',
  functionUrl: (name) => `http://local/${name}`,
  publicOrigin: 'http://127.0.0.1:18080',
  rtmpServer: 'rtmp://127.0.0.1:18081/live',
};
/** One of everything the local stack reads, shaped as cdktf writes it. */
const small = readFileSync('test/fixtures/terraform/small.tf.json', 'utf8');

/** The environment, with the values at `changes` (`type.name.attribute`) set. */
const read = (changes: Readonly<Record<string, unknown>> = {}): Blueprint => {
  const json: unknown = JSON.parse(small);
  for (const [path, value] of Object.entries(changes)) {
    const keys = path.split('.');
    const target = keys
      .slice(0, -1)
      .reduce((inner, key) => Reflect.get(Object(inner), key), Reflect.get(Object(json), 'resource'));
    Reflect.set(target, keys.at(-1) ?? '', value);
  }
  return interpret(json, 'dev', local);
};
const interpolation = (inner: string): string => `\${${inner}}`;

describe('an environment as synthesised', () => {
  const blueprint = read();
  const [api, publisher] = blueprint.functions;

  it('gives functions their variables with local addresses in place of what apply would know', () => {
    expect(api?.env).toEqual({
      OPEN_BUCKET: 'demo-open',
      PUBLIC_ORIGIN: 'http://127.0.0.1:18080',
      RTMP_SERVER: 'rtmp://127.0.0.1:18081/live',
    });
    expect(api?.secrets).toEqual({ ADMIN_KEY: 'demo-admin-key' });
  });

  it('says who runs a function and who may call it', () => {
    expect([api?.serviceAccount, api?.invokers]).toEqual([
      'demo-api@demo-project.iam.gserviceaccount.com',
      ['allUsers'],
    ]);
    expect(publisher?.invokers).toEqual(['serviceAccount:demo-trigger@demo-project.iam.gserviceaccount.com']);
  });

  it('reads the storage trigger, also from blocks written as lists', () => {
    expect([publisher?.entryPoint, publisher?.timeoutSeconds, publisher?.trigger]).toEqual([
      'hls-publisher',
      30,
      {
        eventType: 'google.cloud.storage.object.v1.finalized',
        bucket: 'demo-ingest',
        serviceAccount: 'demo-trigger@demo-project.iam.gserviceaccount.com',
        retry: true,
      },
    ]);
  });

  it('reads buckets with CORS, lifecycle and who may read', () => {
    expect(blueprint.buckets).toEqual([
      { name: 'demo-ingest', cors: [], loadBalancerReads: false, grants: [] },
      {
        name: 'demo-open',
        cors: [{ origins: ['*'], methods: ['GET', 'HEAD'], responseHeaders: ['X-Cache'], maxAgeSeconds: 600 }],
        deleteDaysAfterCustomTime: 1,
        indexPage: 'index.html',
        loadBalancerReads: true,
        grants: [
          { role: 'roles/storage.legacyObjectReader', member: 'allUsers' },
          {
            role: 'roles/storage.objectUser',
            member: 'serviceAccount:demo-publisher@demo-project.iam.gserviceaccount.com',
          },
        ],
      },
    ]);
  });

  it('routes by priority, with the headers of the route and of all', () => {
    const open = { kind: 'bucket', backend: 'demo-open-playlists' };
    expect(blueprint.edge.routes).toEqual([
      { pathPrefix: '/open/api/', target: { kind: 'function', function: 'demo-api' }, responseHeaders: {} },
      { pathPrefix: '/open/', target: open, responseHeaders: {} },
      { path: '/watch.html', target: open, responseHeaders: { 'Referrer-Policy': 'no-referrer' } },
    ]);
    expect(blueprint.edge.responseHeaders).toEqual({ 'X-Content-Type-Options': 'nosniff' });
  });

  it("takes what a backend bucket leaves out as Terraform sends it: off, not the API's default", () => {
    expect(blueprint.edge.backendBuckets).toEqual([
      {
        name: 'demo-open-playlists',
        bucket: 'demo-open',
        cacheMode: 'USE_ORIGIN_HEADERS',
        negativeCaching: false,
        requestCoalescing: true,
        serveWhileStaleSeconds: 0,
        signedMaxAgeSeconds: 1,
        responseHeaders: ['X-Cache: {cdn_cache_status}'],
      },
    ]);
  });

  describe('a backend service in front of instance groups', () => {
    const withNodes = (port: number, more: object = {}) =>
      read({
        'google_compute_backend_service.live': {
          name: 'demo-live',
          port_name: 'agent',
          timeout_sec: 86_400,
          backend: [{ group: interpolation('google_compute_region_instance_group_manager.origin.instance_group') }],
          ...more,
        },
        google_compute_region_instance_group_manager: { origin: { named_port: [{ name: 'agent', port }] } },
        'google_compute_url_map.map.path_matcher.0.route_rules.1.service': interpolation(
          'google_compute_backend_service.live.id',
        ),
      }).edge.routes[0]?.target;

    it('leads to the agents of the nodes', () => {
      expect(withNodes(8086)).toEqual({ kind: 'nodes', timeoutSeconds: 86_400 });
    });

    it('has a cache in front, with the parameters that tell answers apart', () => {
      const keys = { include_host: false, include_protocol: false, include_query_string: true };
      const target = withNodes(8086, {
        cdn_policy: {
          cache_mode: 'USE_ORIGIN_HEADERS',
          request_coalescing: true,
          cache_key_policy: { ...keys, query_string_whitelist: ['_HLS_msn'] },
        },
      });
      expect(target).toMatchObject({ cache: { name: 'demo-live', requestCoalescing: true, queryKeys: ['_HLS_msn'] } });
    });

    it('is refused where no group names the port of the agent', () => {
      expect(() => withNodes(8080)).toThrow(
        "google_compute_backend_service.live: no instance group names its port 'agent' 8086",
      );
    });
  });

  it('reads topics with their subscriptions, who is pushed what, and where dead letters go', () => {
    const relay = {
      name: 'demo-relay',
      ordered: true,
      ackDeadlineSeconds: 60,
      retentionSeconds: 604_800,
      backoff: { minimumSeconds: 10, maximumSeconds: 600 },
      deadLetter: { topic: 'demo-dead', attempts: 10 },
      push: {
        endpoint: 'http://local/demo-publisher/events',
        serviceAccount: 'demo-clock@demo-project.iam.gserviceaccount.com',
        audience: 'http://local/demo-publisher',
      },
    };
    const kept = { name: 'demo-kept', ordered: false, filter: 'attributes.type = "a"' };
    expect(blueprint.topics).toEqual([
      { name: 'demo-events', subscriptions: [relay] },
      { name: 'demo-dead', subscriptions: [kept] },
    ]);
  });

  it('reads schedule, database and the node', () => {
    expect(blueprint.schedules).toEqual([
      {
        name: 'demo-clock',
        schedule: '* * * * *',
        uri: 'http://local/demo-publisher',
        method: 'POST',
        serviceAccount: 'demo-clock@demo-project.iam.gserviceaccount.com',
        audience: 'http://local/demo-publisher',
      },
    ]);
    expect(blueprint.database).toEqual({
      name: 'demo-registry',
      indexes: [
        {
          collection: 'streams',
          queryScope: 'COLLECTION',
          fields: [
            { fieldPath: 'live', order: 'ASCENDING' },
            { fieldPath: 'createdAt', order: 'DESCENDING' },
          ],
        },
      ],
      ttlFields: [{ collectionGroup: 'apiKeys', field: 'expiresAt' }],
    });
    expect(blueprint.node).toEqual({
      agentEnv: { hooksUrl: 'http://local/demo-api' },
      gateEnv: {},
      serviceAccount: 'demo-node@demo-project.iam.gserviceaccount.com',
    });
  });
});

describe('Terraform that the local stack does not read', () => {
  it('refuses a resource type nobody has decided about', () => {
    expect(() => read({ google_redis_instance: { cache: {} } })).toThrow(
      "google_redis_instance.cache: resource type 'google_redis_instance' is neither interpreted nor ignored",
    );
  });

  it.each([
    ['a function', interpolation('join("-", ["a", "b"])')],
    ['a condition', interpolation('var.prod ? 1 : 2')],
    ['a splat', interpolation('google_storage_bucket.open[*].name')],
    ['a directive', '%{ if true }x%{ endif }'],
  ])('refuses %s, naming resource and attribute', (_, expression) => {
    expect(() => read({ 'google_storage_bucket.ingest.location': expression })).toThrow(
      'google_storage_bucket.ingest.location: ',
    );
  });

  it('refuses a reference to what is not declared', () => {
    expect(() => read({ 'google_storage_bucket.ingest.location': interpolation('google_kms_key.k.id') })).toThrow(
      "google_storage_bucket.ingest.location: 'google_kms_key.k' names nothing that is declared",
    );
  });

  it('refuses a value known only after apply that is not in the table', () => {
    expect(() =>
      read({ 'google_storage_bucket.ingest.name': interpolation('google_firestore_database.registry.uid') }),
    ).toThrow(
      /^google_storage_bucket.ingest.name: .*google_firestore_database.registry.uid. is known only after apply/,
    );
  });

  it.each([
    [
      'a grant on something else than a function',
      { 'google_cloud_run_v2_service_iam_member.public.name': 'other' },
      "google_cloud_run_v2_service_iam_member.public: grants on 'other', which is no function",
    ],
    [
      'a path that is no whole prefix',
      { 'google_compute_url_map.map.path_matcher.0.route_rules.0.match_rules.0.prefix_match': '/open/x' },
      "google_compute_url_map.map.path_matcher: route '/open/x' is neither a prefix that ends with / nor a whole path",
    ],
    [
      'a load balancer in front of a function that admits internal callers only',
      { 'google_cloudfunctions2_function.api.service_config.ingress_settings': 'ALLOW_INTERNAL_ONLY' },
      "google_compute_backend_service.api: function 'demo-api' admits internal callers only",
    ],
    [
      "an agent's environment that is not JSON",
      { 'google_compute_instance_template.origin.metadata.agent-env': 'A=1' },
      'google_compute_instance_template.origin.metadata.agent-env: not a JSON object',
    ],
    [
      'a second database',
      { 'google_firestore_database.second': { name: 'second' } },
      'google_firestore_database: there are 2, the local stack takes exactly one',
    ],
    [
      'an attribute of another type',
      { 'google_firestore_database.registry.name': 5 },
      'google_firestore_database.registry.name: ',
    ],
  ])('refuses %s', (_, changes, message) => {
    expect(() => read(changes)).toThrow(message);
  });
});
