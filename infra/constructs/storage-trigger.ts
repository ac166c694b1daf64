import type { Cloudfunctions2FunctionEventTrigger } from '@cdktf/provider-google/lib/cloudfunctions2-function';
import { DataGoogleStorageProjectServiceAccount } from '@cdktf/provider-google/lib/data-google-storage-project-service-account';
import { ProjectIamMember } from '@cdktf/provider-google/lib/project-iam-member';
import type { ITerraformDependable } from 'cdktf';
import { Construct } from 'constructs';
import type { Place } from '../names';
import { Identity } from './identity';

export interface StorageTriggerProps extends Place {
  /** The bucket whose new objects are told. A function that writes into it would call itself for ever. */
  readonly bucketName: string;
}

/**
 * New object in a bucket → Eventarc → function, at least once and in any order. The chain of grants it needs:
 * Cloud Storage's own account publishes, the trigger's account receives and calls.
 * https://cloud.google.com/eventarc/docs/run/create-trigger-storage-gcloud
 */
export class StorageTrigger extends Construct {
  /** Calls the function. */
  readonly caller: Identity;
  readonly eventTrigger: Cloudfunctions2FunctionEventTrigger;
  /** Both grants: a function made before them fails. */
  readonly ready: ITerraformDependable[];

  constructor(scope: Construct, id: string, props: StorageTriggerProps) {
    super(scope, id);
    const { projectId: project, region, bucketName } = props;
    this.caller = new Identity(this, 'caller', props, 'trigger', 'Delivers storage events');
    const storage = new DataGoogleStorageProjectServiceAccount(this, 'storage', { project });
    this.ready = [
      new ProjectIamMember(this, 'publisher', { project, role: 'roles/pubsub.publisher', member: storage.member }),
      new ProjectIamMember(this, 'receiver', { project, role: 'roles/eventarc.eventReceiver', member: this.caller.member }),
    ];
    this.eventTrigger = {
      triggerRegion: region,
      eventType: 'google.cloud.storage.object.v1.finalized',
      eventFilters: [{ attribute: 'bucket', value: bucketName }],
      serviceAccountEmail: this.caller.email,
      retryPolicy: 'RETRY_POLICY_RETRY',
    };
  }
}
