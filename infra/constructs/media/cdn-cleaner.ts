import { ProjectIamCustomRole } from '@cdktf/provider-google/lib/project-iam-custom-role';
import { ProjectIamMember } from '@cdktf/provider-google/lib/project-iam-member';
import { Construct } from 'constructs';
import type { Deployment } from '../../names';
import type { Grantee } from '../functions/identity';

/**
 * Permissions to invalidate a path in Cloud CDN, and to ask whether that is done. Google's least role with them
 * administers load balancers. URL maps take no grant of their own, so it is the project's.
 * https://cloud.google.com/cdn/docs/cache-invalidation-overview
 */
const PERMISSIONS = ['compute.globalOperations.get', 'compute.urlMaps.get', 'compute.urlMaps.invalidateCache'];

const THING = 'cdn-cleaner';

/**
 * The role of the accounts that take media down. It outlives environments: the name of a deleted role is blocked for up
 * to 37 days.
 */
export class CdnCleanerRole extends Construct {
  constructor(scope: Construct, id: string, { names, projectId: project }: Deployment) {
    super(scope, id);
    new ProjectIamCustomRole(this, 'role', {
      project,
      roleId: names.role(THING),
      title: `CDN cleaner of ${names.environment}`,
      description: 'Has Cloud CDN forget what was taken down.',
      permissions: PERMISSIONS,
    });
  }
}

/** Grants an account the right to take media down. */
export class CdnCleaner extends Construct {
  constructor(
    scope: Construct,
    id: string,
    private readonly place: Deployment,
  ) {
    super(scope, id);
  }

  grantForget({ grantId, member }: Grantee): void {
    const { names, projectId: project } = this.place;
    new ProjectIamMember(this, `cleaner-${grantId}`, {
      project,
      role: `projects/${project}/roles/${names.role(THING)}`,
      member,
    });
  }
}
