import { StorageBucket, type StorageBucketLifecycleRule } from '@cdktf/provider-google/lib/storage-bucket';
import {
  StorageBucketIamMember,
  type StorageBucketIamMemberConfig,
} from '@cdktf/provider-google/lib/storage-bucket-iam-member';
import type { ITerraformDependable } from 'cdktf';
import { Construct } from 'constructs';
import type { Deployment } from '../../names';
import type { Grantee } from '../functions/identity';

export interface MediaBucketProps extends Deployment {
  /** Last part of the name: `ingest`, `open`, `gated`. */
  readonly thing: string;
  /** True: `destroy` empties it. False: it refuses as long as it holds anything. */
  readonly destroyable: boolean;
  /**
   * The prefix of the writers' objects, such as `open/`; the rest of the bucket belongs to deploys. @default the whole
   * bucket
   */
  readonly writePrefix?: string;
  /** Origins of pages that may read it, by CORS. @default none */
  readonly corsOrigins?: readonly string[];
  readonly lifecycle?: readonly StorageBucketLifecycleRule[];
  /** Object that answers for a folder. @default none */
  readonly indexPage?: string;
}

/** Segments that will not be recorded carry a custom time: `days` days later they go. */
export const expireUnrecorded = (days: number): StorageBucketLifecycleRule => ({
  action: { type: 'Delete' },
  condition: { daysSinceCustomTime: days, withState: 'ANY' },
});

/** Objects nobody wrote to for `days` days go: what a node left behind that never came back. */
export const expireAbandoned = (days: number): StorageBucketLifecycleRule => ({
  action: { type: 'Delete' },
  condition: { age: days, withState: 'ANY' },
});

/** Headers that a player's script may read: sizes for its bandwidth estimate, the clock, and whether the CDN had it. */
const CORS_RESPONSE_HEADERS = ['Content-Length', 'Content-Range', 'Content-Type', 'Date', 'Age', 'ETag', 'X-Cache'];

/**
 * A private bucket of media, pages or sources, and who may do what with its objects. A grant to everybody is
 * impossible.
 */
export class MediaBucket extends Construct {
  readonly bucketName: string;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: MediaBucketProps,
  ) {
    super(scope, id);
    this.bucketName = new StorageBucket(this, 'bucket', {
      name: props.names.bucket(props.thing),
      project: props.projectId,
      location: props.region,
      storageClass: 'STANDARD',
      uniformBucketLevelAccess: true,
      publicAccessPrevention: 'enforced',
      forceDestroy: props.destroyable,
      // Seven days of soft delete would bill every overwritten playlist and every expired segment.
      softDeletePolicy: { retentionDurationSeconds: 0 },
      // A fee per object, for objects that live hours.
      autoclass: { enabled: false },
      versioning: { enabled: false },
      ...(props.indexPage && { website: { mainPageSuffix: props.indexPage } }),
      cors: (props.corsOrigins ?? []).length > 0 ? [cors(props.corsOrigins ?? [])] : [],
      lifecycleRule: [...(props.lifecycle ?? [])],
      labels: { ...props.names.labels(props.thing) },
    }).name;
  }

  /** Read and list. Listing is what makes Cloud Storage answer 404 and not 403 for an object that is not there. */
  grantRead({ grantId, member }: Grantee): void {
    this.member(`reader-${grantId}`, 'roles/storage.objectViewer', member);
  }

  /**
   * Read an object whose name is known, and list nothing: what is missing is 403. `dependsOn`: what brings the reader
   * to life.
   */
  grantOpenRead({ grantId, member }: Grantee, dependsOn: ITerraformDependable[]): void {
    this.member(`reader-${grantId}`, 'roles/storage.legacyObjectReader', member, { dependsOn });
  }

  /** Make new objects; never change, delete or read one. */
  grantCreate({ grantId, member }: Grantee): void {
    this.member(`creator-${grantId}`, 'roles/storage.objectCreator', member, this.written());
  }

  /** Read, list, write and delete objects; no say in who else may. */
  grantWrite({ grantId, member }: Grantee): void {
    this.member(`writer-${grantId}`, 'roles/storage.objectUser', member, this.written());
    // A condition on names holds for no list, whose resource is the bucket.
    if (this.props.writePrefix !== undefined) this.grantRead({ grantId, member });
  }

  private member(id: string, role: string, member: string, more: Partial<StorageBucketIamMemberConfig> = {}): void {
    new StorageBucketIamMember(this, id, { bucket: this.bucketName, role, member, ...more });
  }

  private written(): Pick<StorageBucketIamMemberConfig, 'condition'> {
    const { names, thing, writePrefix } = this.props;
    if (writePrefix === undefined) return {};
    const below = `projects/_/buckets/${names.bucket(thing)}/objects/${writePrefix}`;
    return {
      condition: {
        title: 'media',
        description: `below ${writePrefix}`,
        expression: `resource.name.startsWith("${below}")`,
      },
    };
  }
}

const cors = (origins: readonly string[]) => ({
  origin: [...origins],
  method: ['GET', 'HEAD'],
  responseHeader: CORS_RESPONSE_HEADERS,
  maxAgeSeconds: 3600,
});
