import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { StorageBucketObject } from '@cdktf/provider-google/lib/storage-bucket-object';
import { AssetType, TerraformAsset } from 'cdktf';
import { Construct } from 'constructs';
import type { Deployment } from '../../names';

/** Last parts of the names of the account and the bucket of archives, which `bootstrap` makes for builds. */
export const BUILDER = 'builder';
export const SOURCES = 'sources';

/** The location of a function's source once it is uploaded. */
export interface FunctionSource {
  readonly bucket: string;
  readonly object: string;
}

/** Uploads the archives of functions, and names what `bootstrap` has made to build them. */
export class FunctionBuild extends Construct {
  /** `projects/<project>/locations/<region>/repositories/<id>` */
  readonly repository: string;
  /** `projects/<project>/serviceAccounts/<e-mail>` of the account that builds. */
  readonly builder: string;
  private readonly sources: string;
  private readonly uploaded = new Map<string, FunctionSource>();

  constructor(scope: Construct, id: string, { names, projectId, region }: Deployment) {
    super(scope, id);
    this.repository = repositoryIn({ names, projectId, region });
    this.builder = `projects/${projectId}/serviceAccounts/${names.email(BUILDER)}`;
    this.sources = names.bucket(SOURCES);
  }

  /**
   * Uploads `archive`. Its name holds its content's hash, so a function is deployed again exactly when its bundle
   * changed.
   */
  upload(name: string, archive: string): FunctionSource {
    const source = this.uploaded.get(name) ?? this.put(name, archive);
    this.uploaded.set(name, source);
    return source;
  }

  /** Returns how the same archives are built in the second region: with a repository there. */
  inRegion(place: Deployment): Pick<FunctionBuild, 'repository' | 'builder' | 'upload'> {
    const { builder } = this;
    return { builder, repository: repositoryIn(place), upload: (name, archive) => this.upload(name, archive) };
  }

  private put(name: string, archive: string): FunctionSource {
    const hash = createHash('sha256').update(readFileSync(archive)).digest('hex').slice(0, 16);
    const asset = new TerraformAsset(this, `archive-${name}`, { path: archive, type: AssetType.FILE, assetHash: hash });
    const object = new StorageBucketObject(this, `source-${name}`, {
      bucket: this.sources,
      name: `${name}/${hash}.zip`,
      source: asset.path,
      contentType: 'application/zip',
    });
    return { bucket: object.bucket, object: object.name };
  }
}

/** The repository of a function's image has to be in the function's region. */
const repositoryIn = ({ names, projectId, region }: Deployment): string =>
  `projects/${projectId}/locations/${region}/repositories/${names.resource('functions')}`;
