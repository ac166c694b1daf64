import { DataGoogleProject } from '@cdktf/provider-google/lib/data-google-project';
import { Construct } from 'constructs';
import type { Deployment } from '../../names';
import type { Grantee } from '../functions/identity';

/**
 * Google's account by which a project's load balancers read a private bucket. Every object it may read is public,
 * without a signature: it is never granted a bucket of gated media.
 * https://cloud.google.com/cdn/docs/configure-private-bucket-access
 */
export class LoadBalancerAgent extends Construct implements Grantee {
  readonly grantId = 'load-balancer';
  readonly member: string;

  constructor(scope: Construct, id: string, { projectId }: Deployment) {
    super(scope, id);
    const { number } = new DataGoogleProject(this, 'project', { projectId });
    this.member = `serviceAccount:service-${number}@https-lb.iam.gserviceaccount.com`;
  }
}
