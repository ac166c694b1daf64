import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pageCommands } from '../../support/platform/page-commands';
import { triedPrograms } from '../../support/runbook/steps';
import { ENVIRONMENTS, synthBootstrap, synthEnvironment } from '../../support/synth';

/**
 * The output that an operator without an account sees of every `npm run` on a page: the first step that needs an
 * account is one message.
 */
const nobody = mkdtempSync(join(tmpdir(), 'srs-live-nobody-'));
for (const [name, json] of [
  ['dev', synthEnvironment(ENVIRONMENTS.dev)],
  ['bootstrap', synthBootstrap()],
] as const) {
  mkdirSync(join(nobody, 'stacks', name), { recursive: true });
  writeFileSync(join(nobody, 'stacks', name, 'cdk.tf.json'), JSON.stringify(json));
}
afterAll(() => rmSync(nobody, { recursive: true }));

const npm = (args: readonly string[]) =>
  spawnSync('npm', ['run', '--silent', ...args], {
    env: {
      PATH: process.env.PATH,
      HOME: nobody,
      CLOUDSDK_CONFIG: nobody,
      CDKTF_OUTDIR: nobody,
      METADATA_SERVER_DETECTION: 'none',
    },
    encoding: 'utf8',
    timeout: 60_000,
  });

const NO_CREDENTIALS = /no Google credentials: sign in with 'gcloud auth application-default login'/;

/**
 * The end of a script where nobody is signed in; scripts that are not here have tests of their own: they build, or
 * install.
 */
const ENDS: Readonly<Record<string, { readonly code: number; readonly says: RegExp }>> = {
  preflight: { code: 1, says: NO_CREDENTIALS },
  keys: { code: 1, says: NO_CREDENTIALS },
  smoke: { code: 1, says: NO_CREDENTIALS },
  cdns: { code: 1, says: NO_CREDENTIALS },
  cost: { code: 0, says: /\$\/viewer-hour/ },
};
const ELSEWHERE = [
  ...['synth', 'docs', 'toolchain', 'deploy', 'deploy:rehearsal', 'drift', 'rollback', 'checkov'],
  // Driven by the end-to-end test of rights.
  'take-down',
  // Needs no account, but a playlist.
  'check-hls',
  // Needs no account, but Google's emulator: it runs a platform of its own.
  'drill',
];

/** `keys -- dev init` for `npm run keys -- $ENV init`. */
const lines = ['infra/README.md', 'infra/RUNBOOK.md'].flatMap((page) =>
  pageCommands(page)
    .usesOf('npm run')
    // The runbook's table of where commands are tried names each without its arguments.
    .filter((line) => !triedPrograms.some(({ program }) => program === line.trim()))
    .map((line) => line.replace('npm run ', '').replace('$ENV', 'dev').trim()),
);
const typed = [...new Set(lines)].map((line) => line.split(/\s+/));

describe('a command of a page, without an account', () => {
  it('is one that is tried here, or elsewhere', () => {
    expect(typed.length).toBeGreaterThan(10);
    expect(typed.filter(([script = '']) => !(script in ENDS) && !ELSEWHERE.includes(script))).toEqual([]);
  });

  it.each(typed.filter(([script = '']) => script in ENDS).map((args) => [args.join(' '), args] as const))(
    'npm run %s says what it can, and what it lacks',
    (_, args) => {
      const { code, says } = ENDS[args[0] ?? ''] ?? { code: -1, says: /^$/ };
      const { status, stdout, stderr } = npm(args);
      expect([status, stdout + stderr]).toEqual([code, expect.stringMatching(says)]);
      expect(stdout + stderr).not.toMatch(/\n\s+at |^usage/m);
    },
    60_000,
  );
});

describe('a command without arguments', () => {
  it.each(['docs', 'toolchain'])('npm run %s refuses one, with how it is used', (script) => {
    const { status, stdout, stderr } = npm([script, 'everything']);
    expect([status, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(new RegExp(`^Unexpected argument 'everything'.*\\nusage: npm run ${script}[ \\n]`));
    expect(stderr).not.toMatch(/\n\s+at /);
  });
});
