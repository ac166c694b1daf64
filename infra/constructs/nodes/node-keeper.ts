import { ProjectIamMember } from '@cdktf/provider-google/lib/project-iam-member';
import { Construct } from 'constructs';
import type { Deployment } from '../../names';
import { type CustomRoleProps, customRoleName } from '../functions/custom-role';
import type { Grantee } from '../functions/identity';

/**
 * Permissions to read an instance group and its autoscaler's target, and to remove a VM by name. Google's least role
 * with them may make machines of any kind. Groups take no grant of their own, so it is the project's.
 * https://cloud.google.com/compute/docs/reference/rest/v1/regionInstanceGroupManagers/deleteInstances
 */
export const NODE_KEEPER_ROLE: CustomRoleProps = {
  thing: 'node-keeper',
  title: 'Node keeper',
  description: 'Takes drained nodes out of their instance group.',
  permissions: ['compute.autoscalers.get', 'compute.instanceGroupManagers.get', 'compute.instanceGroupManagers.update'],
};

/** Grants an account the right to remove nodes that are no longer needed. */
export class NodeKeeper extends Construct {
  constructor(
    scope: Construct,
    id: string,
    private readonly place: Deployment,
  ) {
    super(scope, id);
  }

  grantTakeAway({ grantId, member }: Grantee): void {
    const { projectId: project } = this.place;
    new ProjectIamMember(this, `keeper-${grantId}`, {
      project,
      role: customRoleName(this.place, NODE_KEEPER_ROLE),
      member,
    });
  }
}
