import { IamWorkloadIdentityPool } from '@cdktf/provider-google/lib/iam-workload-identity-pool';
import { IamWorkloadIdentityPoolProvider } from '@cdktf/provider-google/lib/iam-workload-identity-pool-provider';
import type { ITerraformDependable } from 'cdktf';
import { Construct } from 'constructs';

export interface CiIdentityProps {
  readonly projectId: string;
  /** The issuer that signs the tokens of a run, such as `https://token.actions.githubusercontent.com`. */
  readonly issuer: string;
  /** The claim that names the owner of a run, and the one value that is admitted. */
  readonly claim: string;
  readonly value: string;
  readonly dependsOn: ITerraformDependable[];
}

/**
 * Lets runs of one repository sign in to Google with the token that their own platform gives them: there is no key that
 * could leak. https://cloud.google.com/iam/docs/workload-identity-federation-with-deployment-pipelines
 */
export class CiIdentity extends Construct {
  /** All admitted runs, as a grant names them. */
  readonly principals: string;

  constructor(scope: Construct, id: string, { projectId: project, issuer, claim, value, dependsOn }: CiIdentityProps) {
    super(scope, id);
    const pool = new IamWorkloadIdentityPool(this, 'pool', {
      project,
      workloadIdentityPoolId: 'srs-live-ci',
      dependsOn,
    });
    new IamWorkloadIdentityPoolProvider(this, 'provider', {
      project,
      workloadIdentityPoolId: pool.workloadIdentityPoolId,
      workloadIdentityPoolProviderId: 'runs',
      attributeMapping: { 'google.subject': 'assertion.sub', [`attribute.${claim}`]: `assertion.${claim}` },
      attributeCondition: `assertion.${claim} == '${value}'`,
      oidc: { issuerUri: issuer },
    });
    this.principals = `principalSet://iam.googleapis.com/${pool.name}/attribute.${claim}/${value}`;
  }
}
