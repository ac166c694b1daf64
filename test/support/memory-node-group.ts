import type { NodeId } from '../../functions/contract/ids';
import type { GroupMember, GroupState, NodeGroup } from '../../functions/ports/node-group';

export interface MemoryNodeGroup extends NodeGroup {
  /** The VMs, to be changed as the cloud would. */
  readonly members: GroupMember[];
  /** The target size of the group. An order to remove a node makes it one less. */
  size: number;
  wantedNodes: number | undefined;
}

/**
 * A `NodeGroup` of this process: VMs that were ordered to go stay `leaving` or `moving` until somebody changes that.
 */
export function memoryNodeGroup(ids: readonly NodeId[], wantedNodes?: number): MemoryNodeGroup {
  const members: GroupMember[] = ids.map((id) => ({ id, state: 'running' }));
  return {
    members,
    size: members.length,
    wantedNodes,
    async read(): Promise<GroupState> {
      return structuredClone({ members, wantedNodes: this.wantedNodes });
    },
    async remove(id) {
      const member = members.find((each) => each.id === id && each.state !== 'leaving');
      if (member === undefined) return false;
      member.state = 'leaving';
      this.size -= 1;
      return true;
    },
    async replace(id) {
      const member = members.find((each) => each.id === id && each.state === 'running');
      if (member === undefined) return false;
      member.state = 'moving';
      return true;
    },
  };
}
