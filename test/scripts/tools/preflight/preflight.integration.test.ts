import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PERMISSION_OF } from '../../../../scripts/tools/preflight/permissions';
import { GoogleProject, YOUNG } from '../../../support/google/google-project';
import { runScript } from '../../../support/platform/run-script';
import { ENVIRONMENTS, synthBootstrap, synthEnvironment } from '../../../support/synth';

const folder = mkdtempSync(join(tmpdir(), 'srs-live-preflight-'));
const stacks = { dev: synthEnvironment(ENVIRONMENTS.dev), bootstrap: synthBootstrap() };
let google: GoogleProject;
let endpoint: string;

/** A Terraform of a version; nothing else of it is asked here. */
function terraform(version: string): void {
  writeFileSync(join(folder, 'terraform'), `#!/bin/sh\necho '{"terraform_version": "${version}"}'\n`);
  chmodSync(join(folder, 'terraform'), 0o755);
}

beforeAll(() => {
  for (const [name, json] of Object.entries(stacks)) {
    mkdirSync(join(folder, 'stacks', name), { recursive: true });
    writeFileSync(join(folder, 'stacks', name, 'cdk.tf.json'), JSON.stringify(json));
  }
});
afterAll(() => rmSync(folder, { recursive: true }));
beforeEach(async () => {
  terraform('1.11.4');
  google = new GoogleProject();
  endpoint = await google.server.start();
});
afterEach(() => google.server.stop());

const preflight = (args: readonly string[] = ['dev'], more: Record<string, string> = {}) =>
  runScript('scripts/tools/preflight/main.ts', args, {
    PATH: folder,
    CDKTF_OUTDIR: folder,
    SRS_LIVE_GOOGLE_ENDPOINT: endpoint,
    GOOGLE_OAUTH_ACCESS_TOKEN: 'a-token',
    ...more,
  });

describe('npm run preflight', () => {
  it('finds everything there, and changes nothing', async () => {
    const { code, stdout, stderr } = await preflight();
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).not.toContain('MISSING');
    expect(stdout).toContain('ok       quota N2D_CPUS in europe-west1: 6 at most, of 1000 (1 in use)\n');
    expect(stdout).toContain('ok       delegation of dev.example.com\n');
    expect(stdout.endsWith('ready to deploy\n')).toBe(true);
    expect(google.server.asked.filter((asked) => !/^GET |:testIamPermissions$/.test(asked))).toEqual([]);
  }, 30_000);

  it.each<[string, () => void, RegExp]>([
    [
      'a service',
      () => google.servicesOff.add('eventarc.googleapis.com'),
      /services of srs-live-dev: off: eventarc\.googleapis\.com\n/,
    ],
    [
      'a permission',
      () => google.denied.add('compute.urlMaps.create'),
      /not granted: compute\.urlMaps\.create\n.*gcloud projects add-iam-policy-binding srs-live-dev/,
    ],
    [
      'permission for budgets',
      () => google.denied.add('billing.budgets.create'),
      /budgets.*billing\.budgets\.create\n.*costsManager/,
    ],
    [
      'billing',
      () => Object.assign(google, { billing: { account: '', on: false } }),
      /it is off\n +gcloud billing projects link/,
    ],
    [
      'the right account',
      () => Object.assign(google, { billing: { account: 'A', on: true } }),
      /billingAccounts\/A, the budget is for/,
    ],
    ['the account', () => Object.assign(google, { billing: 'account gone' }), /there is no such account/],
    ['room for nodes', () => google.quotaLimits.set('N2D_CPUS', 4), /6 may be needed, 4 are allowed/],
    [
      'a machine type',
      () => google.machineTypesGone.add('e2-small'),
      /machine type e2-small in europe-west1-b: there is none/,
    ],
    [
      'the DNS zone',
      () => Object.assign(google, { zone: 'gone' }),
      /DNS zone dev-example-com: there is none in srs-live-dev/,
    ],
    [
      'the right to see it',
      () => Object.assign(google, { zone: 'forbidden' }),
      /DNS: cannot be looked at:.*403: Cloud DNS API has not/,
    ],
    [
      'its delegation',
      () => Object.assign(google, { delegatedTo: [] }),
      /the world knows no name server for it\n.*ns-cloud-a1/,
    ],
    [
      'its right delegation',
      () => Object.assign(google, { delegatedTo: ['ns1.old.com.'] }),
      /the world asks ns1\.old\.com\n/,
    ],
    [
      'the account’s currency',
      () => Object.assign(google, { currency: 'USD' }),
      /EUR: the billing account's is USD\n +set currency: 'USD'/,
    ],
    [
      'a state that nobody holds',
      () =>
        Object.assign(google, {
          lock: { ID: '6256aabb-1b46-2a04-a027-ae934d3bb2bd', Who: 'ada@laptop', Created: '2026-11-26' },
        }),
      /lock of the state of dev: ada@laptop has deployed since 2026-11-26\n.*force-unlock 1787242876096737/,
    ],
    [
      'credentials that live',
      () => Object.assign(google, { credentials: 'expired' }),
      /Google credentials: they are expired or not taken\n.*application-default login/,
    ],
    ['an image', () => google.imagesGone.add('node'), /images\/node:[\w.-]+: it is not in the registry/],
    [
      'the state bucket',
      () => Object.assign(google, { state: 'gone' }),
      /state bucket srs-live-ops-terraform-state: there is none/,
    ],
    ['its versions', () => Object.assign(google, { state: 'no versions' }), /it keeps no versions/],
    [
      'permission on it',
      () => google.denied.add('storage.objects.get'),
      /state bucket.*not granted: storage\.objects\.get/,
    ],
    ['a new Terraform', () => terraform('1.4.7'), /terraform 1\.4\.7: it is too old/],
    [
      'the project',
      () => Object.assign(google, { project: 'gone' }),
      /project srs-live-dev: there is none, or you may not see it/,
    ],
    [
      'a project in use',
      () => Object.assign(google, { project: 'deleted' }),
      /project srs-live-dev: it is DELETE_REQUESTED/,
    ],
  ])(
    'misses %s, and says the way out',
    async (_, take, said) => {
      take();
      const { code, stdout, stderr } = await preflight();
      expect([code, stderr]).toEqual([1, '']);
      expect(stdout).toMatch(said);
      expect(stdout).toMatch(/\n\d missing; nothing was changed\n$/);
    },
    30_000,
  );

  it('says all that is missing at once', async () => {
    google.servicesOff.add('run.googleapis.com').add('dns.googleapis.com');
    google.imagesGone.add('node').add('turn');
    google.state = 'gone';
    google.zone = 'gone';
    terraform('1.0.0');
    const { stdout } = await preflight();
    expect(stdout.match(/^MISSING/gm)).toHaveLength(6);
    expect(stdout).toContain('6 missing');
  }, 30_000);

  it('preflight lists what a new organisation and project must request, and passes once it is granted', async () => {
    for (const [metric, limit] of Object.entries(YOUNG.quotas)) google.quotaLimits.set(metric, limit);
    for (const [constraint, rules] of Object.entries(YOUNG.policies)) google.policies.set(constraint, rules);
    const { code, stdout } = await preflight();
    const missing = [...stdout.matchAll(/^MISSING {2}(\S+ \S+(?: \S+)?)/gm)].map(([, what]) => what);
    expect([code, missing]).toEqual([
      1,
      [
        'organisation policy iam.allowedPolicyMemberDomains:',
        'organisation policy iam.managed.allowedPolicyMembers:',
        'organisation policy compute.vmExternalIpAccess:',
        'organisation policy gcp.resourceLocations:',
        'organisation policy storage.softDeletePolicySeconds:',
        'quota IN_USE_ADDRESSES in',
        'quota SECURITY_POLICIES in',
        'quota SECURITY_POLICY_RULES in',
      ].filter((what) => what !== ''),
    ]);
    expect(stdout).toContain('ok       quota BACKEND_BUCKETS in the project: 3 at most, of 3');
    expect(stdout).toContain(
      'https://console.cloud.google.com/iam-admin/quotas?project=srs-live-dev&filter=SECURITY_POLICIES',
    );
    expect(stdout).toContain('name: projects/srs-live-dev/policies/compute.vmExternalIpAccess\n');
    expect(stdout).toContain('    - serviceAccount:service-4711@https-lb.iam.gserviceaccount.com\n');
    google.quotaLimits.clear();
    const agents = ['https-lb', 'cloud-cdn-fill'].map(
      (one) => `serviceAccount:service-4711@${one}.iam.gserviceaccount.com`,
    );
    google.policies
      .set('iam.allowedPolicyMemberDomains', [{ allowAll: true }])
      .set('iam.managed.allowedPolicyMembers', [
        { enforce: true, parameters: { allowedMemberSubjects: ['allUsers', ...agents] } },
      ])
      .set('compute.vmExternalIpAccess', [{ allowAll: true }])
      .set('gcp.resourceLocations', [{ values: { allowedValues: ['in:europe-west1-locations'] } }])
      .set('storage.softDeletePolicySeconds', [{ values: { allowedValues: ['0'] } }]);
    const granted = await preflight();
    expect([granted.code, granted.stdout.includes('ready to deploy')]).toEqual([0, true]);
  }, 60_000);

  it('says what an earlier deploy left half made, which the next one heals', async () => {
    google.tainted = 'api';
    const { code, stdout } = await preflight();
    expect(code).toBe(0);
    expect(stdout).toContain(
      'an earlier deploy was interrupted; the next one replaces google_cloudfunctions2_function.api\n',
    );
  }, 30_000);

  it('says how to sign in, and what is missing on this machine beside', async () => {
    rmSync(join(folder, 'terraform'));
    const { code, stdout, stderr } = await preflight(['dev'], { GOOGLE_OAUTH_ACCESS_TOKEN: '', HOME: folder });
    expect([code, stderr]).toEqual([1, '']);
    expect(stdout).toMatch(/Terraform or OpenTofu: neither is on this machine/);
    expect(stdout).toMatch(/no Google credentials: sign in with 'gcloud auth application-default login'/);
  }, 30_000);

  it.each([
    [[], /^usage: npm run preflight -- <env>/],
    [['qa'], /^environment 'qa': use one of dev, staging, prod\n$/],
  ])('%j ends with one message', async (args, said) => {
    const { code, stderr } = await preflight(args);
    expect(code).toBe(1);
    expect(stderr).toMatch(said);
  });
});

/** A young organisation forbids external addresses. */
const noAddresses = (): unknown => google.policies.set('compute.vmExternalIpAccess', [{ denyAll: true }]);

describe('bad input is one message before anything is made, with the command or the link that mends it', () => {
  it.each<[string, () => unknown, string, RegExp]>([
    [
      'a wrong project',
      () => Object.assign(google, { project: 'gone' }),
      'project srs-live-dev',
      /gcloud projects create srs-live-dev/,
    ],
    [
      'no billing',
      () => Object.assign(google, { billing: { account: '', on: false } }),
      'billing of srs-live-dev',
      /gcloud billing projects link srs-live-dev --billing-account=000000-000000-000000/,
    ],
    [
      'a missing right',
      () => google.denied.add('compute.urlMaps.create'),
      'permissions on srs-live-dev',
      /gcloud projects add-iam-policy-binding srs-live-dev --member=user:<you> --role=roles\/owner/,
    ],
    [
      'a domain that is not delegated',
      () => Object.assign(google, { delegatedTo: [] }),
      'delegation of dev.example.com',
      /registrar name ns-cloud-a1\.googledomains\.com; then 'dig NS dev\.example\.com'/,
    ],
    [
      'an image that is not built',
      () => google.imagesGone.add('node'),
      'image europe-west1-docker.pkg.dev/srs-live-dev/srs-live-dev-images/node:v6.0-r0-1',
      /gcloud builds submit --config=srs-image\/image\/cloudbuild\.yaml .*_IMAGE=node,_TAG=v6\.0-r0-1,.*_HUB=srs-live-dev-hub/,
    ],
    [
      'a quota that is too small',
      () => google.quotaLimits.set('BACKEND_BUCKETS', 2),
      'quota BACKEND_BUCKETS in the project',
      /ask for 3: https:\/\/console\.cloud\.google\.com\/iam-admin\/quotas\?project=srs-live-dev&filter=BACKEND_BUCKETS/,
    ],
    [
      'a policy in the way',
      noAddresses,
      'organisation policy compute.vmExternalIpAccess',
      /gcloud org-policies set-policy/,
    ],
    [
      'credentials that are expired',
      () => Object.assign(google, { credentials: 'expired' }),
      'Google credentials',
      /gcloud auth/,
    ],
    [
      'a second operator',
      () =>
        Object.assign(google, {
          lock: { ID: '6256aabb-1b46-2a04-a027-ae934d3bb2bd', Who: 'ada@laptop', Created: '2026-11-26' },
        }),
      'lock of the state of dev',
      /terraform -chdir=cdktf\.out\/stacks\/dev force-unlock 1787242876096737/,
    ],
  ])(
    '%s',
    async (_, make, what, remedy) => {
      make();
      const { code, stdout, stderr } = await preflight();
      const [said = '', ...others] = stdout.split(/^(?=MISSING|ok)/m).filter((line) => line.startsWith('MISSING'));
      expect([code, stderr, others]).toEqual([1, '', []]);
      expect(said.startsWith(`MISSING  ${what}: `)).toBe(true);
      expect(said).toMatch(remedy);
      expect(google.server.asked.filter((asked) => !/^GET |:testIamPermissions$/.test(asked))).toEqual([]);
    },
    30_000,
  );

  it('a half-finished deploy is one line that says what the next one replaces', async () => {
    google.tainted = 'api';
    const { stdout } = await preflight();
    expect(
      stdout.match(/^ok +state of dev: an earlier deploy was interrupted; the next one replaces \S+\.api$/gm),
    ).toHaveLength(1);
  }, 30_000);
});

describe('the permission that preflight asks', () => {
  it.each(Object.values(ENVIRONMENTS))('is known of every type of resource in $name', (environment) => {
    const types = Object.keys(synthEnvironment(environment).resource);
    expect(types.filter((type) => PERMISSION_OF[type] === undefined)).toEqual([]);
  });
});
