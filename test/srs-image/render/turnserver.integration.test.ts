import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { accepts } from '../../../scripts/local/command/accepts';
import { turnserverConf } from '../../../srs-image/render/turnserver-conf';
import { realPart } from '../../support/platform/real-part';
import { freePort } from '../../support/platform/worker-ports';

const TURNSERVER = '/usr/bin/turnserver';
const missing = existsSync(TURNSERVER) ? undefined : 'not installed';

/** Returns coturn's output for a configuration, until it listens on `port` or ends. */
async function saidOf(conf: string, port: number): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'turnserver-'));
  writeFileSync(join(folder, 'turnserver.conf'), conf);
  const child = spawn(TURNSERVER, ['-c', join(folder, 'turnserver.conf')], { stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (said += data));
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  while (child.exitCode === null && !(await accepts(port))) await sleep(50);
  child.kill('SIGTERM');
  await ended;
  rmSync(folder, { recursive: true });
  return said;
}

const REFUSAL = /Bad configuration|Unknown|Unrecognized|ERROR: .*(config|peer)/i;

realPart('Debian’s coturn', missing, () => {
  it('says which line it does not take', async () => {
    const port = await freePort();
    expect(
      await saidOf(
        `listening-ip=127.0.0.1\nlistening-port=${port}\npidfile=/tmp/pid\nlog-file=stdout\nsimple-log\nno-such-thing\n`,
        port,
      ),
    ).toMatch(REFUSAL);
  }, 20_000);

  it('takes every line of the configuration', async () => {
    const port = await freePort();
    const conf = turnserverConf({
      realm: 'live.example.com',
      relayPorts: { first: 49_152, last: 49_251 },
      userQuota: 12,
      maxKilobitsPerSecond: 4000,
      allowedPeers: ['203.0.113.7'],
    }).replace(/^listening-port=.*$/m, `listening-port=${port}`);
    const own =
      'listening-ip=127.0.0.1\nrelay-ip=127.0.0.1\nexternal-ip=203.0.113.9/127.0.0.1\nstatic-auth-secret=a\nstatic-auth-secret=b\n';
    const said = await saidOf(`${conf}${own}`, port);
    expect(said).not.toMatch(REFUSAL);
    expect(said).toContain('500000 bytes per second allowed per session');
  }, 20_000);
});
