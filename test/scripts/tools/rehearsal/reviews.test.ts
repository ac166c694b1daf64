import { type Fields, fieldsOf } from '../../../../scripts/tools/rehearsal/google/json';
import { RULES, reviewed } from '../../../../scripts/tools/rehearsal/google/rules';
import { COMPUTE, Google, PROJECT } from './google';

const REGISTRY = `artifactregistry.googleapis.com/v1/projects/${PROJECT}/locations/europe-west1/repositories`;
const REVIEWS = RULES.filter(({ review }) => review !== undefined).map(({ name }) => name);

const repository = (google: Google, body: Fields): unknown =>
  google.ask('POST', REGISTRY, { query: { repositoryId: 'r' }, body });
const machines = (google: Google, properties: Fields): unknown =>
  google.ask('POST', `${COMPUTE}/global/instanceTemplates`, { body: { name: 'node', properties } });
const compute = (google: Google, collection: string, body: Fields): unknown =>
  google.ask('POST', `${COMPUTE}/${collection}`, { body: { name: 'one', ...body } });

const KEEP = { keep: { action: 'KEEP', mostRecentVersions: { keepCount: 5 } } };
const GROUPS = 'regions/europe-west1/instanceGroupManagers';
const ADDRESS = { networkInterfaces: [{ subnetwork: 'regions/europe-west1/subnetworks/one', accessConfigs: [{}] }] };
const IMAGE = `europe-west1-docker.pkg.dev/${PROJECT}/images/node:1`;
const ssh = { sourceRanges: ['35.235.240.0/20'], targetTags: ['node'] };

/** Resources as nobody wants them, and the same put right. */
const CASES: Readonly<
  Record<string, readonly [wrong: (google: Google) => unknown, right: (google: Google) => unknown]>
> = {
  'cleanups-delete': [
    (google) => repository(google, { cleanupPolicies: KEEP }),
    (google) => repository(google, { cleanupPolicies: { ...KEEP, old: { action: 'DELETE' } } }),
  ],
  'bases-are-ours': [(google) => repository(google, {}), (google) => repository(google, { mode: 'REMOTE_REPOSITORY' })],
  'edge-policies-decide': [
    (google) => compute(google, 'global/securityPolicies', { type: 'CLOUD_ARMOR_EDGE', rules: [{ action: 'allow' }] }),
    (google) =>
      compute(google, 'global/securityPolicies', {
        type: 'CLOUD_ARMOR_EDGE',
        rules: [{ action: 'deny(403)' }, { action: 'allow' }],
      }),
  ],
  'repairs-take-today': [
    (google) => compute(google, GROUPS, {}),
    (google) => compute(google, GROUPS, { instanceLifecyclePolicy: { forceUpdateOnRepair: 'YES' } }),
  ],
  'nat-serves-somebody': [
    (google) => [machines(google, ADDRESS), compute(google, 'regions/europe-west1/routers', { nats: [{}] })],
    (google) => [
      machines(google, { networkInterfaces: [{}] }),
      compute(google, 'regions/europe-west1/routers', { nats: [{}] }),
    ],
  ],
  'machines-are-reached': [
    (google) => machines(google, { tags: { items: ['node'] } }),
    (google) => [machines(google, { tags: { items: ['node'] } }), compute(google, 'global/firewalls', ssh)],
  ],
  'packets-are-logged': [
    (google) => [machines(google, ADDRESS), compute(google, 'regions/europe-west1/subnetworks', {})],
    (google) => [
      machines(google, ADDRESS),
      compute(google, 'regions/europe-west1/subnetworks', { logConfig: { enable: true } }),
    ],
  ],
  'answers-ipv6': [
    (google) => compute(google, 'global/forwardingRules', { target: 'web', IPAddress: '192.0.2.1' }),
    (google) => [
      compute(google, 'global/forwardingRules', { target: 'web', IPAddress: '192.0.2.1' }),
      compute(google, 'global/forwardingRules', { name: 'six', target: 'web', IPAddress: '2001:db8::1' }),
    ],
  ],
  'images-by-digest': [
    (google) => machines(google, { metadata: { items: [{ key: 'user-data', value: `run ${IMAGE}` }] } }),
    (google) =>
      machines(google, {
        metadata: { items: [{ key: 'user-data', value: `run ${IMAGE}@sha256:${'a'.repeat(64)}` }] },
      }),
  ],
  'scanners-are-seen': [
    (google) => compute(google, 'global/securityPolicies', { rules: [{ action: 'allow' }] }),
    (google) => compute(google, 'global/securityPolicies', { rules: [{ action: 'deny(403)', preview: true }] }),
  ],
};

const foundBy = (name: string, make: (google: Google) => unknown): readonly string[] => {
  const google = new Google();
  google.world.enable(PROJECT, 'artifactregistry');
  make(google);
  return reviewed(
    RULES.filter((rule) => rule.name === name),
    google.world,
    PROJECT,
  );
};

describe('the review of a deploy', () => {
  it.each(Object.entries(CASES))('is told by %s where Google took what nobody wants', (name, [wrong]) => {
    expect(foundBy(name, wrong)).toEqual([expect.stringMatching(new RegExp(`^${name}: \\S`))]);
  });

  it.each(Object.entries(CASES))('passes %s where it was put right', (name, [, right]) => {
    expect(foundBy(name, right)).toEqual([]);
  });

  it('has a case here for every rule', () => {
    expect(REVIEWS.filter((name) => CASES[name] === undefined)).toEqual([]);
    expect(Object.keys(fieldsOf(CASES)).filter((name) => !REVIEWS.includes(name))).toEqual([]);
  });
});
