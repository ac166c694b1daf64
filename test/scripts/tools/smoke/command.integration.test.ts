import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GoogleKeys } from '../../../support/google/google-keys';
import { runScript } from '../../../support/platform/run-script';
import { ENVIRONMENTS, synthBootstrap, synthEnvironment } from '../../../support/synth';

/** An environment whose public host nobody will ever have. https://www.rfc-editor.org/rfc/rfc6761#section-6.4 */
const nowhere = {
  ...ENVIRONMENTS.dev,
  domain: 'live.dev.invalid',
  dnsZone: { name: 'dev-invalid', domain: 'dev.invalid' },
};
const folder = mkdtempSync(join(tmpdir(), 'srs-live-smoke-'));
const google = new GoogleKeys();
let env: Record<string, string>;

beforeAll(async () => {
  mkdirSync(join(folder, 'stacks/dev'), { recursive: true });
  writeFileSync(join(folder, 'stacks/dev/cdk.tf.json'), JSON.stringify(synthEnvironment(nowhere)));
  mkdirSync(join(folder, 'stacks/bootstrap'));
  writeFileSync(join(folder, 'stacks/bootstrap/cdk.tf.json'), JSON.stringify(synthBootstrap()));
  const endpoint = await google.server.start();
  env = { CDKTF_OUTDIR: folder, SRS_LIVE_GOOGLE_ENDPOINT: endpoint, GOOGLE_OAUTH_ACCESS_TOKEN: 'a-token' };
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await google.server.stop();
});

const smoke = (args: readonly string[], more: Record<string, string> = {}) =>
  runScript('scripts/tools/smoke/main.ts', args, { ...env, ...more });

describe('npm run smoke', () => {
  it('says how to make the admin key that is not there yet', async () => {
    expect(await smoke(['dev'])).toEqual({
      code: 1,
      stdout: '',
      stderr: "secret srs-live-dev-admin-key has no value: 'npm run keys -- dev init' makes one\n",
    });
  }, 30_000);

  it('reads the key as the caller, tries the host of the environment, and never shows the key', async () => {
    const key = 'k'.repeat(40);
    expect(await runScript('scripts/tools/keys/main.ts', ['dev', 'admin', '--stdin'], env, key)).toMatchObject({
      code: 0,
    });
    const { code, stdout, stderr } = await smoke(['dev', '--quick']);
    expect([code, stderr]).toEqual([1, '']);
    expect(stdout).toMatch(
      /^smoke test of https:\/\/live\.dev\.invalid\nFAIL +\d+\.\d s {2}the API is well: .*live\.dev\.invalid.*\n0 of \d+ steps went well\n$/,
    );
    expect(stdout).not.toContain(key);
    expect([...google.server.tokens]).toEqual(['Bearer a-token']);
  }, 60_000);

  it.each([
    [[], {}, /^usage: npm run smoke/],
    [['dev', 'prod'], {}, /^usage: npm run smoke/],
    [['dev'], { PLATFORM_API: 'https://live.example.com', ADMIN_KEY: 'k'.repeat(32) }, /^usage: npm run smoke/],
    [
      [],
      { PLATFORM_API: 'https://live.example.com', ADMIN_KEY: 'short' },
      /^ADMIN_KEY: use the admin key of the API\n$/,
    ],
    [['qa'], {}, /^environment 'qa': use one of dev, staging, prod\n$/],
  ])(
    '%j %j ends with 1 and one message',
    async (args, more, said) => {
      const run = await smoke(args, more);
      expect(run).toMatchObject({ code: 1, stdout: '' });
      expect(run.stderr).toMatch(said);
      expect(run.stderr).not.toMatch(/\n\s+at |short/);
    },
    30_000,
  );
});
