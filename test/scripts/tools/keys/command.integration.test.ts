import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GoogleKeys } from '../../../support/google/google-keys';
import { runScript } from '../../../support/platform/run-script';
import { ENVIRONMENTS, synthBootstrap, synthEnvironment } from '../../../support/synth';

const folder = mkdtempSync(join(tmpdir(), 'srs-live-keys-'));
const google = new GoogleKeys();
let env: Record<string, string>;

beforeAll(async () => {
  for (const [name, json] of Object.entries({ dev: synthEnvironment(ENVIRONMENTS.dev), bootstrap: synthBootstrap() })) {
    mkdirSync(join(folder, 'stacks', name), { recursive: true });
    writeFileSync(join(folder, 'stacks', name, 'cdk.tf.json'), JSON.stringify(json));
  }
  const endpoint = await google.server.start();
  env = { CDKTF_OUTDIR: folder, SRS_LIVE_GOOGLE_ENDPOINT: endpoint, GOOGLE_OAUTH_ACCESS_TOKEN: 'a-token' };
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await google.server.stop();
});

const keys = (args: readonly string[], more: Record<string, string> = {}, stdin?: string) =>
  runScript('scripts/tools/keys/main.ts', args, { ...env, ...more }, stdin);

describe('npm run keys', () => {
  it('makes and rotates, as the caller, and prints names only', async () => {
    const init = await keys(['dev', 'init']);
    expect(init).toMatchObject({ code: 0, stderr: '' });
    const rotated = await keys(['dev', 'rotate', '--now']);
    expect(rotated).toMatchObject({ code: 0, stderr: '' });
    expect(rotated.stdout).toMatch(/live: k\d{8}T\d{6}Z, k\d{8}T\d{6}Z\n/);
    for (const value of google.values()) expect(init.stdout + rotated.stdout).not.toContain(value);
    expect([...google.server.tokens]).toEqual(['Bearer a-token']);
  }, 60_000);

  it('takes an admin key by standard input', async () => {
    const { code, stdout } = await keys(['dev', 'admin', '--stdin'], {}, 'k'.repeat(40));
    expect([code, stdout]).toEqual([
      0,
      'srs-live-dev-admin-key has a new value, which functions take at their next start\n',
    ]);
    expect(google.latest('srs-live-dev-admin-key')).toBe('k'.repeat(40));
  }, 60_000);

  it.each([
    [['dev'], /^usage: npm run keys -- <env> <what>/],
    [['dev', 'burn'], /^usage: npm run keys/],
    [['dev', 'admin', '--now'], /^'admin' takes no --now\nusage/],
    [['dev', 'rotate', '--sideways'], /^Unknown option '--sideways'\nusage/],
    [['qa', 'rotate'], /^environment 'qa': use one of dev, staging, prod\n$/],
    [['prod', 'rotate'], /prod\/cdk\.tf\.json is not there: write it with 'npm run synth'\n$/],
  ])(
    '%j ends with 1 and one message',
    async (args, said) => {
      const run = await keys(args);
      expect(run).toMatchObject({ code: 1, stdout: '' });
      expect(run.stderr).toMatch(said);
      expect(run.stderr).not.toMatch(/\n\s+at /);
    },
    60_000,
  );

  it('says how to sign in where there are no credentials', async () => {
    const nobody = {
      GOOGLE_OAUTH_ACCESS_TOKEN: '',
      HOME: folder,
      CLOUDSDK_CONFIG: folder,
      METADATA_SERVER_DETECTION: 'none',
    };
    const run = await keys(['dev', 'rotate'], nobody);
    expect(run).toMatchObject({ code: 1, stdout: '' });
    expect(run.stderr).toMatch(/^no Google credentials: sign in with 'gcloud auth application-default login'.*\n$/);
  }, 60_000);

  it('sends a token to no other machine', async () => {
    const { code, stderr } = await keys(['dev', 'rotate'], { SRS_LIVE_GOOGLE_ENDPOINT: 'https://example.com' });
    expect([code, stderr]).toEqual([
      1,
      "SRS_LIVE_GOOGLE_ENDPOINT 'https://example.com': use http://127.0.0.1:<port>\n",
    ]);
  }, 60_000);
});
