import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { StackJson } from '../../../../scripts/tools/google/stack-json';
import { policiesOf, RULES } from '../../../../scripts/tools/rehearsal/google/rules';
import { GoogleServer } from '../../../../scripts/tools/rehearsal/google/server';
import { World } from '../../../../scripts/tools/rehearsal/google/world';
import { makeByHand } from '../../../../scripts/tools/rehearsal/seed';
import { runScript } from '../../../support/platform/run-script';
import { ENVIRONMENTS, synthBootstrap, synthEnvironment } from '../../../support/synth';

const folder = mkdtempSync(join(tmpdir(), 'srs-live-first-look-'));
const stacks = { dev: synthEnvironment(ENVIRONMENTS.dev), bootstrap: synthBootstrap() };
const stack = StackJson.of('dev', stacks.dev);
const bootstrap = StackJson.of('bootstrap', stacks.bootstrap);
const PROJECTS = ['srs-live-ops', 'srs-live-dev', 'srs-live-staging', 'srs-live-prod'];
/** Written by a Terraform that is asked for more than its version. */
const CALLED = join(folder, 'called');
let server: GoogleServer;
let endpoint: string;

/** An organisation in which nothing was deployed, with empty projects: nothing but the bucket of the states is made. */
async function google(projects = PROJECTS, rules = RULES.filter(({ byDefault }) => byDefault)): Promise<World> {
  const world = new World({ projects, orgPolicies: policiesOf(rules), billingAccount: '000000-000000-000000' });
  makeByHand(world, bootstrap, stack);
  server = new GoogleServer(world, rules);
  endpoint = await server.start();
  return world;
}

beforeAll(() => {
  for (const [name, json] of Object.entries(stacks)) {
    mkdirSync(join(folder, 'stacks', name), { recursive: true });
    writeFileSync(join(folder, 'stacks', name, 'cdk.tf.json'), JSON.stringify(json));
  }
  const terraform = join(folder, 'terraform');
  writeFileSync(
    terraform,
    `#!/bin/sh\n[ "$1" = version ] && echo '{"terraform_version":"1.11.4"}' && exit 0\n: > '${CALLED}'; exit 1\n`,
  );
  chmodSync(terraform, 0o755);
});
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(async () => {
  rmSync(CALLED, { force: true });
  await server.stop();
});

const run = (program: string, args: readonly string[], token = 'a-token') =>
  runScript(`scripts/tools/${program}/main.ts`, args, {
    PATH: folder,
    CDKTF_OUTDIR: folder,
    SRS_LIVE_GOOGLE_ENDPOINT: endpoint,
    GOOGLE_OAUTH_ACCESS_TOKEN: token,
  });

const write = (world: World, name: string, json: unknown) =>
  world.objects.insert(
    { bucket: stack.stateBucket, name },
    {
      bytes: Buffer.from(JSON.stringify(json)),
      headers: { contentType: 'application/json', metadata: {} },
      preconditions: {},
    },
  );
/** A bucket that was begun when Terraform was killed. */
const state = (world: World, prefix: string) =>
  write(world, `${prefix}/default.tfstate`, {
    version: 4,
    resources: [{ type: 'google_storage_bucket', name: 'open', instances: [{ status: 'tainted' }] }],
  });
/** Somebody who deploys, as Terraform writes it beside a state. */
const lock = (world: World, prefix: string) =>
  write(world, `${prefix}/default.tflock`, {
    ID: '6256aabb-1b46-2a04-a027-ae934d3bb2bd',
    Who: 'ada@laptop',
    Created: '2026-11-26',
  });

describe('npm run deploy, before it makes anything', () => {
  it.each<[string, (world: World) => unknown, RegExp]>([
    [
      'a project that nobody pays for',
      (world) => world.unbilled.add('srs-live-dev'),
      /billing of srs-live-dev: it is off\n +gcloud billing projects link srs-live-dev --billing-account=000000-000000-000000/,
    ],
    [
      'another environment that nobody pays for, because bootstrap prepares it too',
      (world) => world.unbilled.add('srs-live-prod'),
      /billing of srs-live-prod: it is off/,
    ],
    [
      'a right that is not granted',
      (world) => world.denied.add('secretmanager.secrets.create'),
      /permissions on srs-live-dev: not granted: secretmanager\.secrets\.create\n.*add-iam-policy-binding srs-live-dev/,
    ],
    [
      'a domain that is not delegated',
      (world) => Object.assign(world, { delegatedTo: ['ns1.registrar.example.'] }),
      /delegation of [\w.]+: the world asks ns1\.registrar\.example\n.*update-name-servers/,
    ],
    [
      'a domain that nobody knows',
      (world) => Object.assign(world, { delegatedTo: [] }),
      /the world knows no name server for it/,
    ],
    [
      'somebody else who deploys',
      (world) => lock(world, 'environments/dev'),
      /lock of the state of dev: ada@laptop has deployed since 2026-11-26\n.*force-unlock \d{6,}\n/,
    ],
    [
      'somebody else who deploys bootstrap',
      (world) => lock(world, 'bootstrap'),
      /lock of the state of bootstrap: ada@laptop/,
    ],
    [
      'a quota that is too small, where Compute Engine is on already',
      (world) => {
        world.enable('srs-live-dev', 'compute');
        world.hold('BACKEND_BUCKETS', 2);
      },
      /quota BACKEND_BUCKETS in the project: 3 may be needed, 2 are allowed\n +ask for 3: https:\/\/console\.cloud\.google\.com\/iam-admin\/quotas\?project=srs-live-dev&filter=BACKEND_BUCKETS\n/,
    ],
    [
      'an earlier deploy that was killed',
      async (world) => {
        await state(world, 'environments/dev');
        await lock(world, 'environments/dev');
      },
      /if that deploy was killed: terraform .*force-unlock \d{6,}\n +ok +state of dev: an earlier deploy was interrupted; the next one replaces google_storage_bucket\.open\n/,
    ],
    [
      'a policy in the way, where it can be asked already',
      (world) => world.enable('srs-live-dev', 'orgpolicy'),
      /organisation policy iam\.allowedPolicyMemberDomains: .*run\.invoker[\s\S]*gcloud org-policies set-policy/,
    ],
  ])(
    'names %s, and how to mend it',
    async (_, take, words) => {
      take(await google());
      const { code, stdout, stderr } = await run('deploy', ['dev', '--yes', '--no-smoke']);
      expect(`${stdout}${stderr}`).toMatch(words);
      expect(stdout).toMatch(/\d missing; nothing was changed/);
      expect([code, existsSync(CALLED)]).toEqual([1, false]);
    },
    30_000,
  );

  it('names a project that is not there, and looks at the others', async () => {
    await google(PROJECTS.filter((project) => project !== 'srs-live-dev'));
    const { code, stdout } = await run('preflight', ['dev', '--first']);
    expect(stdout).toMatch(
      /project srs-live-dev: there is none, or you may not see it.*\n.*gcloud projects create srs-live-dev/,
    );
    expect(stdout).toMatch(/ok +billing of srs-live-prod/);
    expect([code, existsSync(CALLED)]).toEqual([1, false]);
  }, 30_000);

  it('takes a quota that is used up for enough, where Compute Engine is on already', async () => {
    const world = await google();
    world.enable('srs-live-dev', 'compute');
    world.objects.createBucket({ name: 'other' });
    for (const name of ['a', 'b', 'c'])
      world.put({
        host: 'compute.googleapis.com',
        collection: 'backendBuckets',
        project: 'srs-live-dev',
        path: `projects/srs-live-dev/global/backendBuckets/${name}`,
        body: { name },
      });
    const { stdout } = await run('preflight', ['dev', '--first']);
    expect(stdout).toMatch(/ok +quota BACKEND_BUCKETS in the project: 3 at most, of 3 \(3 in use\)/);
  }, 30_000);

  it.each(['deploy', 'preflight'])(
    'names credentials that are expired: npm run %s',
    async (program) => {
      await google();
      const args = program === 'deploy' ? ['dev', '--yes', '--no-smoke'] : ['dev', '--first'];
      const { code, stdout, stderr } = await run(program, args, 'expired');
      expect(`${stdout}${stderr}`).toMatch(/expired.*\n?.*gcloud auth application-default login/);
      expect([code, existsSync(CALLED)]).toEqual([1, false]);
    },
    30_000,
  );

  it('finds nothing in the way of bootstrap in empty projects', async () => {
    await google();
    const { code, stdout, stderr } = await run('preflight', ['dev', '--first']);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/nothing stands in the way of bootstrap\n$/);
  }, 30_000);
});
