import type { NodeId } from '../contract/ids';

/** A VM of the group. `moving`: it is being created or replaced; `leaving`: it is being deleted. */
export interface GroupMember {
  id: NodeId;
  state: 'running' | 'moving' | 'leaving';
}

export interface GroupState {
  members: GroupMember[];
  /** The number of nodes that the autoscaler would have, were it to remove any; `undefined` while it does not know. */
  wantedNodes: number | undefined;
}

/** The instance group that nodes are VMs of. What goes wrong is thrown. Both orders may come twice. */
export interface NodeGroup {
  read(): Promise<GroupState>;
  /** The VM goes, and the group is smaller by one. False if it is not there, or leaves already. */
  remove(id: NodeId): Promise<boolean>;
  /** The VM goes, and another one takes its place and name. False if it is not there, or moves or leaves already. */
  replace(id: NodeId): Promise<boolean>;
}
