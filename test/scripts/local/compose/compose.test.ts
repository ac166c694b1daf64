import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { jsonLog } from '../../../../functions/adapters/log';
import { TurnUrls } from '../../../../functions/contract/turn';
import { close, listen } from '../../../../scripts/emulators/server/listen';
import { Compose, requireDocker } from '../../../../scripts/local/compose/compose';
import { ComposeService } from '../../../../scripts/local/compose/compose-service';
import { composeTurn } from '../../../../scripts/local/compose/compose-turn';
import { composeLaunch, srsVariables } from '../../../../scripts/local/origin/compose-launch';
import { portsFrom } from '../../../../scripts/local/ports';
import { turnUrlsOf } from '../../../../scripts/local/turn/turn-conf';
import { NODE } from '../../../../srs-image/render/node';
import { freePort } from '../../../support/platform/worker-ports';

/**
 * The part of the Compose specification that is used. https://github.com/compose-spec/compose-spec/blob/main/spec.md
 */
const Service = z.strictObject({
  build: z.strictObject({ context: z.string(), dockerfile: z.string() }).optional(),
  image: z.string().regex(/^[a-z0-9./-]+:(local|\d[\w.-]*)$/, 'use an exact version, or one that is built here'),
  command: z.array(z.string()).optional(),
  network_mode: z.literal('host'),
  user: z.string().optional(),
  read_only: z.boolean().optional(),
  tmpfs: z.array(z.string()).optional(),
  cap_drop: z.tuple([z.literal('ALL')]).optional(),
  security_opt: z.tuple([z.literal('no-new-privileges:true')]).optional(),
  ulimits: z.strictObject({ nofile: z.int().positive() }).optional(),
  volumes: z.array(z.string()).optional(),
  environment: z.array(z.string().regex(/^[A-Z_]+$/, 'name it; the stack has the value')).optional(),
  stop_grace_period: z.string().regex(/^\d+s$/),
});
const File = z.strictObject({ services: z.strictObject({ srs: Service, turn: Service, firestore: Service }) });

const text = readFileSync('srs-image/image/compose.yaml', 'utf8');
const { services } = File.parse(parse(text));
const originOptions = {
  rtmpPort: 1935,
  apiPort: 1985,
  hooksUrl: 'http://127.0.0.1:8085',
  media: { httpPort: 8080, srtPort: 10_080, rtcPort: 8000 },
  hlsRoot: '/tmp/hls',
  nodeId: 'node-1',
  ffmpegPath: '/bin/false',
  log: jsonLog(() => undefined),
};

describe('the Compose file', () => {
  it('builds the images of the cloud', () => {
    for (const { build } of [services.srs, services.turn])
      expect([
        build?.context,
        existsSync(join('srs-image/image', build?.context ?? '', build?.dockerfile ?? '')),
      ]).toEqual(['../..', true]);
    expect(services.srs.command).toEqual(['/bin/bash', NODE.srsScript, NODE.srsProgram, NODE.srsConf]);
  });

  it('confines what it builds as a VM does', () => {
    for (const { read_only, cap_drop, security_opt } of [services.srs, services.turn])
      expect([read_only, cap_drop, security_opt]).toEqual([true, ['ALL'], ['no-new-privileges:true']]);
  });

  it('is given every variable it asks for, and hands SRS every one it is told', () => {
    const { SRS_USER, ...told } = srsVariables(originOptions);
    expect(SRS_USER).toMatch(/^\d+:\d+$/);
    expect([...(services.srs.environment ?? [])].sort()).toEqual(Object.keys(told).sort());
    const asked = new Set([...text.matchAll(/\$\{([A-Z_]+):\?\}/g)].map(([, name = '']) => name));
    expect([...asked].sort()).toEqual(['FIRESTORE_PORT', 'SRS_USER', 'SRS_VHOST_HLS_HLS_PATH', 'TURN_CONF']);
    expect(text.match(/\$\{/g)).toHaveLength(text.match(/\$\{[A-Z_]+:\?\}/g)?.length ?? 0);
  });
});

describe('containers, with a stand-in for docker', () => {
  let folder: string;
  const { PATH } = process.env;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'compose-'));
    process.env.PATH = `${folder}:${PATH}`;
  });
  afterEach(() => {
    process.env.PATH = PATH;
    rmSync(folder, { recursive: true });
  });

  const docker = (script = ''): void => {
    writeFileSync(join(folder, 'docker'), `#!/bin/sh\necho "$*" >> ${folder}/calls\n${script}\n`);
    chmodSync(join(folder, 'docker'), 0o755);
  };
  const calls = (): string[] => readFileSync(join(folder, 'calls'), 'utf8').trim().split('\n');
  const compose = (variables: Record<string, string> = {}) => new Compose('/project', 'srs-live-1', variables);
  const COMMAND = 'compose --file /project/srs-image/image/compose.yaml --project-name srs-live-1';

  it.each([
    ['there is no engine', 'exit 1', /^--docker: no Docker engine answers, start one; or leave --docker out/],
    ['there is no Compose', '[ "$1" = info ]', /^--docker: this docker has no 'docker compose', install it;/],
  ])('says in one sentence that %s', async (_what, script, message) => {
    docker(script);
    await expect(requireDocker()).rejects.toThrow(message);
  });

  it('says so where docker itself is missing', async () => {
    process.env.PATH = folder;
    await expect(requireDocker()).rejects.toThrow('no Docker engine answers');
  });

  it('starts a service, waits until it listens, and takes it away again, once', async () => {
    docker();
    const listener = createServer();
    const port = await freePort();
    await listen(listener, port, 'stand-in');
    const service = new ComposeService({ compose: compose(), service: 'firestore', port });
    expect((await service.start()).port).toBe(String(port));
    await service.stop();
    await service.stop();
    await close(listener);
    expect(calls()).toEqual([
      `${COMMAND} up --build --detach firestore`,
      `${COMMAND} rm --stop --force --volumes firestore`,
    ]);
  });

  it('takes nothing away that was never started', async () => {
    docker();
    await new ComposeService({ compose: compose(), service: 'firestore', port: 1 }).stop();
    expect(existsSync(join(folder, 'calls'))).toBe(false);
  });

  it('tells in one sentence why a service does not start', async () => {
    docker('echo pulling >&2; echo "manifest unknown" >&2; exit 1');
    const service = new ComposeService({ compose: compose(), service: 'firestore', port: 1 });
    await expect(service.start()).rejects.toThrow(/^docker compose up --build --detach firestore: manifest unknown$/);
  });

  it('runs SRS in the foreground, built before, and kills it by name', async () => {
    docker();
    const launch = await composeLaunch(compose({ SRS_LISTEN: '127.0.0.1:1935' })).prepare(folder);
    await launch.killHard?.();
    expect([launch.command, launch.args.join(' ')]).toEqual([
      'docker',
      `${COMMAND} up --no-deps --no-log-prefix --exit-code-from srs srs`,
    ]);
    expect(launch.env).toMatchObject({ SRS_LISTEN: '127.0.0.1:1935' });
    expect(calls()).toEqual([`${COMMAND} build srs`, `${COMMAND} kill srs`]);
  });

  it('gives coturn the configuration of the cloud, for media of this machine', async () => {
    docker('case "$*" in *up*) exit 1 ;; esac');
    const ports = portsFrom(21_000);
    const file = join(folder, 'turnserver.conf');
    const service = composeTurn({ compose: compose(), ports, file, secret: 'a-secret-of-this-test' });
    await expect(service.start()).rejects.toThrow('docker compose up');
    const lines = readFileSync(file, 'utf8').split('\n');
    expect(lines).toEqual(
      expect.arrayContaining([
        `listening-port=${ports.turn}`,
        `min-port=${ports.turnRelay.first}`,
        'allowed-peer-ip=127.0.0.1',
        'denied-peer-ip=0.0.0.0-255.255.255.255',
        'static-auth-secret=a-secret-of-this-test',
      ]),
    );
    expect(statSync(file).mode & 0o777).toBe(0o644);
    expect(TurnUrls.parse(turnUrlsOf(ports.turn))).toEqual([
      `turn:127.0.0.1:${ports.turn}?transport=udp`,
      `turn:127.0.0.1:${ports.turn}?transport=tcp`,
    ]);
  });
});
