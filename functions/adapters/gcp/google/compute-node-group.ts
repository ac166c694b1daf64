import { z } from 'zod';
import { NodeId } from '../../../contract/ids';
import type { GroupMember, NodeGroup } from '../../../ports/node-group';
import { googleRequest } from './google-request';
import { type RetryOptions, retrying } from './retry';

const REQUEST_TIMEOUT_MS = 5_000;

export interface ComputeNodeGroupOptions extends RetryOptions {
  projectId: string;
  region: string;
  /** The name of the regional instance group manager, and of its autoscaler. */
  name: string;
  /** A stand-in on this machine. @default Google's */
  apiEndpoint?: string | undefined;
  /** Answers a token of the account that this process runs as. */
  accessToken: () => Promise<string>;
}

/** Absent where the group has no VM at all. */
const ManagedInstances = z.object({
  managedInstances: z.array(z.object({ instance: z.string(), currentAction: z.string() })).default([]),
});
/** Absent until the autoscaler has seen enough. */
const Autoscaler = z.object({ recommendedSize: z.int().nonnegative().optional() });

/** https://cloud.google.com/compute/docs/instance-groups/getting-info-about-migs#instance_actions */
const STATES: Readonly<Record<string, GroupMember['state']>> = {
  NONE: 'running',
  REFRESHING: 'running',
  VERIFYING: 'running',
  DELETING: 'leaving',
  ABANDONING: 'leaving',
};

/**
 * `NodeGroup` by Compute Engine's REST API: its client library loads 20 MB for four calls. VMs are named by URLs that
 * hold their zone, which only the group's own list knows. The autoscaler says how large the group should be in mode
 * ONLY_SCALE_OUT, too. https://cloud.google.com/compute/docs/reference/rest/v1/regionInstanceGroupManagers
 */
export function computeNodeGroup({
  projectId,
  region,
  name,
  apiEndpoint,
  accessToken,
  clock,
}: ComputeNodeGroupOptions): NodeGroup {
  const origin = (apiEndpoint ?? 'https://compute.googleapis.com').replace(/\/$/, '');
  const base = `${origin}/compute/v1/projects/${projectId}/regions/${region}`;
  const ask = (method: 'GET' | 'POST', path: string, body?: unknown): Promise<unknown> =>
    retrying(
      async () =>
        googleRequest({
          method,
          url: `${base}/${path}`,
          body,
          accessToken: await accessToken(),
          timeoutMs: REQUEST_TIMEOUT_MS,
        }),
      clock === undefined ? {} : { clock },
    );

  /** All of them at once: the group's list has no pages unless it is made so. */
  const list = async () => {
    const answer = await ask('POST', `instanceGroupManagers/${name}/listManagedInstances`);
    return ManagedInstances.parse(answer).managedInstances.map(({ instance, currentAction }) => ({
      url: instance.replace(/^.*?\/projects\//, 'projects/'),
      member: {
        id: NodeId.parse(instance.split('/').at(-1)),
        state: STATES[currentAction] ?? 'moving',
      } satisfies GroupMember,
    }));
  };
  const order = async (
    action: 'deleteInstances' | 'recreateInstances',
    id: NodeId,
    from: readonly GroupMember['state'][],
  ) => {
    const found = (await list()).find(({ member }) => member.id === id && from.includes(member.state));
    if (found === undefined) return false;
    const body = { instances: [found.url], ...(action === 'deleteInstances' && SKIP_GONE) };
    await ask('POST', `instanceGroupManagers/${name}/${action}`, body);
    return true;
  };

  return {
    async read() {
      const [instances, autoscaler] = await Promise.all([list(), ask('GET', `autoscalers/${name}`)]);
      return {
        members: instances.map(({ member }) => member),
        wantedNodes: Autoscaler.parse(autoscaler).recommendedSize,
      };
    },
    remove: (id) => order('deleteInstances', id, ['running', 'moving']),
    replace: (id) => order('recreateInstances', id, ['running']),
  };
}

/** One that somebody else deleted meanwhile is no error. */
const SKIP_GONE = { skipInstancesOnValidationError: true };
