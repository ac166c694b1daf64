import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { AgentEnv } from '../../functions/contract/env/agent';
import { LIVE_APP } from '../../functions/contract/ids';
import type { Blueprint } from './blueprint/blueprint';
import { readBlueprint } from './blueprint/read-blueprint';
import { createParts, PROJECT_NUMBER } from './parts';
import { checkPortsAreFree, type Ports } from './ports';
import { makeScratchFolder } from './process/scratch-folder';
import { ServiceChain } from './process/service-chain';
import type { StackControls, StackOptions } from './stack-options';

/** The addresses of all parts of a running stack. */
export interface StackAddresses {
  /** `rtmp://host:port/live`: an encoder's server field. */
  readonly rtmp: string;
  /** The origin of `/api/v1`, `/open` and `/gated`, and the pages: only one, as in the cloud. */
  readonly edge: string;
  readonly storage: string;
  readonly adminKey: string;
  readonly buckets: { readonly ingest: string; readonly open: string; readonly gated: string };
  /** `projects/<project>/databases/<name>` */
  readonly database: string;
  /** Folder to which the origin writes HLS. */
  readonly hlsRoot: string;
}

/** The whole platform on this machine. */
export class LocalStack {
  private constructor(
    readonly addresses: StackAddresses,
    readonly controls: StackControls,
    private readonly chain: ServiceChain,
    private readonly scratch: string,
  ) {}

  /** Reads the blueprint and checks whether it can run here; nothing is started. */
  static async create(options: StackOptions): Promise<LocalStack> {
    const { blueprint, urls } = await interpret(options);
    await checkPortsAreFree(options.ports, [...urls.keys()]);
    const scratch = await makeScratchFolder();
    try {
      const parts = await createParts({ ...options, blueprint, urls, scratch });
      const { services, controls, adminKey, hlsRoot } = parts;
      const addresses = {
        ...addressesOf(options.ports),
        adminKey,
        hlsRoot,
        buckets: bucketsOf(blueprint),
        database: `projects/${blueprint.projectId}/databases/${blueprint.database.name}`,
      };
      const chain = new ServiceChain(services, (part, tookMs) => options.log.info('part_started', { part, tookMs }));
      return new LocalStack(addresses, controls, chain, scratch);
    } catch (error) {
      await rm(scratch, { recursive: true, force: true });
      throw error;
    }
  }

  async start(): Promise<void> {
    try {
      await this.chain.start();
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  /** Stops the stack. No process, listener or temp file is left. */
  async stop(): Promise<void> {
    await this.chain.stop().finally(() => rm(this.scratch, { recursive: true, force: true }));
  }

  /** Returns process ids by part: functions by entry point. */
  processes(): Record<string, number> {
    const { functions, agent, gate, origin } = this.controls;
    const { pid: agentPid } = agent;
    const { pid: gatePid } = gate;
    const { pid: originPid } = origin;
    return {
      ...functions.pids(),
      ...(agentPid === undefined ? {} : { agent: agentPid }),
      ...(gatePid === undefined ? {} : { gate: gatePid }),
      ...(originPid === undefined ? {} : { origin: originPid }),
    };
  }
}

const addressesOf = (ports: Ports) => ({
  rtmp: `rtmp://127.0.0.1:${ports.rtmp}/${LIVE_APP}`,
  edge: `http://127.0.0.1:${ports.edge}`,
  storage: `http://127.0.0.1:${ports.storage}`,
});

/** Returns the buckets by their roles, as the agent gets them. */
function bucketsOf({ node }: Blueprint): StackAddresses['buckets'] {
  const names = NodeBuckets.parse(node.agentEnv);
  return { ingest: names.ingestBucket, open: names.openBucket, gated: names.gatedBucket };
}

const { ingestBucket, openBucket, gatedBucket } = AgentEnv.shape;
const NodeBuckets = z.object({ ingestBucket, openBucket, gatedBucket });

/** Reads the blueprint; the addresses of its functions are given out by name as they are used. */
async function interpret({
  root,
  environment,
  ports,
}: StackOptions): Promise<{ blueprint: Blueprint; urls: Map<string, string> }> {
  const urls = new Map<string, string>();
  const functionUrl = (name: string): string => {
    const url = urls.get(name) ?? `http://127.0.0.1:${ports.functionAt(urls.size)}`;
    urls.set(name, url);
    return url;
  };
  const { rtmp, edge } = addressesOf(ports);
  const local = { projectNumber: PROJECT_NUMBER, functionUrl, publicOrigin: edge, rtmpServer: rtmp };
  const blueprint = await readBlueprint(join(root, 'cdktf.out'), environment, local);
  for (const { name } of blueprint.functions) functionUrl(name);
  return { blueprint, urls };
}
