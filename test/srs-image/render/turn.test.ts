import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { turnCloudInit } from '../../../srs-image/render/turn-cloud-init';
import { turnserverConf, turnUrls } from '../../../srs-image/render/turnserver-conf';

const CONF = {
  realm: 'live.example.com',
  relayPorts: { first: 49_152, last: 50_151 },
  userQuota: 12,
  maxKilobitsPerSecond: 4000,
};
const text = turnCloudInit({
  ...CONF,
  image: 'europe-west1-docker.pkg.dev/p/images/turn:4.6.1-1',
  secret: 'projects/p/secrets/srs-live-dev-turn-secret',
});
const CloudConfig = z.strictObject({
  write_files: z.array(
    z.strictObject({ path: z.string(), permissions: z.string(), owner: z.string(), content: z.string() }),
  ),
  runcmd: z.array(z.string()),
});
const config = CloudConfig.parse(JSON.parse(text.replace(/^#cloud-config\n/, '')));
const file = (path: string): string => config.write_files.find((one) => one.path === path)?.content ?? '';
const unit = file('/etc/systemd/system/turn.service');

describe('turnserver.conf', () => {
  const lines = turnserverConf({ ...CONF, allowedPeers: ['203.0.113.7'] }).split('\n');

  it.each([
    'use-auth-secret',
    'min-port=49152',
    'max-port=50151',
    'total-quota=1000',
    'user-quota=12',
    'max-bps=500000',
    'realm=live.example.com',
    'no-cli',
    'no-tcp-relay',
    'no-multicast-peers',
    'stale-nonce=600',
    'allowed-peer-ip=203.0.113.7',
  ])('says %s', (line) => {
    expect(lines).toContain(line);
  });

  it.each(['0.0.0.0-255.255.255.255', '::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'])(
    'relays to nobody else in %s',
    (range) => {
      expect(lines).toContain(`denied-peer-ip=${range}`);
    },
  );

  it('allows no loopback peer and no user of its own', () => {
    expect(lines.filter((line) => /^(allow-loopback-peers|user=|lt-cred-mech|cli-password)/.test(line))).toEqual([]);
  });
});

describe('cloud-init of a TURN server', () => {
  it('is a cloud-config, and holds nothing Terraform would read as its own', () => {
    expect(text.startsWith('#cloud-config\n{')).toBe(true);
    expect(text).not.toMatch(/[$%]\{/);
  });

  it('holds no secret, but where to read it', () => {
    expect(text).not.toMatch(/static-auth-secret=[^/]/);
    expect(file('/var/lib/srs-live/conf.sh')).toContain('secrets/srs-live-dev-turn-secret/versions/latest:access');
  });

  it('opens its own ports and exactly the relay range', () => {
    const openings = file('/var/lib/srs-live/firewall.sh').match(/-p (tcp|udp) .*--dports \S+/g);
    expect(openings).toEqual([
      '-p tcp -m multiport --dports 3478,443',
      '-p udp -m multiport --dports 3478,49152:50151',
    ]);
  });

  it('runs coturn as nobody, read-only and without capabilities', () => {
    for (const flag of ['--user 65534:65534', '--read-only', '--cap-drop ALL', '--security-opt no-new-privileges'])
      expect(unit).toContain(flag);
  });

  it('comes back whatever ended it, and reads the secret again when it does', () => {
    expect(unit).toMatch(/^Restart=always$/m);
    expect(unit).toMatch(/^StartLimitIntervalSec=0$/m);
    expect(unit).toMatch(/^ExecStartPre=\/bin\/bash \/var\/lib\/srs-live\/conf\.sh$/m);
  });

  it('writes every unit it starts', () => {
    const written = config.write_files.map(({ path }) => path.split('/').at(-1) ?? '');
    const named = [...config.runcmd.join('\n').matchAll(/\S+\.service/g)].map(([name]) => name);
    expect(named.filter((name) => !written.includes(name))).toEqual([]);
  });
});

describe('the script that adds what only the VM knows', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'turn-conf-'));
    mkdirSync(join(folder, 'bin'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  /** Runs it with stand-ins for `curl`, `chown` and `sleep`; `curl` answers `secret` from the second try on. */
  function run(secret: string): string {
    const answer = JSON.stringify({ name: 'n', payload: { data: Buffer.from(secret).toString('base64') } }, null, 2);
    writeFileSync(join(folder, 'answer'), answer);
    const curl = [
      'case "$*" in',
      '*network-interfaces/0/ip) printf 10.10.0.5 ;;',
      '*external-ip) printf 203.0.113.9 ;;',
      `*token) printf '{"access_token":"ya29.t","expires_in":3599,"token_type":"Bearer"}' ;;`,
      `*) cat > ${folder}/config; [ -e ${folder}/tried ] || { touch ${folder}/tried; exit 22; }; cat ${folder}/answer ;;`,
      'esac',
    ].join('\n');
    for (const [name, script] of Object.entries({ curl, chown: 'exit 0', sleep: 'exit 0' })) {
      writeFileSync(join(folder, 'bin', name), `#!/bin/sh\n${script}\n`);
      chmodSync(join(folder, 'bin', name), 0o755);
    }
    writeFileSync(join(folder, 'turnserver.conf'), file('/var/lib/srs-live/turnserver.conf'));
    const script = file('/var/lib/srs-live/conf.sh')
      .replaceAll('/run/srs-live', join(folder, 'run'))
      .replaceAll('/var/lib/srs-live', folder);
    execFileSync('bash', ['-c', script], { env: { ...process.env, PATH: `${folder}/bin:${process.env.PATH}` } });
    return readFileSync(join(folder, 'run/turnserver.conf'), 'utf8');
  }

  it('names the addresses on both sides of the NAT, and port 443', () => {
    const conf = run('a'.repeat(32)).split('\n');
    expect(conf).toEqual(
      expect.arrayContaining([
        'listening-ip=10.10.0.5',
        'external-ip=203.0.113.9/10.10.0.5',
        'aux-server=10.10.0.5:443',
      ]),
    );
    expect(conf[0]).toBe('listening-port=3478');
  });

  it('takes both secrets of a rotation, one a line, and waits until there is one', () => {
    expect(run('newest\nolder\n\n')).toMatch(/\nstatic-auth-secret=newest\nstatic-auth-secret=older\n$/);
  });

  it('lets nobody else read the result, and no other process the token', () => {
    run('x');
    expect(statSync(join(folder, 'run/turnserver.conf')).mode & 0o077).toBe(0);
    expect(readFileSync(join(folder, 'config'), 'utf8')).toBe('header = "Authorization: Bearer ya29.t"\n');
  });
});

describe('a browser with the URLs of a TURN server', () => {
  it('reaches it by UDP, by TCP, and by the port that is open everywhere', () => {
    expect(turnUrls('turn-1.live.example.com')).toEqual([
      'turn:turn-1.live.example.com:3478?transport=udp',
      'turn:turn-1.live.example.com:3478?transport=tcp',
      'turn:turn-1.live.example.com:443?transport=tcp',
    ]);
  });
});
