import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { cloudInit } from '../../../srs-image/render/cloud-init';
import { NODE } from '../../../srs-image/render/node';

const text = cloudInit({
  image: 'europe-west1-docker.pkg.dev/p/images/node:6.0.157-1',
  mediaMebibytes: 2048,
  segmentSeconds: 2,
  drainSeconds: 90,
  srtSources: [],
});
const CloudConfig = z.strictObject({
  write_files: z.array(
    z.strictObject({ path: z.string(), permissions: z.string(), owner: z.string(), content: z.string() }),
  ),
  runcmd: z.array(z.string()),
});
const config = CloudConfig.parse(JSON.parse(text.replace(/^#cloud-config\n/, '')));
const file = (path: string): string => config.write_files.find((one) => one.path === path)?.content ?? '';
const unit = (name: string): string => file(`/etc/systemd/system/${name}`);

describe('cloud-init of an SRS VM', () => {
  it('is a cloud-config', () => {
    expect(text.startsWith('#cloud-config\n{')).toBe(true);
  });

  it('holds nothing Terraform would read as its own', () => {
    expect(text).not.toMatch(/[$%]\{/);
  });

  it('starts the agent before SRS and stops it after', () => {
    expect(unit('srs.service')).toMatch(/^After=.*\bagent\.service/m);
    expect(config.runcmd.at(-1)).toBe('systemctl start agent.service srs.service gate.service watchdog.service');
  });

  it('stops the gate before SRS, which then says its last words to the agent', () => {
    expect(unit('gate.service')).toMatch(/^After=.*\bagent\.service srs\.service$/m);
  });

  it('leaves SRS alone when the gate restarts, and the gate alone when SRS does', () => {
    for (const name of ['srs.service', 'agent.service']) expect(unit(name)).not.toContain('gate');
    expect(unit('gate.service')).not.toMatch(/^(Requires|BindsTo|PartOf|Wants)=.*srs/m);
  });

  it('leaves SRS alone when the agent restarts', () => {
    expect(unit('srs.service')).toMatch(/^Wants=agent\.service$/m);
    expect(unit('srs.service')).not.toMatch(/^(Requires|BindsTo|PartOf)=.*agent/m);
  });

  it('restarts all of them, whatever ended them and however often', () => {
    for (const name of ['srs.service', 'agent.service', 'gate.service']) {
      expect(unit(name)).toMatch(/^Restart=always$/m);
      expect(unit(name)).toMatch(/^StartLimitIntervalSec=0$/m);
    }
  });

  it('waits for a registry that is away, because nothing starts a failed dependency again', () => {
    expect(file('/var/lib/srs-live/image.sh')).toMatch(/^until .*docker pull \S+node:6\.0\.157-1; do sleep 2; done$/m);
  });

  it('lets the agent drain within what a stopping VM gets', () => {
    const limit = (name: string): number => Number(/docker stop --time (\d+)/.exec(unit(name))?.[1]);
    expect(limit('agent.service')).toBe(90);
    expect(limit('agent.service') + limit('srs.service') + limit('gate.service')).toBeLessThan(120);
  });

  it('gives both containers the same mount, because segments are hard-linked', () => {
    expect(unit('mnt-disks-media.mount')).toMatch(/^Type=tmpfs\nOptions=size=2048m,/m);
    for (const name of ['srs.service', 'agent.service']) {
      expect(unit(name)).toContain('--volume /mnt/disks/media:/media ');
      expect(unit(name)).toMatch(/^Requires=.*\bmnt-disks-media\.mount/m);
    }
  });

  it('tells agent and SRS who they are from the VM’s own metadata', () => {
    const script = file('/var/lib/srs-live/node-env.sh');
    expect(script).toContain('attributes/agent-env');
    for (const name of ['NODE_ID', 'NODE_ADDRESS', 'AGENT_ENV', 'SRS_SERVER_ID', 'GATE_ENV'])
      expect(script).toContain(`${name}=%s`);
    expect(unit('agent.service')).toContain('--env-file /run/srs-live/agent.env');
    expect(unit('srs.service')).toContain('--env-file /run/srs-live/srs.env');
  });

  it('writes every unit that another names', () => {
    const written = config.write_files.map(({ path }) => path.split('/').at(-1) ?? '');
    const own = config.write_files.flatMap(({ content }) =>
      [...content.matchAll(/^(?:Requires|After|Wants)=(.*)$/gm)].flatMap(([, names = '']) => names.split(' ')),
    );
    const systems = ['docker.service', 'network-online.target'];
    expect(own.filter((name) => !systems.includes(name) && !written.includes(name))).toEqual([]);
  });

  it('starts no script as a program: the folder is mounted noexec', () => {
    for (const { path, content } of config.write_files.filter(({ path }) => path.endsWith('.service')))
      expect([path, /^Exec\w+=-?\/var\//m.test(content)]).toEqual([path, false]);
  });
});

describe('the layout of a node', () => {
  const conf = readFileSync('srs-image/rootfs/etc/srs/srs.conf', 'utf8');

  it.each([
    ['RTMP, which the gate alone reaches', new RegExp(`^listen\\s+127\\.0\\.0\\.1:${NODE.srsRtmpPort};`, 'm')],
    ['SRS’s API', new RegExp(`^\\s+listen\\s+127\\.0\\.0\\.1:${NODE.srsApiPort};`, 'm')],
    ['hooks', new RegExp(`on_publish\\s+http://127\\.0\\.0\\.1:${NODE.hooksPort}/`)],
    ['HLS', new RegExp(`hls_path\\s+${NODE.hlsRoot};`)],
  ])('is what srs.conf says: %s', (_what, line) => {
    expect(conf).toMatch(line);
  });
});
