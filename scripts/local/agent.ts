import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { AgentEnv } from '../../functions/contract/agent';
import { ROUTES } from '../../functions/contract/routes';
import type { Log } from '../../functions/core/ports';
import { Child, type LineSink } from './child-process';
import type { LocalService } from './local-service';
import { StartError } from './start-error';

export interface AgentOptions {
  /** Folder of this repository: the agent's bundle is there. */
  readonly root: string;
  /** The blueprint's `agent-env`. */
  readonly agentEnv: Readonly<Record<string, unknown>>;
  readonly overrides: AgentOverrides;
  readonly nodeId: string;
  readonly output: LineSink;
  readonly log: Log;
}

/** What one machine puts in the place of a VM's own: ports, folders, and where the stand-ins are. */
export type AgentOverrides = Required<
  Pick<
    AgentEnv,
    | 'srsApiUrl'
    | 'hlsRoot'
    | 'spoolRoot'
    | 'hooksPort'
    | 'publicPort'
    | 'storageApiEndpoint'
    | 'monitoringApiEndpoint'
    | 'metadataUrl'
    | 'jwksUrl'
  >
> &
  // Absent with the built-in origin, whatever the blueprint says.
  Record<'srsHttpUrl', string | undefined> &
  Record<'srtPort', number | undefined>;

/** systemd's `RestartSec` of the node image. */
const RESTART_MS = 1000;
const START_TIMEOUT_MS = 15_000;
const DRAIN_MS = 5000;

/** The agent's real bundle in a process of its own, started again whenever it ends. */
export class AgentProcess implements LocalService {
  readonly name = 'agent';
  private child: Child | undefined;
  private wanted = false;
  private lastLine = '';

  constructor(private readonly options: AgentOptions) {}

  get pid(): number | undefined {
    return this.child?.pid;
  }

  async start(): Promise<URL> {
    const { hlsRoot, spoolRoot, publicPort } = this.options.overrides;
    for (const folder of [hlsRoot, spoolRoot]) await mkdir(folder, { recursive: true });
    await this.answers(this.launch());
    this.wanted = true;
    return new URL(`http://127.0.0.1:${publicPort}`);
  }

  async stop(): Promise<void> {
    this.wanted = false;
    await this.child?.end('SIGTERM', DRAIN_MS);
  }

  /** The process dies as by `kill -9` and comes back after a second. */
  async kill(): Promise<void> {
    await this.child?.end('SIGKILL');
  }

  private launch(): Child {
    const { root, output } = this.options;
    const child = new Child({
      name: this.name,
      command: process.execPath,
      args: ['--require', join(root, 'scripts/local/exit-with-parent.cjs'), join(root, 'dist/agent/agent.js')],
      env: this.env(),
      channel: true,
      output: (source, line) => {
        this.lastLine = line;
        output(source, line);
      },
    });
    this.child = child;
    void child.exited.then((reason) => this.comeBack(reason));
    return child;
  }

  private async comeBack(reason: string): Promise<void> {
    if (!this.wanted) return;
    this.options.log.warn('agent_died', { reason });
    await sleep(RESTART_MS);
    if (this.wanted) this.launch();
  }

  private env(): Record<string, string> {
    const { agentEnv, overrides, nodeId } = this.options;
    const env = AgentEnv.safeParse({ ...agentEnv, ...overrides });
    if (!env.success) {
      const [issue] = env.error.issues;
      throw new StartError(`agent-env of the instance template: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`);
    }
    return {
      NODE_ENV: 'production',
      NODE_ID: nodeId,
      NODE_ADDRESS: '127.0.0.1',
      AGENT_ENV: JSON.stringify(env.data),
      METADATA_SERVER_DETECTION: 'none',
    };
  }

  /** Its public listener is the last thing it opens. */
  private async answers(child: Child): Promise<void> {
    const died = child.exited.then((reason) => {
      throw new StartError(`the agent does not start (${reason}): ${this.lastLine}`);
    });
    died.catch(() => undefined);
    const deadline = Date.now() + START_TIMEOUT_MS;
    while (!(await Promise.race([this.isUp(), died]))) {
      if (Date.now() > deadline)
        throw new StartError(`the agent does not answer within ${START_TIMEOUT_MS / 1000} s: ${this.lastLine}`);
      await sleep(50);
    }
  }

  private async isUp(): Promise<boolean> {
    const { publicPort } = this.options.overrides;
    return await fetch(`http://127.0.0.1:${publicPort}${ROUTES.agent.healthz}`).then(
      () => true,
      () => false,
    );
  }
}
