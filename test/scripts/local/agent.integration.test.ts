import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AgentProcess } from '../../../scripts/local/services/agent';
import { AGENT_ENV } from '../../support/agent-env';
import { freePort } from '../../support/platform/worker-ports';

/** Says what it was given and listens where it was told, as the agent's bundle does. */
const BUNDLE = `
const env = JSON.parse(process.env.AGENT_ENV);
if (env.role === 'edge') { console.log('no edges here'); process.exit(1); }
console.log(JSON.stringify({ ...env, node: process.env.NODE_ID, own: Object.keys(process.env).sort() }));
require('node:http').createServer((_, response) => response.end()).listen(env.publicPort, process.env.NODE_ADDRESS);
process.once('SIGTERM', () => { console.log('drained'); process.exit(0); });
`;

const root = mkdtempSync(join(tmpdir(), 'srs-live-agent-'));
for (const folder of ['dist/agent', 'scripts/local/process']) mkdirSync(join(root, folder), { recursive: true });
writeFileSync(join(root, 'dist/agent/agent.js'), BUNDLE);
copyFileSync('scripts/local/process/exit-with-parent.cjs', join(root, 'scripts/local/process/exit-with-parent.cjs'));
afterAll(() => rmSync(root, { recursive: true }));

async function createAgent(agentEnv: Readonly<Record<string, unknown>>) {
  const lines: string[] = [];
  const agent = new AgentProcess({
    root,
    agentEnv,
    overrides: {
      srsApiUrl: 'http://127.0.0.1:2',
      gateUrl: 'http://127.0.0.1:8087',
      hlsRoot: join(root, 'hls'),
      spoolRoot: join(root, 'spool'),
      hooksPort: 3,
      publicPort: await freePort(),
      storageApiEndpoint: 'http://127.0.0.1:4',
      monitoringApiEndpoint: 'none',
      metadataUrl: 'http://127.0.0.1:5',
      jwksUrl: 'http://127.0.0.1:5/certs',
      packaging: undefined,
      srsHttpUrl: undefined,
      srtPort: undefined,
    },
    nodeId: 'node-1',
    output: (_, line) => void lines.push(line),
    log: { info: () => undefined, warn: () => undefined, error: () => undefined },
  });
  return { agent, lines };
}

describe('the agent of the local node', () => {
  it("gets the blueprint's environment with this machine's ports and folders, and nothing else", async () => {
    const { agent, lines } = await createAgent(AGENT_ENV);
    await agent.start();
    await agent.stop();
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      node: 'node-1',
      ingestBucket: 'ingest',
      hlsRoot: join(root, 'hls'),
      storageApiEndpoint: 'http://127.0.0.1:4',
      metadataUrl: 'http://127.0.0.1:5',
      own: expect.not.arrayContaining(['PATH']),
    });
    expect([lines.at(-1), agent.pid]).toEqual(['drained', undefined]);
  });

  it('comes back after it was killed', async () => {
    const { agent } = await createAgent(AGENT_ENV);
    await agent.start();
    const first = agent.pid;
    await agent.kill();
    while (agent.pid === undefined) await new Promise((resolve) => setTimeout(resolve, 20));
    expect(agent.pid).not.toBe(first);
    await agent.stop();
  }, 15_000);

  it('is told with its last words when it does not start, and is not tried again', async () => {
    const { agent } = await createAgent({ ...AGENT_ENV, role: 'edge' });
    await expect(agent.start()).rejects.toThrow('the agent does not start (exit code 1): no edges here');
    expect(agent.pid).toBeUndefined();
  });

  it('is refused an environment its contract does not take, naming the field', async () => {
    const { agent } = await createAgent({ ...AGENT_ENV, heartbeatSeconds: 'often' });
    await expect(agent.start()).rejects.toThrow('agent-env of the instance template: heartbeatSeconds');
  });
});
