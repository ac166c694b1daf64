import { DataGoogleProject } from '@cdktf/provider-google/lib/data-google-project';
import { DataGoogleStorageProjectServiceAccount } from '@cdktf/provider-google/lib/data-google-storage-project-service-account';
import { ProjectIamMember } from '@cdktf/provider-google/lib/project-iam-member';
import { DataResource, type ITerraformDependable } from 'cdktf';
import { Construct } from 'constructs';

export interface ServiceAgentsProps {
  readonly projectId: string;
  /** Services that have to be on. */
  readonly dependsOn: ITerraformDependable[];
}

/** Accounts of Google's that act for us, by service, and the role without which they cannot. */
const AGENTS = {
  eventarc: { domain: 'gcp-sa-eventarc', role: 'roles/eventarc.serviceAgent' },
  pubsub: { domain: 'gcp-sa-pubsub', role: 'roles/pubsub.serviceAgent' },
} as const;

/**
 * Brings Google's own accounts of a project to life before anything needs them. By itself Google makes them at first
 * use, and minutes later they work: the first trigger fails meanwhile. The provider has no resource for this, so it is
 * one call of `gcloud`. https://cloud.google.com/iam/docs/create-service-agents
 */
export class ServiceAgents extends Construct {
  constructor(scope: Construct, id: string, { projectId: project, dependsOn }: ServiceAgentsProps) {
    super(scope, id);
    const { number } = new DataGoogleProject(this, 'project', { projectId: project, dependsOn });
    // Cloud Storage's comes with a look at it.
    new DataGoogleStorageProjectServiceAccount(this, 'storage', { project, dependsOn });
    for (const [service, { domain, role }] of Object.entries(AGENTS)) {
      const made = new DataResource(this, service, {
        triggersReplace: [project],
        provisioners: [
          {
            type: 'local-exec',
            command:
              'gcloud beta services identity create --quiet ' +
              `--service=${service}.googleapis.com --project=${project}`,
          },
        ],
        dependsOn,
      });
      new ProjectIamMember(this, `${service}-role`, {
        project,
        role,
        member: `serviceAccount:service-${number}@${domain}.iam.gserviceaccount.com`,
        dependsOn: [made],
      });
    }
  }
}
