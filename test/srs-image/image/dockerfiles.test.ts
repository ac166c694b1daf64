import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { cloudInit } from '../../../srs-image/render/cloud-init';
import { NODE } from '../../../srs-image/render/node';
import { turnCloudInit } from '../../../srs-image/render/turn-cloud-init';
import { ENVIRONMENTS } from '../../support/synth';

const FOLDER = 'srs-image/image';
const IMAGES = { node: 'node.Dockerfile', turn: 'turn.Dockerfile' };

interface Instruction {
  name: string;
  rest: string;
}
/** Instructions with their continuation lines, without comments. */
const parse = (file: string): Instruction[] =>
  readFileSync(join(FOLDER, file), 'utf8')
    .replace(/^#.*\n/gm, '')
    .replace(/\\\n/g, ' ')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const [, name = '', rest = ''] = /^(\S+)\s*(.*)$/.exec(line) ?? [];
      return { name, rest };
    });
const all = (file: string, name: string): string[] =>
  parse(file).flatMap((one) => (one.name === name ? [one.rest] : []));

const KNOWN = ['ARG', 'FROM', 'RUN', 'COPY', 'ENV', 'WORKDIR', 'USER', 'CMD', 'ENTRYPOINT', 'STOPSIGNAL'];
const bases = (file: string): string[] => all(file, 'ARG').map((arg) => arg.replace(/^\w+=/, ''));

describe.each(Object.entries(IMAGES))('the image %s', (name, file) => {
  it('uses instructions Docker knows, none of them deprecated', () => {
    expect(parse(file).filter((one) => !KNOWN.includes(one.name))).toEqual([]);
  });

  it('is built from bases by an exact version, each an argument, so that a build can put its digest there', () => {
    for (const base of bases(file)) expect(base).toMatch(/^[a-z0-9./-]+:[a-z]*\d[\w.-]*(@sha256:[0-9a-f]{64})?$/);
    for (const from of all(file, 'FROM')) expect(from).toMatch(/^\$\{[A-Z_]+_IMAGE\}( AS [a-z]+)?$/);
    expect(bases(file).length).toBe(all(file, 'FROM').length);
  });

  it('runs as an unprivileged user, named by number', () => {
    const user = all(file, 'USER').at(-1) ?? '';
    expect(user).toMatch(/^[1-9]\d+:[1-9]\d+$/);
  });

  it('starts programs directly, never through a shell that swallows signals', () => {
    for (const command of [...all(file, 'CMD'), ...all(file, 'ENTRYPOINT')])
      expect(z.array(z.string()).safeParse(JSON.parse(command)).success).toBe(true);
  });

  it('fetches nothing while it is built, and holds no secret', () => {
    for (const run of all(file, 'RUN')) expect(run).not.toMatch(/curl|wget|apt|npm|git /);
    for (const env of [...all(file, 'ENV'), ...all(file, 'ARG')])
      expect(env).not.toMatch(/secret|password|token|key=/i);
  });

  it('sends Docker what it copies, and nothing else', () => {
    const lines = readFileSync(join(FOLDER, `${file}.dockerignore`), 'utf8')
      .trim()
      .split('\n');
    const copied = all(file, 'COPY').flatMap((copy) => (copy.startsWith('--from') ? [] : [copy.split(' ')[0] ?? '']));
    expect(lines).toEqual(['*', ...[...copied].map((path) => `!${path.replace(/\/$/, '')}`).sort()]);
  });

  it('has a tag in every environment that says what is in it', () => {
    const tags = Object.values(ENVIRONMENTS).map(({ origin, turn }) => (name === 'node' ? origin : turn).imageTag);
    const version = /:([\w.-]+?)(-debian)?$/.exec(bases(file)[0] ?? '')?.[1] ?? '';
    for (const tag of tags) expect(tag).toMatch(new RegExp(`^${version.replaceAll('.', '\\.')}-\\d+$`));
  });
});

describe('image and units', () => {
  const unitsOf = (text: string): string => {
    const { write_files: files } = z
      .object({ write_files: z.array(z.object({ path: z.string(), content: z.string() })) })
      .parse(JSON.parse(text.replace(/^#cloud-config\n/, '')));
    return files.map(({ path, content }) => (path.endsWith('.service') ? content : '')).join('\n');
  };
  const node = unitsOf(
    cloudInit({ image: 'IMAGE', mediaMebibytes: 2048, segmentSeconds: 2, drainSeconds: 90, srtSources: [] }),
  );
  const ran = (text: string, name: string): string =>
    new RegExp(`docker run .*--name ${name} .*$`, 'm').exec(text)?.[0] ?? '';

  it('agree on where agent and gate are', () => {
    for (const [name, bundle] of [
      ['agent', NODE.agentBundle],
      ['gate', NODE.gateBundle],
    ] as const) {
      expect(all(IMAGES.node, 'COPY')).toContain(`dist/${name}/${name}.js ${bundle}`);
      expect(ran(node, name)).toMatch(new RegExp(`IMAGE node ${bundle}$`));
    }
  });

  it('agree on where SRS and its configuration are', () => {
    expect(all(IMAGES.node, 'COPY')).toContain(`--from=srs ${NODE.srsProgram} ${NODE.srsProgram}`);
    expect(all(IMAGES.node, 'COPY')).toContain('srs-image/rootfs/ /');
    for (const file of [NODE.srsConf, NODE.srsScript])
      expect(statSync(join('srs-image/rootfs', file)).isFile()).toBe(true);
    expect(ran(node, 'srs')).toMatch(
      new RegExp(`IMAGE /bin/bash ${NODE.srsScript} ${NODE.srsProgram} ${NODE.srsConf}$`),
    );
  });

  it('agree on one user for both, which owns the folders', () => {
    expect(all(IMAGES.node, 'USER')).toEqual([`${NODE.uid}:${NODE.uid}`]);
    for (const name of ['agent', 'srs']) expect(ran(node, name)).toContain(` --user ${NODE.uid}:${NODE.uid} `);
  });

  it('write nowhere but to /tmp and the media folder', () => {
    for (const name of ['agent', 'srs']) {
      expect(ran(node, name)).toContain(' --read-only --tmpfs /tmp:');
      expect(ran(node, name).match(/--volume \S+/g)).toEqual([`--volume ${NODE.mediaMount}:/media`]);
    }
    expect(all(IMAGES.node, 'ENV').join(' ')).toContain('SRS_PID=/tmp/');
  });

  it('give SRS the open files it asks for: its connections and 128', () => {
    const conf = readFileSync(join('srs-image/rootfs', NODE.srsConf), 'utf8');
    const connections = Number(/^max_connections\s+(\d+);/m.exec(conf)?.[1]);
    const [, soft, hard] = /--ulimit nofile=(\d+):(\d+)/.exec(ran(node, 'srs')) ?? [];
    expect(connections).toBeGreaterThan(0);
    for (const limit of [soft, hard]) expect(Number(limit)).toBeGreaterThanOrEqual(connections + 128);
  });

  it('agree on how coturn is started, and on the signal by which it drains', () => {
    const unit = unitsOf(
      turnCloudInit({
        image: 'IMAGE',
        secret: 'projects/p/secrets/s',
        realm: 'r',
        relayPorts: { first: 49_152, last: 49_251 },
        userQuota: 2,
        maxKilobitsPerSecond: 500,
      }),
    );
    const command = z.array(z.string()).parse(JSON.parse(all(IMAGES.turn, 'CMD')[0] ?? ''));
    expect(ran(unit, 'turn')).toMatch(new RegExp(`IMAGE ${command.join(' ')}$`));
    expect(all(IMAGES.turn, 'ENTRYPOINT')).toEqual(['[]']);
    expect(all(IMAGES.turn, 'STOPSIGNAL')).toEqual(['SIGUSR1']);
  });

  it('has a Dockerfile for every image that infra names', () => {
    const named = readdirSync(FOLDER).filter((name) => name.endsWith('.Dockerfile'));
    expect(named.sort()).toEqual(Object.values(IMAGES).sort());
  });
});
