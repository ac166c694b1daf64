import { StorageBucket, type StorageBucketLifecycleRule } from '@cdktf/provider-google/lib/storage-bucket';
import {
  StorageBucketIamMember,
  type StorageBucketIamMemberConfig,
} from '@cdktf/provider-google/lib/storage-bucket-iam-member';
import type { ITerraformDependable } from 'cdktf';
import { Construct } from 'constructs';
import type { Deployment } from '../../names';
import type { Grantee } from '../functions/identity';

/** The two regions that hold each object of a bucket. */
export interface BucketPair {
  readonly location: 'eu' | 'us';
  readonly regions: readonly string[];
  /** True: Google copies each object to the second region within 15 minutes, at a price. */
  readonly turbo: boolean;
}

export interface MediaBucketProps extends Deployment {
  /** Last part of the name: `ingest`, `open`, `gated`. */
  readonly thing: string;
  /** True: `destroy` empties it. False: `destroy` fails while it holds an object. */
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
  /** @default none: it lies in one region */
  readonly pair?: BucketPair | undefined;
}

/** Deletes segments that are part of no recording `days` days after their custom time. */
export const expireUnrecorded = (days: number): StorageBucketLifecycleRule => ({
  action: { type: 'Delete' },
  condition: { daysSinceCustomTime: days, withState: 'ANY' },
});

/** Deletes objects that were not written for `days` days: leftovers of a node that did not come back. */
export const expireAbandoned = (days: number): StorageBucketLifecycleRule => ({
  action: { type: 'Delete' },
  condition: { age: days, withState: 'ANY' },
});

/** Headers that a player's script may read: sizes for its bandwidth estimate, the clock, and the cache status. */
const CORS_RESPONSE_HEADERS = ['Content-Length', 'Content-Range', 'Content-Type', 'Date', 'Age', 'ETag', 'X-Cache'];

/** A private bucket of media, pages or sources, and the grants on its objects. It cannot be made public. */
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
      ...placed(props),
      storageClass: 'STANDARD',
      uniformBucketLevelAccess: true,
      publicAccessPrevention: 'enforced',
      forceDestroy: props.destroyable,
      // Seven days of soft delete would bill every overwritten playlist and every expired segment.
      softDeletePolicy: { retentionDurationSeconds: 0 },
      // Autoclass costs a fee per object, and these objects live for hours.
      autoclass: { enabled: false },
      versioning: { enabled: false },
      ...(props.indexPage && { website: { mainPageSuffix: props.indexPage } }),
      cors: (props.corsOrigins ?? []).length > 0 ? [cors(props.corsOrigins ?? [])] : [],
      lifecycleRule: [...(props.lifecycle ?? [])],
      labels: { ...props.names.labels(props.thing) },
    }).name;
  }

  /** Grants read and list. With the right to list, Cloud Storage answers 404 and not 403 for a missing object. */
  grantRead({ grantId, member }: Grantee): void {
    this.member(`reader-${grantId}`, 'roles/storage.objectViewer', member);
  }

  /**
   * Grants read of an object by its name, without list: a missing object is 403. `dependsOn`: the resource that creates
   * the reader.
   */
  grantOpenRead({ grantId, member }: Grantee, dependsOn: ITerraformDependable[]): void {
    this.member(`reader-${grantId}`, 'roles/storage.legacyObjectReader', member, { dependsOn });
  }

  /** Grants the right to create objects, and none to change, delete or read one. */
  grantCreate({ grantId, member }: Grantee): void {
    this.member(`creator-${grantId}`, 'roles/storage.objectCreator', member, this.written());
  }

  /** Grants read, list, write and delete of objects, but no right to grant access. */
  grantWrite({ grantId, member }: Grantee): void {
    this.member(`writer-${grantId}`, 'roles/storage.objectUser', member, this.written());
    // A condition on names never matches a list, whose resource is the bucket.
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

const placed = ({ region, pair }: MediaBucketProps) =>
  pair === undefined
    ? { location: region }
    : {
        location: pair.location.toUpperCase(),
        customPlacementConfig: { dataLocations: pair.regions.map((one) => one.toUpperCase()) },
        rpo: pair.turbo ? 'ASYNC_TURBO' : 'DEFAULT',
      };

const cors = (origins: readonly string[]) => ({
  origin: [...origins],
  method: ['GET', 'HEAD'],
  responseHeader: CORS_RESPONSE_HEADERS,
  maxAgeSeconds: 3600,
});
