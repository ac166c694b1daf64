import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { realPart } from '../../support/platform/real-part';
import { ENVIRONMENTS, synthBootstrap, synthEnvironment, type TerraformJson, TWO_REGIONS } from '../../support/synth';

const { dev, staging, prod } = ENVIRONMENTS;
const STACKS: Readonly<Record<string, () => TerraformJson>> = {
  bootstrap: synthBootstrap,
  dev: () => synthEnvironment(dev),
  staging: () => synthEnvironment(staging),
  prod: () => synthEnvironment(prod),
  'two-regions': () => synthEnvironment(TWO_REGIONS),
};
const NAMES = Object.keys(STACKS);

const folder = mkdtempSync(join(tmpdir(), 'srs-live-terraform-'));
mkdirSync(join(folder, 'plugins'));
const env = {
  ...process.env,
  CHECKPOINT_DISABLE: '1',
  TF_IN_AUTOMATION: '1',
  TF_PLUGIN_CACHE_DIR: join(folder, 'plugins'),
};
const terraform = (stack: string, ...args: string[]) =>
  spawnSync('terraform', [`-chdir=${join(folder, stack)}`, ...args, '-no-color'], {
    env,
    encoding: 'utf8',
    timeout: 180_000,
  });

for (const [name, synth] of Object.entries(STACKS)) {
  const { terraform: settings, ...json } = synth();
  const { backend: _backend, ...withoutState } = Object(settings);
  mkdirSync(join(folder, name));
  writeFileSync(join(folder, name, 'cdk.tf.json'), JSON.stringify({ ...json, terraform: withoutState }));
}
afterAll(() => rmSync(folder, { recursive: true }));

const NOT_INSTALLED = 'terraform is not installed';

/** Returns why Terraform cannot judge the stacks here; `undefined` if it can. */
function obstacle(): string | undefined {
  if (spawnSync('terraform', ['version']).error !== undefined) return NOT_INSTALLED;
  const { status, stderr } = terraform('dev', 'init', '-backend=false', '-input=false');
  if (status === 0) return undefined;
  return /could not (connect|query)|no such host|registry/i.test(stderr)
    ? 'the provider plugin cannot be had here'
    : stderr;
}
const missing = obstacle();

realPart('terraform validate', missing, () => {
  it.each(NAMES)(
    'finds nothing wrong with %s',
    (name) => {
      expect(terraform(name, 'init', '-backend=false', '-input=false').stderr).toBe('');
      const { status, stdout } = terraform(name, 'validate', '-json');
      expect([status, JSON.parse(stdout).diagnostics ?? []]).toEqual([0, []]);
    },
    200_000,
  );
});

realPart('terraform', missing === NOT_INSTALLED ? missing : undefined, () => {
  it.each(NAMES)('can read %s, and sees one provider in it and no second', (name) => {
    const { status, stdout } = terraform(name, 'providers');
    expect(status).toBe(0);
    expect([...stdout.matchAll(/provider\[([^\]]+)\]/g)].map(([, provider]) => provider).sort()).toEqual(
      name === 'bootstrap'
        ? ['registry.terraform.io/hashicorp/google', 'terraform.io/builtin/terraform']
        : ['registry.terraform.io/hashicorp/google'],
    );
  });
});
