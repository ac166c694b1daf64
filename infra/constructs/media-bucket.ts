import { StorageBucket, type StorageBucketLifecycleRule } from '@cdktf/provider-google/lib/storage-bucket';
import { StorageBucketIamMember } from '@cdktf/provider-google/lib/storage-bucket-iam-member';
import { Construct } from 'constructs';
import type { Place } from '../names';
import type { Grantee } from './identity';

export interface MediaBucketProps extends Place {
  /** Last part of the name: `ingest`, `open`, `gated`, `pages`. */
  readonly thing: string;
  /** True: `destroy` empties it. False: it refuses as long as it holds anything. */
  readonly destroyable: boolean;
  /** Anyone may read an object whose name they know; nobody may list. @default false: a grant to everyone is impossible */
  readonly publicRead?: boolean;
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

/** What a player's script may see of an answer: sizes for its bandwidth estimate, the clock, and whether the CDN had it. */
const CORS_RESPONSE_HEADERS = ['Content-Length', 'Content-Range', 'Content-Type', 'Date', 'Age', 'ETag', 'X-Cache'];

/** A bucket of media or pages, and who may do what with its objects. */
export class MediaBucket extends Construct {
  readonly bucketName: string;

  constructor(scope: Construct, id: string, props: MediaBucketProps) {
    super(scope, id);
    this.bucketName = new StorageBucket(this, 'bucket', {
      name: props.names.bucket(props.thing),
      project: props.projectId,
      location: props.region,
      storageClass: 'STANDARD',
      uniformBucketLevelAccess: true,
      publicAccessPrevention: props.publicRead === true ? 'inherited' : 'enforced',
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
    if (props.publicRead === true) this.member('public', 'roles/storage.legacyObjectReader', 'allUsers');
  }

  /** Read and list. Listing is what makes Cloud Storage answer 404 and not 403 for an object that is not there. */
  grantRead({ grantId, member }: Grantee): void {
    this.member(`reader-${grantId}`, 'roles/storage.objectViewer', member);
  }

  /** Make new objects; never change, delete or read one. */
  grantCreate({ grantId, member }: Grantee): void {
    this.member(`creator-${grantId}`, 'roles/storage.objectCreator', member);
  }

  /** Read, list, write and delete objects; no say in who else may. */
  grantWrite({ grantId, member }: Grantee): void {
    this.member(`writer-${grantId}`, 'roles/storage.objectUser', member);
  }

  private member(id: string, role: string, member: string): void {
    new StorageBucketIamMember(this, id, { bucket: this.bucketName, role, member });
  }
}

const cors = (origins: readonly string[]) => ({
  origin: [...origins],
  method: ['GET', 'HEAD'],
  responseHeader: CORS_RESPONSE_HEADERS,
  maxAgeSeconds: 3600,
});
