import { ProjectService } from '@cdktf/provider-google/lib/project-service';
import { StorageBucket } from '@cdktf/provider-google/lib/storage-bucket';
import { TerraformStack } from 'cdktf';
import type { Construct } from 'constructs';
import type { EnvironmentConfig, PlatformConfig } from '../config/schema';
import { ImageRegistry } from '../constructs/image-registry';
import { ServiceAgents } from '../constructs/service-agents';
import { Names, PRODUCT } from '../names';
import { connect } from './terraform';

type Environment = Pick<EnvironmentConfig, 'name' | 'projectId' | 'region'>;

export interface BootstrapStackProps {
  readonly platform: PlatformConfig;
  readonly environments: readonly Environment[];
}

/** What the environments call. */
const SERVICES = [
  'artifactregistry',
  'bigquery',
  'billingbudgets',
  'certificatemanager',
  'cloudbuild',
  'cloudfunctions',
  'cloudresourcemanager',
  'cloudscheduler',
  'compute',
  'dns',
  'eventarc',
  'firestore',
  'iam',
  'logging',
  'monitoring',
  'ondemandscanning',
  'pubsub',
  'run',
  'secretmanager',
  'storage',
  'vpcaccess',
] as const;

/** Once, before the first environment: the bucket of the states, and of every project its services, Google's accounts and the images. */
export class BootstrapStack extends TerraformStack {
  constructor(
    scope: Construct,
    id: string,
    private readonly props: BootstrapStackProps,
  ) {
    super(scope, id);
    const { platform, environments } = props;
    connect(this, 'bootstrap', platform, platform);
    this.states();
    const projects = new Set(environments.map(({ projectId }) => projectId));
    const ready = new Map([...projects].map((project) => [project, this.switchOn(project)]));
    for (const environment of environments) this.images(environment, ready.get(environment.projectId) ?? []);
  }

  private states(): void {
    const { platform } = this.props;
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
  }

  private switchOn(project: string): ProjectService[] {
    const services = SERVICES.map(
      (service) =>
        new ProjectService(this, `${project}-${service}`, {
          project,
          service: `${service}.googleapis.com`,
          // The provider's default switches the service off for everybody else in the project.
          disableOnDestroy: false,
          disableDependentServices: false,
        }),
    );
    new ServiceAgents(this, `${project}-agents`, { projectId: project, dependsOn: services });
    return services;
  }

  private images({ name, projectId, region }: Environment, dependsOn: ProjectService[]): void {
    const { repository } = this.props.platform;
    new ImageRegistry(this, `${name}-images`, { names: new Names(name, projectId), projectId, region, repository, dependsOn });
  }
}
