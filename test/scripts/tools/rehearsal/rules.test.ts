import { policiesOf, RULES } from '../../../../scripts/tools/rehearsal/google/rules';
import { COMPUTE, Google, PROJECT, refusalIn, type Said } from './google';

const FUNCTIONS = `cloudfunctions.googleapis.com/v2/projects/${PROJECT}/locations/europe-west1/functions`;
const ROLES = `iam.googleapis.com/v1/projects/${PROJECT}/roles`;
const SECRETS = `secretmanager.googleapis.com/v1/projects/${PROJECT}/secrets`;
const METRICS = `logging.googleapis.com/v2/projects/${PROJECT}/metrics`;
const ALERTS = `monitoring.googleapis.com/v3/projects/${PROJECT}/alertPolicies`;
const DAY = 86_400;
const UNIFORM = { iamConfiguration: { uniformBucketLevelAccess: { enabled: true } } };

type Asked = readonly [method: string, target: string, said?: Said];

/** For each rule: what makes ready, what it refuses and in which words, and what lifts it. */
interface Case {
  readonly refuses: string;
  readonly words: RegExp;
  readonly ready?: (google: Google) => void;
  readonly asked: (google: Google) => Asked;
  readonly lift?: (google: Google) => void;
}

const functionWith = (body: Record<string, unknown>): Said => ({ query: { functionId: 'f' }, body });
const builtBy = (account: string): Said =>
  functionWith({
    buildConfig: {
      serviceAccount: `projects/${PROJECT}/serviceAccounts/${account}`,
      source: { storageSource: { bucket: 'archives' } },
    },
  });
const BUILDER = `builder@${PROJECT}.iam.gserviceaccount.com`;
const alert = {
  body: { conditions: [{ conditionThreshold: { filter: 'metric.type="logging.googleapis.com/user/lost"' } }] },
};
const makeBackends = (google: Google): void => {
  for (const name of ['a', 'b', 'c']) google.ask('POST', `${COMPUTE}/global/backendBuckets`, { body: { name } });
};
const removeRole = (google: Google): void => {
  google.ask('POST', ROLES, { body: { roleId: 'keeper', role: {} } });
  google.ask('DELETE', `${ROLES}/keeper`);
};

const CASES: Readonly<Record<string, Case>> = {
  'bodies-fit': {
    refuses: 'a field that the API does not know',
    words: /Unknown name "cdnMode" at 'cdnPolicy': Cannot find field/,
    asked: () => ['POST', `${COMPUTE}/global/backendBuckets`, { body: { name: 'b', cdnPolicy: { cdnMode: 'x' } } }],
  },
  'projects-are-there': {
    refuses: 'a project nobody made',
    words: /does not have permission/,
    asked: () => ['GET', 'compute.googleapis.com/compute/v1/projects/other/global/networks'],
  },
  'services-are-on': {
    refuses: 'a call that is paid by a project where the service is off',
    words: /compute.googleapis.com has not been used in project \d+ before or it is disabled/,
    asked: () => ['POST', `${COMPUTE}/global/networks`, { body: { name: 'n' }, quotaProject: 'live-ops' }],
    lift: ({ world }) => world.enable('live-ops', 'compute'),
  },
  'somebody-pays': {
    refuses: 'a billed service in a project without a billing account',
    words: /Billing must be enabled for activation of service\(s\) 'pubsub.googleapis.com'/,
    ready: ({ world }) => world.unbilled.add(PROJECT),
    asked: () => [
      'POST',
      `serviceusage.googleapis.com/v1/projects/${PROJECT}/services:batchEnable`,
      { body: { serviceIds: ['pubsub.googleapis.com'] } },
    ],
    lift: ({ world }) => world.unbilled.clear(),
  },
  'allowed-members': {
    refuses: 'allUsers on a bucket',
    words: /do not belong to a permitted customer/,
    ready: (google) => google.bucket('open'),
    asked: () => [
      'PUT',
      'storage.googleapis.com/storage/v1/b/open/iam',
      { body: { bindings: [{ role: 'r', members: ['allUsers'] }] } },
    ],
  },
  'members-are-there': {
    refuses: "an account of Google's that did not come to life",
    words: /cloud-cdn-fill.iam.gserviceaccount.com does not exist/,
    ready: (google) => {
      google.bucket('gated');
      google.ask('POST', `${COMPUTE}/global/backendBuckets`, { body: { name: 'b' } });
    },
    asked: ({ world }) => {
      const member = `serviceAccount:service-${world.numberOf(PROJECT)}@cloud-cdn-fill.iam.gserviceaccount.com`;
      return [
        'PUT',
        'storage.googleapis.com/storage/v1/b/gated/iam',
        { body: { bindings: [{ role: 'r', members: [member] }] } },
      ];
    },
    lift: (google) =>
      google.ask('POST', `${COMPUTE}/global/backendBuckets/b/addSignedUrlKey`, { body: { keyName: 'k' } }),
  },
  'buckets-are-uniform': {
    refuses: 'a bucket with access lists',
    words: /constraints\/storage.uniformBucketLevelAccess/,
    asked: () => ['POST', 'storage.googleapis.com/storage/v1/b', { query: { project: PROJECT }, body: { name: 'b' } }],
  },
  'buckets-are-private': {
    refuses: 'a bucket that may become public',
    words: /constraints\/storage.publicAccessPrevention/,
    asked: () => [
      'POST',
      'storage.googleapis.com/storage/v1/b',
      { query: { project: PROJECT }, body: { name: 'b', ...UNIFORM } },
    ],
  },
  'soft-delete-is-kept': {
    refuses: 'a bucket that keeps nothing of what is deleted',
    words: /constraints\/storage.softDeletePolicySeconds/,
    asked: () => [
      'POST',
      'storage.googleapis.com/storage/v1/b',
      { query: { project: PROJECT }, body: { name: 'b', softDeletePolicy: { retentionDurationSeconds: '0' } } },
    ],
  },
  'machines-have-no-address': {
    refuses: 'a machine with an external address',
    words: /constraints\/compute.vmExternalIpAccess/,
    asked: () => [
      'POST',
      `${COMPUTE}/global/instanceTemplates`,
      { body: { name: 't', properties: { networkInterfaces: [{ accessConfigs: [{}] }] } } },
    ],
  },
  'quotas-hold': {
    refuses: 'a fourth backend bucket',
    words: /Quota 'BACKEND_BUCKETS' exceeded. {2}Limit: 3.0 globally/,
    ready: makeBackends,
    asked: () => ['POST', `${COMPUTE}/global/backendBuckets`, { body: { name: 'd' } }],
    lift: (google) => google.ask('DELETE', `${COMPUTE}/global/backendBuckets/a`),
  },
  'disks-fit': {
    refuses: 'a balanced disk at an N4 machine',
    words: /\[pd-balanced\] features are not compatible/,
    asked: () => [
      'POST',
      `${COMPUTE}/global/instanceTemplates`,
      {
        body: {
          name: 't',
          properties: { machineType: 'n4-standard-4', disks: [{ initializeParams: { diskType: 'pd-balanced' } }] },
        },
      },
    ],
  },
  'references-are-there': {
    refuses: 'a backend without its health check',
    words: /'projects\/live-dev\/global\/healthChecks\/h' was not found/,
    asked: () => [
      'POST',
      `${COMPUTE}/global/backendServices`,
      { body: { name: 's', healthChecks: [`projects/${PROJECT}/global/healthChecks/h`] } },
    ],
    lift: (google) => google.ask('POST', `${COMPUTE}/global/healthChecks`, { body: { name: 'h' } }),
  },
  'used-stays': {
    refuses: 'deleting a health check that a backend uses',
    words: /is already being used by 'projects\/live-dev\/global\/backendServices\/s'/,
    ready: (google) => {
      google.ask('POST', `${COMPUTE}/global/healthChecks`, { body: { name: 'h' } });
      const healthChecks = [`https://www.googleapis.com/compute/v1/projects/${PROJECT}/global/healthChecks/h`];
      google.ask('POST', `${COMPUTE}/global/backendServices`, { body: { name: 's', healthChecks } });
    },
    asked: () => ['DELETE', `${COMPUTE}/global/healthChecks/h`],
    lift: (google) => google.ask('DELETE', `${COMPUTE}/global/backendServices/s`),
  },
  'protected-stays': {
    refuses: 'deleting a protected database',
    words: /has delete protection enabled/,
    ready: (google) =>
      google.ask('POST', `firestore.googleapis.com/v1/projects/${PROJECT}/databases`, {
        query: { databaseId: 'd' },
        body: { deleteProtectionState: 'DELETE_PROTECTION_ENABLED' },
      }),
    asked: () => ['DELETE', `firestore.googleapis.com/v1/projects/${PROJECT}/databases/d`],
    lift: (google) =>
      google.ask('PATCH', `firestore.googleapis.com/v1/projects/${PROJECT}/databases/d`, {
        query: { updateMask: 'deleteProtectionState' },
        body: { deleteProtectionState: 'DELETE_PROTECTION_DISABLED' },
      }),
  },
  'roles-stay-reserved': {
    refuses: 'a role by the name of one deleted ten days ago',
    words: /marked for deletion/,
    ready: (google) => {
      removeRole(google);
      google.wait(10 * DAY);
    },
    asked: () => ['POST', ROLES, { body: { roleId: 'keeper', role: {} } }],
    lift: (google) => google.wait(28 * DAY),
  },
  'metrics-take-time': {
    refuses: 'an alert on a metric that is a minute old',
    words: /could take up to 10 minutes/,
    ready: (google) => {
      google.ask('POST', METRICS, { body: { name: 'lost' } });
      google.wait(60);
    },
    asked: () => ['POST', ALERTS, alert],
    lift: (google) => google.wait(540),
  },
  'secrets-have-values': {
    refuses: 'a function whose secret has no version',
    words: /secrets\/key\/versions\/latest was not found/,
    ready: (google) => google.ask('POST', SECRETS, { query: { secretId: 'key' } }),
    asked: () => [
      'POST',
      FUNCTIONS,
      functionWith({ serviceConfig: { secretEnvironmentVariables: [{ secret: 'key', projectId: PROJECT }] } }),
    ],
    lift: (google) => {
      google.ask('POST', `${SECRETS}/key:addVersion`, { body: { payload: { data: 'eA==' } } });
      google.ask('DELETE', `${FUNCTIONS}/f`);
    },
  },
  'eventarc-takes-time': {
    refuses: "a trigger a minute after Eventarc's account came to life",
    words: /using the Eventarc Service Agent/,
    ready: (google) => {
      google.world.wake(PROJECT, 'gcp-sa-eventarc');
      google.wait(60);
    },
    asked: () => ['POST', FUNCTIONS, functionWith({ eventTrigger: { eventType: 'finalized' } })],
    lift: (google) => {
      google.wait(60);
      google.ask('DELETE', `${FUNCTIONS}/f`);
    },
  },
  'grants-take-time': {
    refuses: 'a function built seconds after its builder was granted the archives',
    words: /You must grant Storage Object Viewer permission to builder@/,
    ready: (google) => {
      google.bucket('archives');
      google.grant('archives', 'roles/storage.objectViewer', `serviceAccount:${google.account('builder')}`);
      google.wait(5);
    },
    asked: () => ['POST', FUNCTIONS, builtBy(BUILDER)],
    lift: (google) => {
      google.wait(60);
      google.ask('DELETE', `${FUNCTIONS}/f`);
    },
  },
  'regions-are-allowed': {
    refuses: 'a registry in Europe where only the USA are allowed',
    words: /constraints\/gcp.resourceLocations/,
    asked: () => [
      'POST',
      `artifactregistry.googleapis.com/v1/projects/${PROJECT}/locations/europe-west1/repositories`,
      { query: { repositoryId: 'r' } },
    ],
    lift: ({ world }) => world.lifted.add('gcp.resourceLocations'),
  },
  'keys-are-theirs': {
    refuses: "a bucket without a key of the organisation's own",
    words: /constraints\/gcp.restrictNonCmekServices/,
    asked: () => [
      'POST',
      'storage.googleapis.com/storage/v1/b',
      { query: { project: PROJECT }, body: { name: 'b', ...UNIFORM } },
    ],
  },
  'currency-fits': {
    refuses: "a budget in another currency than its billing account's",
    words: /currency USD is not EUR/,
    asked: () => [
      'POST',
      'billingbudgets.googleapis.com/v1/billingAccounts/A/budgets',
      { body: { amount: { specifiedAmount: { currencyCode: 'USD', units: '5' } } } },
    ],
  },
  'runtimes-last': {
    refuses: 'a function of a runtime that is no longer',
    words: /Runtime nodejs22 is decommissioned/,
    ready: (google) => google.wait(400 * DAY),
    asked: () => ['POST', FUNCTIONS, functionWith({ buildConfig: { runtime: 'nodejs22' } })],
  },
};

const DELAYS = { grantMs: 60_000, metricMs: 600_000, eventarcMs: 120_000 };
const refused = (rules: readonly string[], { ready, asked, lift }: Case, lifted = false): string | undefined => {
  const google = new Google(rules, DELAYS);
  ready?.(google);
  const call = asked(google);
  const first = refusalIn(google.ask(...call));
  if (!lifted) return first;
  lift?.(google);
  return refusalIn(google.ask(...call));
};

describe('a rule of the stand-in of Google', () => {
  it.each(Object.entries(CASES))('%s refuses what Google refuses', (name, one) => {
    expect(refused([name], one)).toMatch(one.words);
  });

  it.each(Object.entries(CASES))('%s refuses nothing when it is off', (_name, one) => {
    expect(refused([], one)).toBeUndefined();
  });

  it.each(Object.entries(CASES).filter(([, { lift }]) => lift !== undefined))(
    '%s lets pass what was put right',
    (name, one) => {
      expect(refused([name], one, true)).toBeUndefined();
    },
  );

  it('is proven by a case here, but for the bucket that needs an object in it', () => {
    const checks = RULES.filter(({ check }) => check !== undefined).map(({ name }) => name);
    expect(checks.filter((name) => CASES[name] === undefined)).toEqual(['buckets-are-empty']);
  });

  it.each(RULES)('$name says where it is known from', ({ says, page }) => {
    expect(page).toMatch(/^https:\/\/(cloud\.google\.com|developers\.google\.com|github\.com)\/\S+/);
    expect(says.split(' ').length).toBeGreaterThan(5);
  });

  it('buckets-are-empty refuses to delete a bucket with an object in it, and lets an empty one go', async () => {
    const google = new Google(['buckets-are-empty']);
    google.bucket('open');
    const object = { bytes: Buffer.from('x'), headers: { contentType: 'video/mp2t', metadata: {} }, preconditions: {} };
    await google.world.objects.insert({ bucket: 'open', name: 'a.ts' }, object);
    expect(refusalIn(google.ask('DELETE', 'storage.googleapis.com/storage/v1/b/open'))).toMatch(/not empty/);
    google.world.objects.remove({ bucket: 'open', name: 'a.ts' }, {});
    expect(refusalIn(google.ask('DELETE', 'storage.googleapis.com/storage/v1/b/open'))).toBeUndefined();
    await google.world.close();
  });

  it('quotas-hold lets pass as much as was granted, and no more', () => {
    const google = new Google(['quotas-hold']);
    makeBackends(google);
    google.world.raise('BACKEND_BUCKETS', 4);
    const make = (name: string) =>
      refusalIn(google.ask('POST', `${COMPUTE}/global/backendBuckets`, { body: { name } }));
    expect([make('d'), make('e')]).toEqual([undefined, expect.stringContaining('Limit: 4.0 globally')]);
  });

  it('allowed-members lets everybody call the API once an exception was made, and read no bucket', () => {
    const google = new Google(['allowed-members']);
    google.bucket('open');
    google.world.lifted.add('iam.allowedPolicyMemberDomains');
    const policy = { body: { policy: { bindings: [{ role: 'roles/run.invoker', members: ['allUsers'] }] } } };
    const services = `run.googleapis.com/v2/projects/${PROJECT}/locations/europe-west1/services`;
    expect(refusalIn(google.ask('POST', `${services}/api:setIamPolicy`, policy))).toBeUndefined();
    expect(refusalIn(google.grant('open', 'roles/storage.objectViewer', 'allUsers'))).toMatch(/permitted customer/);
  });

  it.each(['compute.vmExternalIpAccess', 'storage.softDeletePolicySeconds', 'gcp.resourceLocations'])(
    'that enforces %s is told to who asks for the policy in force, until an exception is made',
    (constraint) => {
      const google = new Google([], {}, { orgPolicies: policiesOf(RULES) });
      const path = `orgpolicy.googleapis.com/v2/projects/${PROJECT}/policies/${constraint}:getEffectivePolicy`;
      expect(google.ask('GET', path).body).not.toMatchObject({ spec: { rules: [{ allowAll: true }] } });
      google.world.lifted.add(constraint);
      expect(google.ask('GET', path).body).toMatchObject({ spec: { rules: [{ allowAll: true }] } });
    },
  );

  it('leaves a function behind whose build failed, as Google does, so that the next apply replaces it', () => {
    const google = new Google(['secrets-have-values']);
    google.ask('POST', FUNCTIONS, functionWith({ serviceConfig: { secretEnvironmentVariables: [{ secret: 'key' }] } }));
    expect(google.ask('GET', `${FUNCTIONS}/f`)).toMatchObject({ status: 200, body: { state: 'FAILED' } });
  });
});
