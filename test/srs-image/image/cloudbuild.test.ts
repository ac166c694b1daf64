import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { dev } from '../../../infra/config/environments/dev';
import { homeOf } from '../../../infra/config/schema';
import { hubRepository, imagesRepository } from '../../../infra/constructs/nodes/node-images';
import { Names } from '../../../infra/names';

const HUB = '$_REGION-docker.pkg.dev/$PROJECT_ID/$_HUB';
const STEP_IMAGE =
  /^(\$_REGION-docker\.pkg\.dev\/\$PROJECT_ID\/\$_HUB|gcr\.io)\/[a-z0-9./-]+:\d[\w.-]*(@sha256:[0-9a-f]{64})?$/;

/** The part of Cloud Build's schema that is used. https://cloud.google.com/build/docs/build-config-file-schema */
const Build = z.strictObject({
  substitutions: z.record(z.string().regex(/^_[A-Z0-9_]+$/), z.string()),
  options: z.strictObject({
    automapSubstitutions: z.literal(true),
    logging: z.literal('CLOUD_LOGGING_ONLY'),
    machineType: z.enum(['E2_HIGHCPU_8', 'E2_HIGHCPU_32', 'N1_HIGHCPU_8']),
  }),
  timeout: z.string().regex(/^\d+s$/),
  steps: z
    .array(
      z.strictObject({
        id: z.string(),
        name: z.string().regex(STEP_IMAGE, 'use an image by an exact version, of Docker Hub by the copy of it'),
        waitFor: z.array(z.string()).optional(),
        script: z
          .string()
          .regex(/^#!\/bin\/(sh\nset -eu|bash\nset -euo pipefail)\n/, 'use a shell that stops at the first error'),
      }),
    )
    .min(1),
});

const Bases = z.record(
  z.string(),
  z
    .string()
    .regex(/^sha256:[0-9a-f]{64}$/)
    .nullable(),
);

const build = Build.parse(parse(readFileSync('srs-image/image/cloudbuild.yaml', 'utf8')));
const scriptOf = (id: string): string => build.steps.find((step) => step.id === id)?.script ?? '';

/** Everything a step waits for, at any distance. */
function before(id: string): string[] {
  const direct = build.steps.find((step) => step.id === id)?.waitFor ?? [];
  return [...direct, ...direct.flatMap(before)];
}

describe('the build of an image', () => {
  it('waits for steps that are there, and that stand before', () => {
    for (const [index, { waitFor = [] }] of build.steps.entries()) {
      const earlier = build.steps.slice(0, index).map(({ id }) => id);
      expect(earlier).toEqual(expect.arrayContaining(waitFor));
    }
  });

  it('pushes last, and only what was tried and scanned', () => {
    expect(build.steps.at(-1)?.id).toBe('push');
    expect(before('push')).toEqual(
      expect.arrayContaining(['trial', 'trial-udp', 'scan', 'image', 'bases', 'bundle', 'check']),
    );
    for (const { id, script } of build.steps)
      expect([id, /--push|docker push/.test(script)]).toEqual([id, id === 'push']);
  });

  it('attaches what is in the image and how it came to be', () => {
    expect(scriptOf('push')).toContain(`--attest type=sbom,generator=${HUB}/docker/buildkit-syft-scanner:1.9.0 `);
    expect(scriptOf('push')).toContain('--attest type=provenance,mode=max');
  });

  it('uses every substitution, and none that it does not declare', () => {
    const used = new Set(
      build.steps.flatMap(({ name, script }) =>
        [...`${name}\n${script}`.matchAll(/\$(_[A-Z]+)\b/g)].map(([, name = '']) => name),
      ),
    );
    expect([...used].sort()).toEqual(Object.keys(build.substitutions).sort());
  });

  it('has the registry of an environment by default', () => {
    const names = new Names(dev.name, dev.projectId);
    expect(build.substitutions).toMatchObject({
      _REGION: homeOf(dev),
      _REPOSITORY: imagesRepository({ names }),
      _HUB: hubRepository({ names }),
    });
  });

  it.each(build.steps.map(({ id }) => id))('has a script a shell can read: %s', (id) => {
    const shell = /^#!(\S+)/.exec(scriptOf(id))?.[1] ?? '';
    expect(spawnSync(shell, ['-n'], { input: scriptOf(id) }).status).toBe(0);
  });
});

describe('the script of the build, with stand-ins for docker and gcloud', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'cloudbuild-'));
    mkdirSync(join(folder, 'bin'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const standIn = (name: string, script: string): void => {
    writeFileSync(join(folder, 'bin', name), `#!/bin/sh\necho "${name} $*" >> ${folder}/calls\n${script}\n`);
    chmodSync(join(folder, 'bin', name), 0o755);
  };
  const calls = (): string => (existsSync(join(folder, 'calls')) ? readFileSync(join(folder, 'calls'), 'utf8') : '');
  const scriptWithin = (id: string): string => scriptOf(id).replaceAll('/workspace', folder);
  const envOf = (env: Record<string, string> = {}) => ({
    ...build.substitutions,
    _TAG: 'v6.0-r0-1',
    PROJECT_ID: 'p',
    PATH: `${folder}/bin:${process.env.PATH}`,
    ...env,
  });
  const run = (id: string, env: Record<string, string> = {}) =>
    spawnSync(/^#!(\S+)/.exec(scriptOf(id))?.[1] ?? '', ['-c', scriptWithin(id)], {
      encoding: 'utf8',
      env: envOf(env),
    });
  const digest = `sha256:${'a'.repeat(64)}`;

  it.each([
    [{ _IMAGE: 'other' }, "_IMAGE 'other': use node or turn"],
    [{ _TAG: '' }, "_TAG '': use the imageTag of the environment"],
    [{ _TAG: 'latest' }, "_TAG 'latest': use the imageTag"],
  ])('refuses %p in one sentence', (env, message) => {
    const { status, stderr } = run('check', env);
    expect([status, stderr]).toEqual([1, expect.stringContaining(message)]);
  });

  const hub = 'europe-west1-docker.pkg.dev/p/srs-live-dev-hub';
  /** The build's own files, with the digests that a test has for the bases. */
  const withBases = (json: string): ReturnType<typeof run> => {
    writeFileSync(join(folder, 'bases.json'), json);
    return spawnSync(
      '/bin/sh',
      ['-c', scriptWithin('bases').replaceAll('srs-image/image/bases.json', `${folder}/bases.json`)],
      {
        encoding: 'utf8',
        env: envOf(),
      },
    );
  };
  const pinned = JSON.stringify(
    { 'ossrs/srs:v6.0-r0': digest, 'node:22.21.1-bookworm-slim': `sha256:${'b'.repeat(64)}` },
    null,
    2,
  );

  it('builds from the digests that the repository has, by the copy of Docker Hub, and says which', () => {
    standIn('docker', '');
    const { status, stdout } = withBases(pinned);
    expect(status).toBe(0);
    expect(stdout).toContain(`base SRS_IMAGE=ossrs/srs:v6.0-r0@${digest}\n`);
    expect(readFileSync(join(folder, 'build-args'), 'utf8').split('\n')).toEqual([
      `--build-arg=SRS_IMAGE=${hub}/ossrs/srs:v6.0-r0@${digest}`,
      expect.stringMatching(/^--build-arg=NODE_IMAGE=\S+-hub\/library\/node:[\w.-]+@sha256:b+$/),
      '',
    ]);
    expect(calls()).not.toContain('imagetools');
  });

  it('stops at a base without a digest, and says the line that is to be written down', () => {
    standIn('docker', `case "$*" in *imagetools*) echo ${digest} ;; esac`);
    const { status, stderr } = withBases(pinned.replace(/"sha256:a+"/, 'null'));
    expect([status, stderr]).toEqual([
      1,
      expect.stringContaining(`bases.json, commit it, and build again\n  "ossrs/srs:v6.0-r0": "${digest}"\n`),
    ]);
    expect(calls()).toContain(`imagetools inspect ${hub}/ossrs/srs:v6.0-r0 `);
  });

  it('has one line for every base that a Dockerfile names, with a digest or with null', () => {
    const named = ['node', 'turn'].flatMap((image) =>
      [...readFileSync(`srs-image/image/${image}.Dockerfile`, 'utf8').matchAll(/^ARG \w+_IMAGE=(.*)$/gm)].map(
        ([, base]) => base,
      ),
    );
    const bases = Bases.parse(JSON.parse(readFileSync('srs-image/image/bases.json', 'utf8')));
    expect(Object.keys(bases).sort()).toEqual(named.sort());
  });

  it('stops when a base is not there', () => {
    standIn('docker', 'case "$*" in *imagetools*) exit 1 ;; esac');
    expect(withBases('{}').status).not.toBe(0);
  });

  it('tries the SRS that it is about to push behind the firewall, and stops when that SRS dies', () => {
    standIn('docker', 'exit 1');
    expect(run('trial-udp').status).toBe(1);
    expect(calls()).toMatch(/^docker run --rm --privileged .*SRS_BIN=\S+\/srs .*REAL_PARTS=required .*real-srs-udp/s);
    standIn('docker', '');
    expect(run('trial-udp').status).toBe(0);
  });

  it('has no SRS to try in the image of coturn', () => {
    standIn('docker', 'exit 1');
    expect(run('trial-udp', { _IMAGE: 'turn' }).status).toBe(0);
  });

  const scanned = (...lines: string[]): void =>
    standIn(
      'gcloud',
      `case "$*" in *list-vulnerabilities*) printf '%s\\n' '${lines.join("' '")}' ;; *) echo scans/1 ;; esac`,
    );

  it('stops for a critical vulnerability that has a fix', () => {
    scanned('LOW,CVE-1,True', 'CRITICAL,CVE-2,True');
    const { status, stderr } = run('scan');
    expect([status, stderr]).toEqual([1, expect.stringContaining('critical vulnerabilities that have a fix')]);
  });

  it.each([
    ['none', []],
    ['lesser ones, and a critical one nobody has fixed', ['HIGH,CVE-1,True', 'CRITICAL,CVE-2,False']],
  ])('goes on with %s', (_what, lines) => {
    scanned(...lines);
    expect(run('scan').status).toBe(0);
  });

  it('stops when the scan itself fails', () => {
    standIn('gcloud', 'exit 1');
    expect(run('scan').status).not.toBe(0);
  });

  it('pushes with the recorded bases and names the digest', () => {
    writeFileSync(join(folder, 'build-args'), '--build-arg=SRS_IMAGE=a@b\n');
    standIn('docker', `echo '{ "containerimage.digest": "${digest}" }' > ${folder}/metadata.json`);
    const { status, stdout } = run('push');
    expect([status, stdout]).toEqual([0, `pushed europe-west1-docker.pkg.dev/p/srs-live-dev-images/node@${digest}\n`]);
    expect(calls()).toContain('--build-arg=SRS_IMAGE=a@b');
  });

  it('says so when the registry named no digest', () => {
    writeFileSync(join(folder, 'build-args'), '');
    standIn('docker', `echo '{}' > ${folder}/metadata.json`);
    const { status, stderr } = run('push');
    expect([status, stderr]).toEqual([1, 'the registry named no digest\n']);
  });

  it('does not build what the other image needs', () => {
    for (const name of ['npm', 'npx']) standIn(name, '');
    for (const id of ['bundle', 'trial']) expect(run(id, { _IMAGE: 'turn' }).status).toBe(0);
    expect(calls()).toBe('');
  });

  it('tries the SRS of the image with tests that are there', () => {
    const [, pattern = ''] = /--testPathPatterns (\S+)/.exec(scriptOf('trial')) ?? [];
    const files = execFileSync('git', ['ls-files', 'test'], { encoding: 'utf8' }).split('\n');
    expect(files.filter((file) => file.includes(pattern) && file.endsWith('.integration.test.ts'))).not.toEqual([]);
  });
});
