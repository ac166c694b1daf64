import { ProjectService } from '@cdktf/provider-google/lib/project-service';
import { StorageBucket } from '@cdktf/provider-google/lib/storage-bucket';
import { DataResource, TerraformStack } from 'cdktf';
import type { Construct } from 'constructs';
import { type EnvironmentConfig, homeOf, type PlatformConfig } from '../config/schema';
import { CiIdentity } from '../constructs/functions/ci-identity';
import { Deployer } from '../constructs/functions/deployer';
import { ServiceAgents } from '../constructs/functions/service-agents';
import { Names, PRODUCT } from '../names';
import { Foundation } from './foundation';
import { sayNext } from './next';
import { connect } from './terraform';
import { waits } from './waits';

export interface BootstrapStackProps {
  readonly platform: PlatformConfig;
  readonly environments: readonly EnvironmentConfig[];
}

/** Services that the environments, `npm run preflight` and identities of other clouds call. */
const SERVICES = [
  'artifactregistry',
  'bigquery',
  'billingbudgets',
  'certificatemanager',
  'cloudbilling',
  'cloudbuild',
  'cloudfunctions',
  'cloudresourcemanager',
  'cloudscheduler',
  'compute',
  'dns',
  'eventarc',
  'firestore',
  'iam',
  'iamcredentials',
  'logging',
  'monitoring',
  'ondemandscanning',
  'orgpolicy',
  'pubsub',
  'run',
  'secretmanager',
  'serviceusage',
  'storage',
  'sts',
  'vpcaccess',
] as const;

/** Services that are called in the project of the states. */
const PLATFORM_SERVICES = ['cloudresourcemanager', 'iam', 'iamcredentials', 'serviceusage', 'storage', 'sts'] as const;

/**
 * The stack that is made once, before the first environment: the bucket of the states, of every project its services
 * and Google's accounts, and the resources that outlive environments.
 */
export class BootstrapStack extends TerraformStack {
  constructor(
    scope: Construct,
    id: string,
    private readonly props: BootstrapStackProps,
  ) {
    super(scope, id);
    const { platform, environments } = props;
    // An empty project has no service enabled: a call that names it for its quota would be refused.
    connect(this, { ...platform, prefix: 'bootstrap', charged: false }, platform);
    this.states();
    sayNext(this, "build the images (infra/README.md), then 'npm run deploy -- <env>'");
    const own = this.switchOn(platform.projectId, PLATFORM_SERVICES);
    const projects = new Set(environments.map(({ projectId }) => projectId));
    const ready = new Map([...projects].map((project) => [project, this.prepare(project)]));
    for (const config of environments) {
      const services = ready.get(config.projectId);
      if (services !== undefined)
        new Foundation(this, config.name, { config, repository: platform.repository, services });
    }
    if (platform.ci !== undefined) this.letIn(platform.ci, own, ready);
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

  /** Lets runs of one repository deploy each environment, as an account of its own. */
  private letIn(
    ci: NonNullable<PlatformConfig['ci']>,
    dependsOn: ProjectService[],
    ready: ReadonlyMap<string, DataResource>,
  ): void {
    const { platform, environments } = this.props;
    const { principals } = new CiIdentity(this, 'ci', { ...ci, projectId: platform.projectId, dependsOn });
    for (const config of environments) {
      const { name, projectId } = config;
      const place = { names: new Names(name, projectId), projectId, region: homeOf(config) };
      const deployer = new Deployer(this, `${name}-deployer`, {
        ...place,
        stateBucket: platform.stateBucket,
        principals,
      });
      // Its account lies in the environment's project, whose services have to be on too.
      const services = ready.get(projectId);
      waits(deployer, [...dependsOn, ...(services === undefined ? [] : [services])]);
    }
  }

  private prepare(project: string): DataResource {
    const services = new DataResource(this, `${project}-services`, { dependsOn: this.switchOn(project, SERVICES) });
    new ServiceAgents(this, `${project}-agents`, { projectId: project, dependsOn: [services] });
    return services;
  }

  private switchOn(project: string, services: readonly string[]): ProjectService[] {
    return services.map(
      (service) =>
        new ProjectService(this, `${project}-${service}`, {
          project,
          service: `${service}.googleapis.com`,
          // The provider's default switches the service off for everybody else in the project.
          disableOnDestroy: false,
          disableDependentServices: false,
        }),
    );
  }
}
