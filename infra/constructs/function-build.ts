import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { ArtifactRegistryRepository } from '@cdktf/provider-google/lib/artifact-registry-repository';
import { ArtifactRegistryRepositoryIamMember } from '@cdktf/provider-google/lib/artifact-registry-repository-iam-member';
import { ProjectIamMember } from '@cdktf/provider-google/lib/project-iam-member';
import { StorageBucketObject } from '@cdktf/provider-google/lib/storage-bucket-object';
import { AssetType, type ITerraformDependable, TerraformAsset } from 'cdktf';
import { Construct } from 'constructs';
import type { Place } from '../names';
import { Identity } from './identity';
import { MediaBucket } from './media-bucket';

export interface FunctionBuildProps extends Place {
  readonly destroyable: boolean;
}

/** Where a function's source lies once it is uploaded. */
export interface FunctionSource {
  readonly bucket: string;
  readonly object: string;
}

/** What Cloud Build needs to make functions of archives: their bucket, a repository for its images, and an account of its own. */
export class FunctionBuild extends Construct {
  readonly repository: string;
  readonly builder: Identity;
  /** The builder's grants: a function made before them fails. */
  readonly ready: readonly ITerraformDependable[];
  private readonly sources: MediaBucket;

  constructor(scope: Construct, id: string, props: FunctionBuildProps) {
    super(scope, id);
    const { names, projectId, region } = props;
    this.sources = new MediaBucket(this, 'sources', { ...props, thing: 'sources' });
    this.builder = new Identity(this, 'builder', props, 'builder', 'Builds the functions');
    const repository = new ArtifactRegistryRepository(this, 'repository', {
      project: projectId,
      location: region,
      repositoryId: names.resource('functions'),
      format: 'DOCKER',
      cleanupPolicies: [{ id: 'keep-recent', action: 'KEEP', mostRecentVersions: { keepCount: 5 } }],
      labels: { ...names.labels('functions') },
    });
    this.repository = repository.id;
    this.sources.grantRead(this.builder);
    const push = new ArtifactRegistryRepositoryIamMember(this, 'pusher', {
      project: projectId,
      location: region,
      repository: repository.name,
      role: 'roles/artifactregistry.writer',
      member: this.builder.member,
    });
    this.ready = [push, ...this.grantBuild(projectId)];
  }

  /** Uploads `archive`. Its name holds its content's hash, so a function is deployed again exactly when its bundle changed. */
  upload(name: string, archive: string): FunctionSource {
    const hash = createHash('sha256').update(readFileSync(archive)).digest('hex').slice(0, 16);
    const asset = new TerraformAsset(this, `archive-${name}`, { path: archive, type: AssetType.FILE, assetHash: hash });
    const object = new StorageBucketObject(this, `source-${name}`, {
      bucket: this.sources.bucketName,
      name: `${name}/${hash}.zip`,
      source: asset.path,
      contentType: 'application/zip',
    });
    return { bucket: object.bucket, object: object.name };
  }

  /** Cloud Functions copies sources to buckets it makes itself, called `gcf-v2-...`. */
  private grantBuild(project: string): ITerraformDependable[] {
    const { member } = this.builder;
    return [
      new ProjectIamMember(this, 'logs', { project, role: 'roles/logging.logWriter', member }),
      new ProjectIamMember(this, 'staged-sources', {
        project,
        role: 'roles/storage.objectViewer',
        member,
        condition: { title: 'staged-sources', expression: 'resource.name.startsWith("projects/_/buckets/gcf-v2-")' },
      }),
    ];
  }
}
