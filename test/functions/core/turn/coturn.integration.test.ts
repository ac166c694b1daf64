import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleepFor } from 'node:timers/promises';
import { turnCredentials } from '../../../../functions/core/turn/turn-credentials';
import { realPart } from '../../../support/platform/real-part';
import { freePort } from '../../../support/platform/worker-ports';

const SECRET = 'the-secret-of-this-test-only';
const OLDER_SECRET = 'the-secret-before-the-rotation';
const REALM = 'live.example.com';

const isThere = (command: string): boolean => spawnSync('sh', ['-c', `command -v ${command}`]).status === 0;
const missing =
  isThere('turnserver') && isThere('turnutils_uclient') ? undefined : 'skipped: no coturn on this machine';

realPart('Debian’s coturn', missing, () => {
  let folder: string;
  let port: number;
  let server: ChildProcess;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'coturn-'));
    port = await freePort();
    server = startServer(port, folder);
    await listening(port);
  }, 20_000);
  afterAll(async () => {
    const ended = new Promise((resolve) => server.once('exit', resolve));
    server.kill('SIGKILL');
    await ended;
    rmSync(folder, { recursive: true });
  });

  /** Returns whether messages through two relays came back, over UDP or TCP to the server. */
  const relays = (username: string, password: string, transport: 'udp' | 'tcp' = 'udp'): Promise<boolean> => {
    const args = ['-y', '-n', '3', '-m', '1', ...(transport === 'tcp' ? ['-t'] : []), '-u', username, '-w', password];
    const client = spawn('turnutils_uclient', [...args, '-p', String(port), '127.0.0.1'], { stdio: 'ignore' });
    return new Promise((resolve) => client.once('exit', (code) => resolve(code === 0)));
  };
  const credentials = (more: { secret?: string; lifetimeSeconds?: number; nowMs?: number } = {}) => {
    const { secret = SECRET, lifetimeSeconds = 60, nowMs = Date.now() } = more;
    const servers = { urls: [`turn:127.0.0.1:${port}`], secret };
    const [made] = turnCredentials(servers, { user: 'customer-1', lifetimeSeconds, nowMs }).iceServers;
    return { username: made?.username ?? '', credential: made?.credential ?? '' };
  };

  it('relays for credentials of ours, over UDP and TCP, and for those of the secret before a rotation', async () => {
    const ours = credentials();
    const older = credentials({ secret: OLDER_SECRET });
    const relayed = [
      relays(ours.username, ours.credential, 'udp'),
      relays(ours.username, ours.credential, 'tcp'),
      relays(older.username, older.credential),
    ];
    expect(await Promise.all(relayed)).toEqual([true, true, true]);
  }, 30_000);

  it('refuses expired credentials', async () => {
    const { username, credential } = credentials({ nowMs: Date.now() - 120_000 });
    expect(await relays(username, credential)).toBe(false);
  }, 30_000);

  it('refuses forged credentials: another secret, a later expiry, another user, another password', async () => {
    const { username, credential } = credentials();
    const forged: [string, string][] = [
      [username, credentials({ secret: 'a-secret-nobody-has' }).credential],
      [username.replace(/^\d+/, (at) => `${Number(at) + 3600}`), credential],
      [`${username}0`, credential],
      [username, credential.toLowerCase()],
    ];
    expect(await Promise.all(forged.map(([name, password]) => relays(name, password)))).toEqual([
      false,
      false,
      false,
      false,
    ]);
  }, 30_000);
});

/** On loopback, with relays to loopback allowed. */
function startServer(port: number, folder: string): ChildProcess {
  const args = [
    ...['-n', '--listening-ip=127.0.0.1', '--relay-ip=127.0.0.1', `--listening-port=${port}`],
    ...['--min-port=49160', '--max-port=49400', '--use-auth-secret', `--realm=${REALM}`, '--allow-loopback-peers'],
    ...[`--static-auth-secret=${SECRET}`, `--static-auth-secret=${OLDER_SECRET}`],
    ...['--no-tls', '--no-dtls', '--no-cli', '--fingerprint', '--log-file=stdout', '--simple-log'],
    ...[`--userdb=${join(folder, 'turndb')}`, `--pidfile=${join(folder, 'pid')}`],
  ];
  const child = spawn('turnserver', args, { stdio: 'ignore' });
  child.once('error', () => undefined);
  return child;
}

/** It says nothing while its output is no terminal, so it is asked. */
async function listening(port: number): Promise<void> {
  for (let tries = 0; tries < 100; tries += 1) {
    if (await answers(port)) return;
    await sleepFor(100);
  }
  throw new Error(`coturn does not listen on ${port}`);
}

const answers = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('close', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
