import { ProjectService } from '@cdktf/provider-google/lib/project-service';
import { StorageBucket } from '@cdktf/provider-google/lib/storage-bucket';
import { TerraformStack } from 'cdktf';
import type { Construct } from 'constructs';
import type { PlatformConfig } from '../config/schema';
import { PRODUCT } from '../names';
import { connect } from './terraform';

export interface BootstrapStackProps {
  readonly platform: PlatformConfig;
  /** Projects of the environments, which get the services switched on. */
  readonly projectIds: readonly string[];
}

/** What the environments call. */
const SERVICES = [
  'artifactregistry',
  'certificatemanager',
  'cloudbuild',
  'cloudfunctions',
  'cloudscheduler',
  'compute',
  'dns',
  'eventarc',
  'firestore',
  'iam',
  'logging',
  'monitoring',
  'pubsub',
  'run',
  'secretmanager',
  'storage',
] as const;

/** Once, before the first environment: the bucket of the states, and the services of every project. */
export class BootstrapStack extends TerraformStack {
  constructor(scope: Construct, id: string, { platform, projectIds }: BootstrapStackProps) {
    super(scope, id);
    connect(this, 'bootstrap', platform, platform);
    const state = new StorageBucket(this, 'state', {
      project: platform.projectId,
      name: platform.stateBucket,
      location: platform.region,
      uniformBucketLevelAccess: true,
      publicAccessPrevention: 'enforced',
      forceDestroy: false,
      versioning: { enabled: true },
      lifecycleRule: [{ action: { type: 'Delete' }, condition: { numNewerVersions: 30, withState: 'ARCHIVED' } }],
      labels: { product: PRODUCT, environment: 'all', component: 'state' },
      lifecycle: { preventDestroy: true },
    });
    // This stack's own state lies in it, so it is made by hand once and taken over here.
    state.importFrom(`${platform.projectId}/${platform.stateBucket}`);
    for (const project of new Set(projectIds)) this.switchOn(project);
  }

  private switchOn(project: string): void {
    for (const service of SERVICES)
      new ProjectService(this, `${project}-${service}`, {
        project,
        service: `${service}.googleapis.com`,
        // The provider's default switches the service off for everybody else in the project.
        disableOnDestroy: false,
        disableDependentServices: false,
      });
  }
}
