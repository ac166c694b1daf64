import { DataGoogleStorageProjectServiceAccount } from '@cdktf/provider-google/lib/data-google-storage-project-service-account';
import { ProjectIamMember } from '@cdktf/provider-google/lib/project-iam-member';
import { Construct } from 'constructs';
import type { Deployment } from '../../names';
import { Identity } from './identity';
import { TRIGGER } from './storage-trigger';

/**
 * The grants a storage trigger needs: Cloud Storage's own account publishes, the trigger's account receives. They are
 * made before the environment, because a trigger that is made right after its grants is refused.
 * https://cloud.google.com/eventarc/docs/run/create-trigger-storage-gcloud
 */
export class StorageEvents extends Construct {
  constructor(scope: Construct, id: string, place: Deployment) {
    super(scope, id);
    const { projectId: project } = place;
    const { member } = new Identity(this, 'caller', place, TRIGGER, 'Delivers storage events');
    const storage = new DataGoogleStorageProjectServiceAccount(this, 'storage', { project });
    new ProjectIamMember(this, 'publisher', { project, role: 'roles/pubsub.publisher', member: storage.member });
    new ProjectIamMember(this, 'receiver', { project, role: 'roles/eventarc.eventReceiver', member });
  }
}
