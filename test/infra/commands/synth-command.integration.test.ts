import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { FUNCTIONS } from '../../../functions/contract/env/functions';

/** A copy of all that infra is made of, with empty archives in the place of the build. */
let copy: string;

beforeEach(() => {
  copy = mkdtempSync(join(tmpdir(), 'srs-live-infra-'));
  for (const folder of ['infra', 'functions/contract', 'srs-image/render', 'scripts/build'])
    cpSync(folder, join(copy, folder), { recursive: true });
  symlinkSync(join(process.cwd(), 'node_modules'), join(copy, 'node_modules'));
  mkdirSync(join(copy, 'dist/functions'), { recursive: true });
  for (const name of Object.keys(FUNCTIONS)) writeFileSync(join(copy, `dist/functions/${name}.zip`), name);
  mkdirSync(join(copy, 'dist/web'));
  mkdirSync(join(copy, 'cdktf.out'));
  writeFileSync(join(copy, 'cdktf.out/manifest.json'), 'as it was');
});
afterEach(() => rmSync(copy, { recursive: true }));

/** Puts other texts into the config of `file`. */
function edit(file: string, ...changes: readonly (readonly [string, string])[]): void {
  const path = join(copy, 'infra/config', file);
  const before = readFileSync(path, 'utf8');
  const after = changes.reduce((text, [from, to]) => text.replace(from, to), before);
  for (const [from] of changes) expect(before).toContain(from);
  writeFileSync(path, after);
}

const filesBelow = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .sort();
const holdsPathOfThisMachine = (file: string): boolean => {
  const bytes = readFileSync(join(copy, 'cdktf.out', file));
  return [copy, process.cwd()].some((folder) => bytes.includes(folder));
};

const synth = () =>
  spawnSync(process.execPath, ['scripts/build/run.mjs', 'infra/main.ts'], { cwd: copy, encoding: 'utf8' });

describe('the command that writes the stacks', () => {
  it('writes all of them', () => {
    const { status, stderr } = synth();
    expect([status, stderr]).toEqual([0, '']);
    expect(readdirSync(join(copy, 'cdktf.out/stacks')).sort()).toEqual(['bootstrap', 'dev', 'prod', 'staging']);
    const written = filesBelow(join(copy, 'cdktf.out'));
    expect(written).toEqual(
      expect.arrayContaining(['manifest.json', 'stacks/prod/cdk.tf.json', 'stacks/bootstrap/cdk.tf.json']),
    );
    expect(written.filter((file) => /^stacks\/\w+\/assets\/.*\.zip$/.test(file))).toHaveLength(
      // One environment of three has chat.
      3 * Object.keys(FUNCTIONS).length - 2,
    );
    expect(written.filter(holdsPathOfThisMachine)).toEqual([]);
  });

  it('the kept lock file is put beside its stack, so that cdktf deploy takes the same plugins', () => {
    writeFileSync(join(copy, 'infra/locks/dev.terraform.lock.hcl'), 'the plugins of the last deploy');
    expect(synth().status).toBe(0);
    const locks = filesBelow(join(copy, 'cdktf.out')).filter((file) => file.endsWith('.lock.hcl'));
    expect(locks).toEqual(['stacks/dev/.terraform.lock.hcl']);
    expect(readFileSync(join(copy, 'cdktf.out/stacks/dev/.terraform.lock.hcl'), 'utf8')).toBe(
      'the plugins of the last deploy',
    );
  });

  it('would be found out, if a stack had no state bucket: its file then holds a path of this machine', () => {
    edit('../stacks/terraform.ts', [
      '  new GcsBackend(stack, { bucket: stateBucket, prefix });\n',
      '  void [stateBucket, prefix];\n',
    ]);
    expect(synth().status).toBe(0);
    expect(filesBelow(join(copy, 'cdktf.out')).filter(holdsPathOfThisMachine)).toEqual(
      expect.arrayContaining(['stacks/bootstrap/cdk.tf.json', 'stacks/dev/cdk.tf.json']),
    );
  });

  it('writes where git looks away', () => {
    for (const path of ['cdktf.out/manifest.json', 'cdktf.out/stacks/dev/cdk.tf.json'])
      expect(spawnSync('git', ['check-ignore', path], { encoding: 'utf8' }).stdout).toBe(`${path}\n`);
    expect(spawnSync('git', ['ls-files', 'cdktf.out'], { encoding: 'utf8' }).stdout).toBe('');
  });

  it('says every problem of every file at once, ends with 1 and writes nothing', () => {
    edit(
      'environments/dev.ts',
      ['signedPlaylistSeconds: 1', 'signedPlaylistSeconds: 2'],
      ['signingKeys: 2', 'signingKeys: 0'],
    );
    edit(
      'environments/staging.ts',
      ['surge: 3', 'surge: 1'],
      ['minNodes: 1', 'minNodes: 9'],
      ['unrecordedDays: 1', 'unrecordedDays: 0'],
      ["emails: ['live-operations@example.com']", 'emails: []'],
      ['billingAdministrators: true', 'billingAdministrators: false'],
    );
    edit(
      'environments/prod.ts',
      ["  dnsZone: { name: 'example-com', domain: 'example.com' },\n", ''],
      ['regions:', 'regoins:'],
    );
    edit('platform.ts', ["region: 'europe-west1'", "region: 'here'"]);
    const { status, stdout, stderr } = synth();
    expect(status).toBe(1);
    expect(stdout).toBe('');
    expect(stderr.trim().split('\n')).toEqual([
      'nothing is written, because of 10 problems:',
      'dev.playback.signingKeys: got 0; gated streams are signed, and a rotation needs a second key: use 2 or 3',
      'dev.playback.signedPlaylistSeconds: got 2; must be at most half of segmentSeconds, or viewers fall behind the live edge',
      'staging.origin.minNodes: got 9; must be at most maxNodes',
      'staging.budget.emails: got []; must have an address where billingAdministrators is false, or no one gets the notification',
      'staging.origin.surge: got 1; must be 0 or at least the number of zones of a region, because Google refuses values in between',
      expect.stringMatching(/^staging\.unrecordedDays: got 0; must be at least 1, because viewers can go back 3600 s/),
      expect.stringMatching(/^prod\.regions: missing; use 1 to 2 of: a region, such as europe-west1; must not name/),
      'prod.dnsZone: missing; domain needs the Cloud DNS zone that it lies in: { name, domain }',
      'prod.regoins: there is no such field; look for a misspelling',
      'platform.region: got "here"; use a region, such as europe-west1',
    ]);
    expect(readdirSync(join(copy, 'cdktf.out'))).toEqual(['manifest.json']);
    expect(readFileSync(join(copy, 'cdktf.out/manifest.json'), 'utf8')).toBe('as it was');
  });

  it('says what is not built yet, and writes nothing', () => {
    rmSync(join(copy, 'dist/functions/api.zip'));
    rmSync(join(copy, 'dist/web'), { recursive: true });
    const { status, stderr } = synth();
    expect([status, stderr]).toEqual([
      1,
      [
        'nothing is written, because of 2 problems:',
        "dist/functions/api.zip: missing; make it with 'npm run build'",
        "dist/web: missing; make it with 'npm run build'\n",
      ].join('\n'),
    ]);
    expect(readdirSync(join(copy, 'cdktf.out'))).toEqual(['manifest.json']);
  });
});
