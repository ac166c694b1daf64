import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { realPart } from '../../../support/platform/real-part';
import { runScript } from '../../../support/platform/run-script';

const config = process.env.TF_CLI_CONFIG_FILE;

/** Returns why the rehearsal cannot be played here; `undefined` if it can. */
function obstacle(): string | undefined {
  if (spawnSync('terraform', ['version']).error !== undefined) return 'terraform is not installed';
  if (config === undefined || !existsSync(config)) return 'TF_CLI_CONFIG_FILE names no mirror of the provider plugin';
  const folder = mkdtempSync(join(tmpdir(), 'srs-live-plugin-'));
  const required = { terraform: { required_providers: { google: { source: 'hashicorp/google', version: '6.50.0' } } } };
  writeFileSync(join(folder, 'main.tf.json'), JSON.stringify(required));
  const { status } = spawnSync('terraform', [`-chdir=${folder}`, 'init', '-input=false'], { timeout: 60_000 });
  rmSync(folder, { recursive: true });
  return status === 0 ? undefined : `the mirror in ${config} has no plugin of 6.50.0`;
}

const FIFTEEN_MINUTES = 900_000;
const play = (...args: string[]) =>
  runScript('scripts/tools/rehearsal/main.ts', ['dev', ...args], { TF_CLI_CONFIG_FILE: config ?? '' });

realPart("npm run deploy:rehearsal with Google's provider", obstacle(), () => {
  it(
    'deploys dev from nothing, upgrades it, destroys it and deploys it again, on the strict stand-in',
    async () => {
      const { code, stdout, stderr } = await play();
      expect([code, stderr]).toEqual([0, '']);
      expect(stdout).toMatch(/rehearsed: \d+ calls of Google's APIs\n$/);
    },
    FIFTEEN_MINUTES,
  );
});

describe('npm run deploy:rehearsal', () => {
  it('says every rule with its page', async () => {
    const { code, stdout } = await play('--rules');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^bodies-fit: .*\n {4}https:/);
  });

  it.each([
    [['--only', 'gravity'], /rule 'gravity': use some of bodies-fit/],
    [['staging'], /usage/],
  ])('says what it takes: %j', async (args, message) => {
    const { code, stderr } = await play(...args);
    expect([code, stderr]).toEqual([1, expect.stringMatching(message)]);
  });

  it('is a script of the package, as are the ways on and back', () => {
    const { scripts } = JSON.parse(readFileSync('package.json', 'utf8'));
    expect(Object.keys(scripts)).toEqual(expect.arrayContaining(['deploy', 'deploy:rehearsal', 'rollback', 'drift']));
  });
});
