import { ProjectIamMember } from '@cdktf/provider-google/lib/project-iam-member';
import { ServiceAccountIamMember } from '@cdktf/provider-google/lib/service-account-iam-member';
import { StorageBucketIamMember } from '@cdktf/provider-google/lib/storage-bucket-iam-member';
import { Construct } from 'constructs';
import type { Deployment } from '../../names';
import { Identity } from './identity';

export interface DeployerProps extends Deployment {
  readonly stateBucket: string;
  /** The principals that may act as this account. */
  readonly principals: string;
}

/**
 * Roles of the account that makes an environment. `editor` makes and changes, the others grant; budgets are granted on
 * the billing account by hand. https://cloud.google.com/iam/docs/understanding-roles
 */
export const DEPLOYER_ROLES = [
  'roles/editor',
  'roles/resourcemanager.projectIamAdmin',
  'roles/iam.roleAdmin',
  'roles/iam.serviceAccountAdmin',
  'roles/run.admin',
  'roles/pubsub.admin',
  'roles/secretmanager.admin',
  'roles/storage.admin',
  'roles/artifactregistry.admin',
  'roles/compute.admin',
] as const;

/** The account with which CI runs deploy one environment and check it for drift. It has no key. */
export class Deployer extends Construct {
  constructor(scope: Construct, id: string, props: DeployerProps) {
    super(scope, id);
    const { projectId: project, stateBucket, principals } = props;
    const { member, resourceName } = new Identity(
      this,
      'identity',
      props,
      'deployer',
      'Deploys this environment from CI',
    );
    for (const role of DEPLOYER_ROLES)
      new ProjectIamMember(this, role.replace('roles/', '').replace('.', '-'), { project, role, member });
    new StorageBucketIamMember(this, 'states', { bucket: stateBucket, role: 'roles/storage.objectAdmin', member });
    new ServiceAccountIamMember(this, 'runs', {
      serviceAccountId: resourceName,
      role: 'roles/iam.workloadIdentityUser',
      member: principals,
    });
  }
}
