import { ArtifactRegistryRepository } from '@cdktf/provider-google/lib/artifact-registry-repository';
import { ArtifactRegistryRepositoryIamMember } from '@cdktf/provider-google/lib/artifact-registry-repository-iam-member';
import { Construct } from 'constructs';
import type { Place } from '../names';
import type { Grantee } from './identity';

/** The registry of the node image. A tag never moves: what a node runs is what was tried. */
export class NodeImages extends Construct {
  private readonly repository: ArtifactRegistryRepository;
  private readonly repositoryId: string;

  constructor(
    scope: Construct,
    id: string,
    private readonly place: Place,
  ) {
    super(scope, id);
    const { names, projectId: project, region: location } = place;
    this.repositoryId = names.resource('images');
    this.repository = new ArtifactRegistryRepository(this, 'repository', {
      project,
      location,
      repositoryId: this.repositoryId,
      format: 'DOCKER',
      dockerConfig: { immutableTags: true },
      labels: { ...names.labels('images') },
    });
  }

  /** `<region>-docker.pkg.dev/<project>/<repository>/node:<tag>`: a literal, because cloud-init holds it as text. */
  reference(tag: string): string {
    const { projectId, region } = this.place;
    return `${region}-docker.pkg.dev/${projectId}/${this.repositoryId}/node:${tag}`;
  }

  grantPull({ grantId, member }: Grantee): void {
    const { projectId: project, region: location } = this.place;
    new ArtifactRegistryRepositoryIamMember(this, `reader-${grantId}`, {
      project,
      location,
      repository: this.repository.name,
      role: 'roles/artifactregistry.reader',
      member,
    });
  }
}
