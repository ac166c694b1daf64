import { mkdir } from 'node:fs/promises';
import { AgentEnv, type AgentPackaging } from '../../../functions/contract/env/agent';
import { ROUTES } from '../../../functions/contract/routes';
import type { Log } from '../../../functions/ports/stores';
import { StartError } from '../../emulators/server/start-error';
import type { LineSink } from '../process/child-process';
import { KeptBundle } from '../process/kept-bundle';

export interface AgentOptions {
  /** Folder of this repository, which has the agent's bundle. */
  readonly root: string;
  /** The blueprint's `agent-env`. */
  readonly agentEnv: Readonly<Record<string, unknown>>;
  readonly overrides: AgentOverrides;
  readonly nodeId: string;
  readonly output: LineSink;
  readonly log: Log;
}

/** The values that one machine sets instead of a VM: ports, folders, and the addresses of the stand-ins. */
export type AgentOverrides = Required<
  Pick<
    AgentEnv,
    | 'srsApiUrl'
    | 'srsHttpUrl'
    | 'gateUrl'
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
  // The programs of this machine, which replace those of the blueprint.
  Record<'packaging', AgentPackaging | undefined> &
  // Absent with the built-in origin, even if the blueprint has it.
  Record<'srtPort', number | undefined>;

/** The agent's real bundle. Its public listener is the last thing it opens. */
export class AgentProcess extends KeptBundle {
  constructor(private readonly options: AgentOptions) {
    const { publicPort } = options.overrides;
    super({
      ...options,
      name: 'agent',
      url: new URL(`http://127.0.0.1:${publicPort}`),
      answersAt: ROUTES.agent.healthz,
    });
  }

  override async start(): Promise<URL> {
    const { hlsRoot, spoolRoot } = this.options.overrides;
    for (const folder of [hlsRoot, spoolRoot]) await mkdir(folder, { recursive: true });
    return super.start();
  }

  protected env(): Record<string, string> {
    const { agentEnv, overrides, nodeId } = this.options;
    const env = AgentEnv.safeParse({ ...agentEnv, ...overrides });
    if (!env.success) {
      const [issue] = env.error.issues;
      throw new StartError(
        `agent-env of the instance template: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`,
      );
    }
    return {
      NODE_ENV: 'production',
      NODE_ID: nodeId,
      NODE_ADDRESS: '127.0.0.1',
      AGENT_ENV: JSON.stringify(env.data),
      METADATA_SERVER_DETECTION: 'none',
    };
  }
}
