import { z } from 'zod';
import type { GroupMember } from '../../../functions/ports/node-group';
import type { Answer, Asked, Route } from './google-stand-in';

const Instances = z.strictObject({
  instances: z.array(z.string()).min(1),
  skipInstancesOnValidationError: z.boolean().optional(),
});
const ACTION: Record<GroupMember['state'], string> = { running: 'NONE', moving: 'CREATING', leaving: 'DELETING' };
const GROUP = 'compute\\.googleapis\\.com/compute/v1/projects/test-project/regions/europe-west1';

/** One regional instance group with its autoscaler, as Compute Engine's API tells of it and takes orders for it. */
export class GoogleCompute {
  readonly actions = new Map<string, string>();
  /** Bodies of orders, as they came. */
  readonly orders: { action: string; body: unknown }[] = [];
  size = 0;
  wanted: number | undefined;

  /** A group of VMs that run, one zone after the other. */
  open(ids: readonly string[]): void {
    this.actions.clear();
    for (const id of ids) this.actions.set(id, 'NONE');
    this.size = ids.length;
  }

  setState(id: string, state: GroupMember['state']): void {
    this.actions.set(id, ACTION[state]);
  }

  readonly routes: readonly Route[] = [
    {
      method: 'POST',
      path: new RegExp(`^${GROUP}/instanceGroupManagers/nodes/listManagedInstances$`),
      answer: () => ({ body: this.list() }),
    },
    {
      method: 'POST',
      path: new RegExp(`^${GROUP}/instanceGroupManagers/nodes/(?<action>deleteInstances|recreateInstances)$`),
      answer: (asked) => this.order(asked),
    },
    {
      method: 'GET',
      path: new RegExp(`^${GROUP}/autoscalers/nodes$`),
      answer: () => ({
        body: { name: 'nodes', ...(this.wanted === undefined ? {} : { recommendedSize: this.wanted }) },
      }),
    },
  ];

  private urlOf(id: string): string {
    const zone = ['b', 'c', 'd'][[...this.actions.keys()].indexOf(id) % 3];
    return `projects/test-project/zones/europe-west1-${zone}/instances/${id}`;
  }

  /** Google leaves an empty list out. */
  private list(): unknown {
    const managedInstances = [...this.actions].map(([id, currentAction]) => ({
      instance: `https://www.googleapis.com/compute/v1/${this.urlOf(id)}`,
      currentAction,
    }));
    return managedInstances.length === 0 ? {} : { managedInstances };
  }

  private order({ body, groups: { action = '' } }: Asked): Answer {
    const { instances, skipInstancesOnValidationError: skip = false } = Instances.parse(body);
    this.orders.push({ action, body });
    for (const url of instances) {
      const id = url.split('/').at(-1) ?? '';
      if (!this.actions.has(id) || url !== this.urlOf(id)) {
        return { status: 400, body: { error: { message: `'${url}' is not a member of the group` } } };
      }
      const going = this.actions.get(id) === 'DELETING';
      if (going && !skip) return { status: 400, body: { error: { message: `'${id}' is being deleted` } } };
      if (action === 'deleteInstances' && !going) this.size -= 1;
      this.actions.set(id, action === 'deleteInstances' ? 'DELETING' : 'RECREATING');
    }
    return { body: { kind: 'compute#operation', status: 'RUNNING' } };
  }
}
