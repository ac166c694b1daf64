import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { z } from 'zod';
import { cloudInit } from '../../../srs-image/render/cloud-init';
import { turnCloudInit } from '../../../srs-image/render/turn-cloud-init';
import { realPart } from '../../support/platform/real-part';

/** The folder to which `scripts/test` unpacks Debian's cloud-init. */
const CLOUD_INIT = '.local/cloud-init';
const PYTHON_PATH = join(process.cwd(), CLOUD_INIT, 'usr/lib/python3/dist-packages');

const IMAGE = 'europe-west1-docker.pkg.dev/p/images/node:v6.0-r0-1';
const VMS = {
  'an SRS VM': cloudInit({ image: IMAGE, mediaMebibytes: 2048, segmentSeconds: 2, drainSeconds: 90, srtSources: [] }),
  'a TURN VM': turnCloudInit({
    image: IMAGE.replace('node', 'turn'),
    secret: 'projects/p/secrets/s',
    realm: 'live.example.com',
    relayPorts: { first: 49_152, last: 50_151 },
    userQuota: 12,
    maxKilobitsPerSecond: 4000,
  }),
};
const filesOf = (text: string) =>
  z
    .object({ write_files: z.array(z.object({ path: z.string(), content: z.string() })) })
    .parse(JSON.parse(text.replace(/^#cloud-config\n/, ''))).write_files;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'user-data-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

realPart(
  'cloud-init’s own schema',
  existsSync(join(CLOUD_INIT, 'complete')) ? undefined : 'not unpacked; scripts/test does so',
  () => {
    const check = (text: string) => {
      const file = join(folder, 'user-data');
      writeFileSync(file, text);
      const args = ['-m', 'cloudinit.cmd.main', 'schema', '--config-file', file];
      return spawnSync('/usr/bin/python3', args, {
        encoding: 'utf8',
        env: { ...process.env, PYTHONPATH: PYTHON_PATH },
      });
    };

    it.each(Object.entries(VMS))(
      'takes the user data of %s',
      (_vm, text) => {
        const { status, stdout, stderr } = check(text);
        expect([status, stdout, stderr]).toEqual([0, expect.stringContaining('Valid cloud-config'), '']);
      },
      20_000,
    );

    it('notices what is no cloud-config', () => {
      const { status, stderr } = check('#cloud-config\n{"write_files": [{"content": "x"}]}\n');
      expect([status, stderr]).toEqual([1, expect.stringContaining("'path' is a required property")]);
    }, 20_000);
  },
);

const hasSystemd = spawnSync('systemd-analyze', ['--version']).status === 0;

realPart('systemd', hasSystemd ? undefined : 'no systemd-analyze', () => {
  /** Units of Container-Optimized OS that ours name, and its programs. */
  const SYSTEM = {
    'docker.service': '[Service]\nExecStart=/bin/true\n',
    'network-online.target': '[Unit]\nDescription=x\n',
  };
  const verify = (units: Readonly<Record<string, string>>) => {
    mkdirSync(join(folder, 'units'));
    // Programs are where Container-Optimized OS has them, not here.
    for (const [name, text] of Object.entries({ ...SYSTEM, ...units }))
      writeFileSync(
        join(folder, 'units', name),
        text.replace(/^(Exec\w+=-?)\/usr\/bin\/(docker|curl)\b/gm, '$1/bin/true'),
      );
    const own = Object.keys(units).map((name) => join(folder, 'units', name));
    const env = { ...process.env, SYSTEMD_UNIT_PATH: `${join(folder, 'units')}:` };
    const { stdout, stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', ...own], { encoding: 'utf8', env });
    return `${stdout}${stderr}`.split('\n').filter((line) => Object.keys(units).some((name) => line.includes(name)));
  };
  const unitsOf = (text: string) =>
    Object.fromEntries(
      filesOf(text).flatMap(({ path, content }) =>
        path.startsWith('/etc/systemd/system/') ? [[basename(path), content] as const] : [],
      ),
    );

  it.each(Object.entries(VMS))(
    'finds nothing wrong with the units of %s',
    (_vm, text) => {
      expect(verify(unitsOf(text))).toEqual([]);
    },
    20_000,
  );

  it('notices what is no unit', () => {
    const units = { ...unitsOf(VMS['an SRS VM']), 'agent.service': '[Service]\nExecStart=/bin/true\nRestat=always\n' };
    expect(verify(units).join('\n')).toMatch(/Unknown key.*Restat/);
  }, 20_000);
});

describe('the scripts of the VMs', () => {
  const scripts = Object.entries(VMS).flatMap(([vm, text]) =>
    filesOf(text).flatMap(({ path, content }) =>
      path.endsWith('.sh') ? [[`${basename(path)} of ${vm}`, content] as const] : [],
    ),
  );

  it.each(scripts)('can be read by bash: %s', (_name, content) => {
    expect(spawnSync('bash', ['-n'], { input: content, encoding: 'utf8' })).toMatchObject({ status: 0, stderr: '' });
  });
});
