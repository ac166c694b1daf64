import { ArtifactRegistryRepositoryIamMember } from '@cdktf/provider-google/lib/artifact-registry-repository-iam-member';
import { Construct } from 'constructs';
import type { Deployment } from '../../names';
import type { Grantee } from '../functions/identity';

/** Id of the registry of an environment's images, which `bootstrap` makes. */
export const imagesRepository = ({ names }: Pick<Deployment, 'names'>): string => names.resource('images');

/** Id of the copy of Docker Hub's base images, which `bootstrap` makes. */
export const hubRepository = ({ names }: Pick<Deployment, 'names'>): string => names.resource('hub');

/** An image by its tag, and by its digest where the configuration knows it. */
interface Image {
  readonly imageTag: string;
  readonly imageDigest?: string | undefined;
}

/** The images of an environment's VMs, and the right to pull them. */
export class NodeImages extends Construct {
  constructor(
    scope: Construct,
    id: string,
    private readonly place: Deployment,
    /** The registry's location: a region, or a multi-region. */
    private readonly location: string,
  ) {
    super(scope, id);
  }

  /**
   * `<location>-docker.pkg.dev/<project>/<repository>/<name>:<tag>[@<digest>]`: a literal, because cloud-init holds it
   * as text.
   */
  reference(name: 'node' | 'turn', { imageTag, imageDigest }: Image): string {
    const { projectId } = this.place;
    const repository = `${this.location}-docker.pkg.dev/${projectId}/${imagesRepository(this.place)}`;
    return `${repository}/${name}:${imageTag}${imageDigest === undefined ? '' : `@${imageDigest}`}`;
  }

  grantPull({ grantId, member }: Grantee): void {
    const { projectId: project } = this.place;
    const { location } = this;
    new ArtifactRegistryRepositoryIamMember(this, `reader-${grantId}`, {
      project,
      location,
      repository: imagesRepository(this.place),
      role: 'roles/artifactregistry.reader',
      member,
    });
  }
}
