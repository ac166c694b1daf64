import { ProjectIamCustomRole } from '@cdktf/provider-google/lib/project-iam-custom-role';
import { ProjectIamMember } from '@cdktf/provider-google/lib/project-iam-member';
import { Construct } from 'constructs';
import type { Deployment } from '../../names';
import type { Grantee } from '../functions/identity';

/**
 * Permissions to read an instance group and its autoscaler's target, and to remove a VM by name. Google's least role
 * with them may make machines of any kind. Groups take no grant of their own, so it is the project's.
 * https://cloud.google.com/compute/docs/reference/rest/v1/regionInstanceGroupManagers/deleteInstances
 */
const PERMISSIONS = [
  'compute.autoscalers.get',
  'compute.instanceGroupManagers.get',
  'compute.instanceGroupManagers.update',
];

const THING = 'node-keeper';

/**
 * The role of the accounts that take nodes away. It outlives environments: the name of a deleted role is blocked for up
 * to 37 days.
 */
export class NodeKeeperRole extends Construct {
  constructor(scope: Construct, id: string, { names, projectId: project }: Deployment) {
    super(scope, id);
    new ProjectIamCustomRole(this, 'role', {
      project,
      roleId: names.role(THING),
      title: `Node keeper of ${names.environment}`,
      description: 'Takes drained nodes out of their instance group.',
      permissions: PERMISSIONS,
    });
  }
}

/** Grants an account the right to take away nodes nobody needs any more. */
export class NodeKeeper extends Construct {
  constructor(
    scope: Construct,
    id: string,
    private readonly place: Deployment,
  ) {
    super(scope, id);
  }

  grantTakeAway({ grantId, member }: Grantee): void {
    const { names, projectId: project } = this.place;
    new ProjectIamMember(this, `keeper-${grantId}`, {
      project,
      role: `projects/${project}/roles/${names.role(THING)}`,
      member,
    });
  }
}
