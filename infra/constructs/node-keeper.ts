import { ProjectIamCustomRole } from '@cdktf/provider-google/lib/project-iam-custom-role';
import { ProjectIamMember } from '@cdktf/provider-google/lib/project-iam-member';
import { Construct } from 'constructs';
import type { Place } from '../names';
import type { Grantee } from './identity';

/**
 * What looking at an instance group and at its autoscaler's wish, and taking a VM out of it by name, asks for. Google's least role
 * with that may make machines of any kind. Groups take no grant of their own, so it is the project's.
 * https://cloud.google.com/compute/docs/reference/rest/v1/regionInstanceGroupManagers/deleteInstances
 */
const PERMISSIONS = ['compute.autoscalers.get', 'compute.instanceGroupManagers.get', 'compute.instanceGroupManagers.update'];

/** Whoever takes away nodes nobody needs any more. */
export class NodeKeeper extends Construct {
  private readonly role: string;

  constructor(
    scope: Construct,
    id: string,
    private readonly place: Place,
  ) {
    super(scope, id);
    this.role = new ProjectIamCustomRole(this, 'role', {
      project: place.projectId,
      roleId: place.names.role('node-keeper'),
      title: `Node keeper of ${place.names.environment}`,
      description: 'Takes drained nodes out of their instance group.',
      permissions: PERMISSIONS,
    }).name;
  }

  grantTakeAway({ grantId, member }: Grantee): void {
    new ProjectIamMember(this, `keeper-${grantId}`, { project: this.place.projectId, role: this.role, member });
  }
}
