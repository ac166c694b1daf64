import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jsonLog } from '../../../functions/adapters/log';
import { AgentEnv } from '../../../functions/contract/env/agent';
import { GateEnv } from '../../../functions/contract/gate';
import { accepts } from '../../../scripts/local/command/accepts';
import { createOrigin } from '../../../scripts/local/origin';
import { Child, type LineSink } from '../../../scripts/local/process/child-process';
import { evidence } from '../secrets/evidence';
import type { ScannedPlatform } from '../secrets/scanned-platform';
import { eventually } from './viewer';
import { freePort } from './worker-ports';

/** Returns why there can be no second node here; `undefined` where there can. */
export const secondNodeMissing = (): string | undefined =>
  existsSync('/proc/self/environ') ? undefined : 'no /proc to read the environment of the first agent from';

export interface SecondNode {
  readonly id: string;
  /** `rtmp://127.0.0.1:<port>/live` of its own gate. */
  readonly rtmp: string;
  /** Its agent, as the load balancer reaches it. */
  readonly agentUrl: string;
  /** Returns every line that its processes wrote. */
  log(): string;
  /** Process ids, while they run. */
  pids(): Record<'srs' | 'gate' | 'agent', number>;
  /** SRS, gate and agent end at once and stay away, as a VM does that is gone. Nobody is told. */
  vanish(): Promise<void>;
}

export interface SecondNodeOptions {
  id?: string;
  role?: AgentEnv['role'];
  /** @default the first node's */
  region?: string;
  /** @default the first node's */
  flvViewers?: AgentEnv['flvViewers'];
}

/**
 * Another VM of the platform: a media server, a gate and an agent of its own, on the first one's configuration. An edge
 * has HTTP-FLV and WebRTC too, and takes pushes at its gate.
 */
export async function secondNode(
  platform: Pick<ScannedPlatform, 'processes'>,
  { id = 'node-2', role = 'origin', region, flvViewers }: SecondNodeOptions = {},
): Promise<SecondNode> {
  const folder = mkdtempSync(join(tmpdir(), 'srs-live-node-'));
  const hlsRoot = join(folder, 'hls');
  const spoolRoot = join(folder, 'spool');
  for (const root of [hlsRoot, spoolRoot]) mkdirSync(root);
  const ports = {
    rtmp: await freePort(),
    proxy: await freePort(),
    status: await freePort(),
    srs: await freePort(),
    api: await freePort(),
    hooks: await freePort(),
    public: await freePort(),
  };
  const media = {
    httpPort: await freePort(),
    srtPort: await freePort(),
    rtcPort: await freePort(),
  };
  const isEdge = role === 'edge';
  const lines: string[] = [];
  const heard: LineSink = (source, line) => {
    lines.push(`${source} ${line}`);
    evidence.see('log', `${id} ${source}`, line);
  };
  const { SRS_BIN } = process.env;
  const origin = await createOrigin({
    rtmpPort: ports.srs,
    apiPort: ports.api,
    hooksUrl: `http://127.0.0.1:${ports.hooks}`,
    hlsRoot,
    nodeId: id,
    docker: false,
    tempFolder: folder,
    log: jsonLog(() => undefined),
    record: heard,
    ...(isEdge && { media }),
    ...(SRS_BIN && { srsBin: SRS_BIN }),
  });
  await origin.start();
  const first = environmentOf(platform.processes.agent);
  const agentEnv: AgentEnv = {
    ...AgentEnv.parse(JSON.parse(first.AGENT_ENV ?? '')),
    ...(region && { region }),
    srsApiUrl: `http://127.0.0.1:${ports.api}`,
    hlsRoot,
    spoolRoot,
    gateUrl: `http://127.0.0.1:${ports.status}`,
    hooksPort: ports.hooks,
    publicPort: ports.public,
    ...(flvViewers && { flvViewers }),
    ...(isEdge && { role, pushPort: ports.rtmp, srsHttpUrl: `http://127.0.0.1:${media.httpPort}` }),
  };
  const gateEnv = GateEnv.parse({
    ...GateEnv.parse(JSON.parse(environmentOf(platform.processes.gate).GATE_ENV ?? '')),
    rtmpPort: ports.rtmp,
    proxyPort: ports.proxy,
    srsPort: ports.srs,
    statusPort: ports.status,
  });
  const child = (name: 'agent' | 'gate', env: Record<string, string>): Child =>
    new Child({
      name,
      command: process.execPath,
      args: ['--require', './scripts/local/process/exit-with-parent.cjs', `./dist/${name}/${name}.js`],
      env: { ...first, ...env },
      channel: true,
      output: heard,
    });
  const gate = child('gate', { GATE_ENV: JSON.stringify(gateEnv) });
  const agent = child('agent', { NODE_ID: id, AGENT_ENV: JSON.stringify(agentEnv) });
  for (const port of [ports.public, ports.rtmp]) await eventually('the second node', 15, () => accepts(port));
  return {
    id,
    agentUrl: `http://127.0.0.1:${ports.public}`,
    rtmp: `rtmp://127.0.0.1:${ports.rtmp}/live`,
    log: () => lines.join('\n'),
    pids: () => ({ srs: origin.pid ?? 0, gate: gate.pid ?? 0, agent: agent.pid ?? 0 }),
    async vanish() {
      await Promise.all([origin.kill('SIGKILL'), gate.end('SIGKILL'), agent.end('SIGKILL')]);
      await origin.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function environmentOf(pid = 0): Record<string, string> {
  const variables = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').filter(Boolean);
  return Object.fromEntries(variables.map((variable) => variable.split(/=(.*)/s, 2)));
}
