import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ROUTES } from '../../../../functions/contract/routes';
import { close, listen } from '../../../../scripts/emulators/server/listen';
import { freePort } from '../../../support/platform/worker-ports';

/**
 * Instance metadata `agent-env`, with the waiting of Google's:
 * https://cloud.google.com/compute/docs/metadata/querying-metadata#waitforchange
 */
class Metadata {
  readonly asked: string[] = [];
  private value = '';
  private version = 0;
  private waiting: (() => void)[] = [];
  readonly server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://metadata');
    if (url.pathname !== '/computeMetadata/v1/instance/attributes/agent-env') return void response.writeHead(404).end();
    this.asked.push(url.search);
    const waits = url.searchParams.get('wait_for_change') === 'true' && url.searchParams.get('last_etag') === this.etag;
    if (waits) this.waiting.push(() => this.answer(response));
    else this.answer(response);
  });

  private get etag(): string {
    return `e${this.version}`;
  }

  private answer(response: ServerResponse): void {
    response.writeHead(200, { etag: this.etag, 'metadata-flavor': 'Google' }).end(this.value);
  }

  set(value: object): void {
    this.value = JSON.stringify(value);
    this.version += 1;
    for (const answer of this.waiting.splice(0)) answer();
  }
}

interface Line {
  event: string;
  [field: string]: unknown;
}

describe('the agent as a process', () => {
  const root = mkdtempSync(join(tmpdir(), 'srs-live-agent-process-'));
  const metadata = new Metadata();
  const children: ChildProcess[] = [];
  let metadataUrl = '';
  beforeAll(async () => {
    execFileSync(process.execPath, ['scripts/build/build.mjs']);
    metadataUrl = `http://127.0.0.1:${await listen(metadata.server, 0, 'metadata')}`;
    for (const folder of ['hls', 'spool']) mkdirSync(join(root, folder));
  }, 60_000);
  afterEach(async () => {
    for (const child of children.splice(0)) {
      const gone =
        child.exitCode === null && child.signalCode === null && new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGKILL');
      await gone;
    }
  });
  afterAll(async () => {
    metadata.server.closeAllConnections();
    await close(metadata.server);
    rmSync(root, { recursive: true });
  });

  /** Nobody answers for SRS, srs-hooks and Cloud Storage. */
  const envOf = async () => ({
    role: 'origin',
    hooksUrl: 'http://127.0.0.1:9',
    srsApiUrl: 'http://127.0.0.1:9',
    hlsRoot: join(root, 'hls'),
    spoolRoot: join(root, 'spool'),
    ingestBucket: 'ingest',
    openBucket: 'open',
    gatedBucket: 'gated',
    hooksPort: await freePort(),
    publicPort: await freePort(),
    heartbeatSeconds: 5,
    sessionWindowSeconds: 600,
    spoolLimitBytes: 1 << 30,
    storageApiEndpoint: 'http://127.0.0.1:9',
    monitoringApiEndpoint: 'none',
    metadataUrl,
  });

  function start(agentEnv: object, more: Record<string, string> = {}) {
    const env = { NODE_ID: 'node-1', NODE_ADDRESS: '127.0.0.1', AGENT_ENV: JSON.stringify(agentEnv), ...more };
    const child = spawn(process.execPath, ['dist/agent/agent.js'], { env, stdio: ['ignore', 'pipe', 'inherit'] });
    children.push(child);
    const lines: Line[] = [];
    child.stdout.on('data', (data) =>
      lines.push(
        ...`${data}`
          .split('\n')
          .filter(Boolean)
          .map((line) => JSON.parse(line)),
      ),
    );
    const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
    const said = async (event: string, times = 1): Promise<Line> => {
      for (const end = Date.now() + 10_000; Date.now() < end; ) {
        const found = lines.filter((line) => line.event === event);
        if (found.length >= times) return found[times - 1] ?? { event };
        if (child.exitCode !== null) throw new Error(`ended with ${child.exitCode}: ${JSON.stringify(lines)}`);
        await sleep(20);
      }
      throw new Error(`'${event}' was not said: ${JSON.stringify(lines)}`);
    };
    return { child, lines, said, exited };
  }

  it('the agent applies changed metadata of its VM, refuses wrong values, and reads it again at SIGHUP', async () => {
    const env = await envOf();
    metadata.set(env);
    const agent = start(env, { AGENT_ENV_WATCHED: 'true' });
    await agent.said('agent_started');
    metadata.set({ ...env, spoolLimitBytes: 1 << 25 });
    expect(await agent.said('config_changed')).toMatchObject({ spoolLimitBytes: { before: 1 << 30, now: 1 << 25 } });
    metadata.set({ ...env, hooksPort: 1 });
    const problem = `hooksPort: got 1; must stay ${env.hooksPort} while the agent runs`;
    expect(await agent.said('config_refused')).toMatchObject({ severity: 'ERROR', problems: [problem] });
    agent.child.kill('SIGHUP');
    expect(await agent.said('config_refused', 2)).toMatchObject({ problems: [problem] });
    metadata.set({ ...env, logLevel: 'warn' });
    await agent.said('config_changed', 2);
    expect(metadata.asked).toContain('?wait_for_change=true&last_etag=e2&timeout_sec=300');
    agent.child.kill('SIGTERM');
    expect(await agent.exited).toBe(0);
  }, 30_000);

  it('starts without SRS, srs-hooks and metadata server, and tells its load balancer so', async () => {
    const env = { ...(await envOf()), metadataUrl: 'http://127.0.0.1:9' };
    const agent = start(env, { AGENT_ENV_WATCHED: 'true' });
    await agent.said('agent_started');
    await agent.said('config_unreadable');
    const health = await fetch(`http://127.0.0.1:${env.publicPort}${ROUTES.agent.healthz}`);
    expect([health.status, await health.text()]).toEqual([503, 'SRS does not answer\n']);
    agent.child.kill('SIGTERM');
    expect(await agent.exited).toBe(0);
  }, 30_000);

  it('is alone on its spool: a second one says who is there, and ends', async () => {
    const first = start(await envOf());
    await first.said('agent_started');
    first.child.kill('SIGHUP');
    expect(await first.said('config_fixed')).toMatchObject({ severity: 'INFO' });
    const second = start(await envOf());
    expect(await second.exited).toBe(1);
    expect(second.lines.at(-1)).toMatchObject({
      event: 'agent_failed',
      message: expect.stringMatching(new RegExp(`spool.*${first.child.pid}`)),
    });
    first.child.kill('SIGTERM');
    expect(await first.exited).toBe(0);
  }, 30_000);

  it('says every field that is wrong in what it is started with', async () => {
    const wrong = start({ ...(await envOf()), role: 'both', heartbeatSeconds: 0 });
    expect(await wrong.exited).toBe(1);
    expect(wrong.lines.at(-1)?.message).toMatch(/^role: .*"origin"\|"edge"; heartbeatSeconds: .*>=0\.2$/);
  }, 30_000);
});
