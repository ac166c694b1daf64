import { DataGoogleProject } from '@cdktf/provider-google/lib/data-google-project';
import { Construct } from 'constructs';
import type { Deployment } from '../../names';
import type { Grantee } from './identity';

/** Pub/Sub's own account in the project, which moves dead letters. `bootstrap` creates it. */
export class PubsubAgent extends Construct implements Grantee {
  readonly grantId = 'pubsub';
  readonly member: string;

  constructor(scope: Construct, id: string, { projectId }: Deployment) {
    super(scope, id);
    const { number } = new DataGoogleProject(this, 'project', { projectId });
    this.member = `serviceAccount:service-${number}@gcp-sa-pubsub.iam.gserviceaccount.com`;
  }
}
