import { ArtifactRegistryRepository } from '@cdktf/provider-google/lib/artifact-registry-repository';
import { ArtifactRegistryRepositoryIamMember } from '@cdktf/provider-google/lib/artifact-registry-repository-iam-member';
import { ProjectIamMember } from '@cdktf/provider-google/lib/project-iam-member';
import { Construct } from 'constructs';
import type { Deployment } from '../../names';
import { MediaBucket } from '../media/media-bucket';
import { BUILDER, SOURCES } from './function-build';
import { Identity } from './identity';

export interface FunctionBuilderProps extends Deployment {
  readonly destroyable: boolean;
  /** The same environment in its second region. @default none */
  readonly second?: Deployment | undefined;
}

const DAY_SECONDS = 86_400;
/** A rollback of a function builds again, so nothing uses old images. */
const IMAGE_DAYS = 30;

/**
 * Everything Cloud Build needs to make functions of archives: their bucket, a repository for its images, and an account
 * of its own. It is made before the environment: a build that starts right after its grants is refused.
 * https://cloud.google.com/iam/docs/access-change-propagation
 */
export class FunctionBuilder extends Construct {
  constructor(scope: Construct, id: string, props: FunctionBuilderProps) {
    super(scope, id);
    const { names, projectId: project, region: location, destroyable, second } = props;
    const sources = new MediaBucket(this, 'sources', {
      names,
      projectId: project,
      region: location,
      destroyable,
      thing: SOURCES,
    });
    const builder = new Identity(this, 'builder', props, BUILDER, 'Builds the functions');
    sources.grantRead(builder);
    this.images(props, builder, '');
    if (second !== undefined) this.images(second, builder, '-b');
    this.grantBuild(project, builder);
  }

  /** Makes the repository of the images of a region's functions. */
  private images({ names, projectId: project, region: location }: Deployment, builder: Identity, suffix: string): void {
    const repository = new ArtifactRegistryRepository(this, `repository${suffix}`, {
      project,
      location,
      repositoryId: names.resource('functions'),
      format: 'DOCKER',
      // A policy of KEEP only exempts images from a policy of DELETE.
      cleanupPolicies: [
        { id: 'delete-old', action: 'DELETE', condition: { olderThan: `${IMAGE_DAYS * DAY_SECONDS}s` } },
        { id: 'keep-recent', action: 'KEEP', mostRecentVersions: { keepCount: 5 } },
      ],
      labels: { ...names.labels('functions') },
    });
    new ArtifactRegistryRepositoryIamMember(this, `pusher${suffix}`, {
      project,
      location,
      member: builder.member,
      repository: repository.name,
      role: 'roles/artifactregistry.writer',
    });
  }

  /** Cloud Functions copies sources to buckets it makes itself, called `gcf-v2-...`. */
  private grantBuild(project: string, { member }: Identity): void {
    new ProjectIamMember(this, 'logs', { project, role: 'roles/logging.logWriter', member });
    new ProjectIamMember(this, 'staged-sources', {
      project,
      role: 'roles/storage.objectViewer',
      member,
      condition: { title: 'staged-sources', expression: 'resource.name.startsWith("projects/_/buckets/gcf-v2-")' },
    });
  }
}
