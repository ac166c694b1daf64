import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runScript } from '../../../support/platform/run-script';
import { ENVIRONMENTS, synthBootstrap, synthEnvironment } from '../../../support/synth';

/**
 * Answers as Terraform does, and notes what it was asked: a plan of `dev` finds what is in `plan.json`, if that is
 * there.
 */
const TERRAFORM = `#!/bin/sh
folder=\${1#-chdir=}; shift
echo "$(basename "$folder") $*" >> "$ASKED"
case $1 in
  init) [ -f "$folder/.terraform.lock.hcl" ] || echo 'h1:of-the-first-init' > "$folder/.terraform.lock.hcl" ;;
  plan) [ ! -f "$folder/plan.json" ] || exit 2 ;;
  show) cat "$folder/plan.json" ;;
esac
`;

describe('npm run drift', () => {
  let folder: string;
  const stackFile = (stack: string, file: string) => join(folder, 'stacks', stack, file);
  const asked = () => readFileSync(join(folder, 'asked'), 'utf8').trim().split('\n');
  const drift = (...args: string[]) =>
    runScript('scripts/tools/drift/main.ts', ['dev', ...args], {
      CDKTF_OUTDIR: folder,
      TERRAFORM_BINARY_NAME: join(folder, 'terraform'),
      ASKED: join(folder, 'asked'),
    });

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'srs-live-drift-'));
    for (const [stack, json] of Object.entries({
      bootstrap: synthBootstrap(),
      dev: synthEnvironment(ENVIRONMENTS.dev),
    })) {
      mkdirSync(join(folder, 'stacks', stack), { recursive: true });
      writeFileSync(stackFile(stack, 'cdk.tf.json'), JSON.stringify(json));
    }
    writeFileSync(join(folder, 'terraform'), TERRAFORM, { mode: 0o755 });
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('drift exits with 0 where nothing differs, and plans both stacks without lock or change', async () => {
    expect(await drift()).toEqual({ code: 0, stdout: 'dev is what the configuration says\n', stderr: '' });
    expect(asked().map((line) => line.split(' ').slice(0, 2).join(' '))).toEqual([
      'bootstrap init',
      'bootstrap plan',
      'dev init',
      'dev plan',
    ]);
    expect(
      asked()
        .filter((line) => line.includes(' plan '))
        .every((line) => line.includes('-lock=false')),
    ).toBe(true);
  }, 60_000);

  it('ends with 2 and names what was changed by hand, and what a deploy would do', async () => {
    const address = 'google_compute_firewall.network_srt';
    const change = (before: object, after: object) => [
      { address, type: 'google_compute_firewall', change: { actions: ['update'], before, after } },
    ];
    const plan = {
      resource_drift: change({ disabled: false }, { disabled: true }),
      resource_changes: change({ disabled: true }, { disabled: false }),
    };
    writeFileSync(stackFile('dev', 'plan.json'), JSON.stringify(plan));
    const { code, stdout } = await drift();
    expect(code).toBe(2);
    expect(stdout).toContain(`dev: changed by hand: ${address} (disabled)`);
    expect(stdout).toContain('dev: a deploy would: ');
  }, 60_000);

  it('keeps the lock file of the first run outside the stack, and holds later runs to it', async () => {
    await drift();
    expect(readFileSync(join(folder, 'locks/dev.terraform.lock.hcl'), 'utf8')).toBe('h1:of-the-first-init\n');
    expect(asked().filter((line) => line.includes('-lockfile=readonly'))).toEqual([]);
    rmSync(stackFile('dev', '.terraform.lock.hcl'));
    await drift();
    expect(readFileSync(stackFile('dev', '.terraform.lock.hcl'), 'utf8')).toBe('h1:of-the-first-init\n');
    expect(asked().filter((line) => line.includes('init') && line.includes('-lockfile=readonly'))).toHaveLength(2);
  }, 60_000);

  it('leaves bootstrap to those who may read every project, if it is told to', async () => {
    expect(await drift('--without-bootstrap')).toMatchObject({ code: 0, stderr: '' });
    expect(asked().map((line) => line.split(' ')[0])).toEqual(['dev', 'dev']);
  }, 60_000);
});
