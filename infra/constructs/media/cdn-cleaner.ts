import { ProjectIamMember } from '@cdktf/provider-google/lib/project-iam-member';
import { Construct } from 'constructs';
import type { Deployment } from '../../names';
import { type CustomRoleProps, customRoleName } from '../functions/custom-role';
import type { Grantee } from '../functions/identity';

/**
 * Permissions to invalidate a path in Cloud CDN, and to read the state of the invalidation. Google's smallest role with
 * them administers load balancers. URL maps take no grant of their own, so it is the project's.
 * https://cloud.google.com/cdn/docs/cache-invalidation-overview
 */
export const CDN_CLEANER_ROLE: CustomRoleProps = {
  thing: 'cdn-cleaner',
  title: 'CDN cleaner',
  description: 'Has Cloud CDN forget what was taken down.',
  permissions: ['compute.globalOperations.get', 'compute.urlMaps.get', 'compute.urlMaps.invalidateCache'],
};

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
    const { projectId: project } = this.place;
    new ProjectIamMember(this, `cleaner-${grantId}`, {
      project,
      role: customRoleName(this.place, CDN_CLEANER_ROLE),
      member,
    });
  }
}
