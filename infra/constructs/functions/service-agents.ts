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

/** Google's service agents by service, each with the role that it needs. */
const AGENTS = {
  eventarc: { domain: 'gcp-sa-eventarc', role: 'roles/eventarc.serviceAgent' },
  pubsub: { domain: 'gcp-sa-pubsub', role: 'roles/pubsub.serviceAgent' },
} as const;

/**
 * Creates Google's service agents of a project before anything needs them. Google would create them at first use, but
 * they work only minutes later, and the first trigger fails. The provider has no resource for this, so it is one call
 * of `gcloud`. https://cloud.google.com/iam/docs/create-service-agents
 */
export class ServiceAgents extends Construct {
  constructor(scope: Construct, id: string, { projectId: project, dependsOn }: ServiceAgentsProps) {
    super(scope, id);
    const { number } = new DataGoogleProject(this, 'project', { projectId: project, dependsOn });
    // Reading the account of Cloud Storage creates it.
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
