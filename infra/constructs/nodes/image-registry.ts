import { ArtifactRegistryRepository } from '@cdktf/provider-google/lib/artifact-registry-repository';
import { ArtifactRegistryRepositoryIamMember } from '@cdktf/provider-google/lib/artifact-registry-repository-iam-member';
import { CloudbuildTrigger } from '@cdktf/provider-google/lib/cloudbuild-trigger';
import { ProjectIamMember } from '@cdktf/provider-google/lib/project-iam-member';
import { Construct } from 'constructs';
import type { Deployment } from '../../names';
import { Identity } from '../functions/identity';
import { expireAbandoned, MediaBucket } from '../media/media-bucket';
import { hubRepository, imagesRepository } from './node-images';

export interface ImageRegistryProps extends Deployment {
  /** The location of the images: the region, or a multi-region that outlives it. */
  readonly location: string;
  /** The repository from which Cloud Build reads the project. @default none: sources are uploaded to `sources` */
  readonly repository?: { readonly uri: string; readonly ref: string } | undefined;
}

/** Cloud Build's recipe of all images, below the project's root. */
const RECIPE = 'srs-image/image/cloudbuild.yaml';

/** Days an uploaded source is kept. */
const SOURCE_DAYS = 7;
/** The days for which images of a failed build are kept. A tagged image may be what a node boots from, so it stays. */
const UNTAGGED_DAYS = 30;
/** The days after which an unused image is deleted from the copy. */
const HUB_DAYS = 90;
const DAY_SECONDS = 86_400;

/**
 * The images of the VMs: their registry, and an account that can build them and do nothing else. It is made before an
 * environment, because nodes do not start without their image. A tag never moves: a node runs the image that was tried.
 */
export class ImageRegistry extends Construct {
  constructor(
    scope: Construct,
    id: string,
    private readonly props: ImageRegistryProps,
  ) {
    super(scope, id);
    const { names, projectId: project, location } = props;
    const repository = new ArtifactRegistryRepository(this, 'repository', {
      project,
      location,
      repositoryId: imagesRepository(props),
      format: 'DOCKER',
      dockerConfig: { immutableTags: true },
      labels: { ...names.labels('images') },
      cleanupPolicies: [
        {
          id: 'delete-untagged',
          action: 'DELETE',
          condition: { tagState: 'UNTAGGED', olderThan: `${UNTAGGED_DAYS * DAY_SECONDS}s` },
        },
      ],
    });
    const builder = new Identity(this, 'builder', props, 'images', 'Builds the images of the VMs');
    this.hub(builder);
    const { member } = builder;
    const sources = new MediaBucket(this, 'sources', {
      ...props,
      thing: 'builds',
      destroyable: true,
      lifecycle: [expireAbandoned(SOURCE_DAYS)],
    });
    sources.grantRead(builder);
    new ArtifactRegistryRepositoryIamMember(this, 'pusher', {
      project,
      location,
      member,
      repository: repository.name,
      role: 'roles/artifactregistry.writer',
    });
    new ProjectIamMember(this, 'logs', { project, role: 'roles/logging.logWriter', member });
    // The build scans an image before it pushes it; the role exists on projects only.
    new ProjectIamMember(this, 'scanner', { project, role: 'roles/ondemandscanning.admin', member });
    this.trigger(builder);
  }

  /**
   * Makes a copy of Docker Hub for base images: Docker Hub limits callers without an account, and builders share
   * addresses.
   */
  private hub({ member }: Identity): void {
    const { names, projectId: project, location } = this.props;
    const hub = new ArtifactRegistryRepository(this, 'hub', {
      project,
      location,
      repositoryId: hubRepository(this.props),
      format: 'DOCKER',
      mode: 'REMOTE_REPOSITORY',
      description: 'What builds take from Docker Hub',
      remoteRepositoryConfig: { dockerRepository: { publicRepository: 'DOCKER_HUB' } },
      labels: { ...names.labels('images') },
      // A deleted image is fetched again.
      cleanupPolicies: [{ id: 'delete-old', action: 'DELETE', condition: { olderThan: `${HUB_DAYS * DAY_SECONDS}s` } }],
    });
    new ArtifactRegistryRepositoryIamMember(this, 'hub-reader', {
      project,
      location,
      member,
      repository: hub.name,
      role: 'roles/artifactregistry.reader',
    });
  }

  /** Run by hand, with the tag: a push of a branch builds nothing that could reach a node. */
  private trigger(builder: Identity): void {
    const { names, projectId: project, region, location, repository } = this.props;
    if (repository === undefined) return;
    const from = { ...repository, repoType: new URL(repository.uri).host === 'github.com' ? 'GITHUB' : 'UNKNOWN' };
    new CloudbuildTrigger(this, 'trigger', {
      project,
      location: region,
      name: names.resource('images'),
      serviceAccount: builder.resourceName,
      substitutions: { _REGION: location, _REPOSITORY: imagesRepository(this.props), _HUB: hubRepository(this.props) },
      sourceToBuild: from,
      gitFileSource: { path: RECIPE, uri: from.uri, revision: from.ref, repoType: from.repoType },
    });
  }
}
