import { FirestoreBackupSchedule } from '@cdktf/provider-google/lib/firestore-backup-schedule';
import { FirestoreDatabase } from '@cdktf/provider-google/lib/firestore-database';
import { FirestoreField } from '@cdktf/provider-google/lib/firestore-field';
import { ProjectIamMember } from '@cdktf/provider-google/lib/project-iam-member';
import { Construct } from 'constructs';
import type { Deployment } from '../../names';
import type { Grantee } from '../functions/identity';

export interface StreamRegistryProps extends Deployment {
  /** The location of the database: a region, or a multi-region. */
  readonly location: string;
  readonly destroyable: boolean;
  /** Days that daily backups are kept; 0 for none. */
  readonly backupDays: number;
  /** True where the environment has chat, whose messages expire. */
  readonly hasChat: boolean;
}

const DAY_SECONDS = 86_400;

/** Collections whose documents expire, and the field that holds the time. */
const EXPIRING = { grants: 'removeAt', idempotency: 'removeAt', invalidations: 'removeAt', deliveries: 'expireAt' };
const EXPIRING_CHAT = { chatEntries: 'removeAt', chatSenders: 'removeAt' };

/** Streams, sessions, broadcasts and nodes: one named Firestore database an environment. */
export class StreamRegistry extends Construct {
  readonly databaseName: string;
  private readonly projectId: string;
  private readonly physicalName: string;

  constructor(
    scope: Construct,
    id: string,
    { names, projectId, location, destroyable, backupDays, hasChat }: StreamRegistryProps,
  ) {
    super(scope, id);
    this.projectId = projectId;
    this.physicalName = names.resource('registry');
    this.databaseName = new FirestoreDatabase(this, 'database', {
      project: projectId,
      name: this.physicalName,
      locationId: location,
      type: 'FIRESTORE_NATIVE',
      databaseEdition: 'STANDARD',
      concurrencyMode: 'PESSIMISTIC',
      appEngineIntegrationMode: 'DISABLED',
      pointInTimeRecoveryEnablement: destroyable ? 'POINT_IN_TIME_RECOVERY_DISABLED' : 'POINT_IN_TIME_RECOVERY_ENABLED',
      // Both are needed to delete it: the provider's default leaves the database behind, and the next apply answers
      // 409.
      deletionPolicy: destroyable ? 'DELETE' : 'ABANDON',
      deleteProtectionState: destroyable ? 'DELETE_PROTECTION_DISABLED' : 'DELETE_PROTECTION_ENABLED',
    }).name;
    for (const [collection, field] of Object.entries({ ...EXPIRING, ...(hasChat && EXPIRING_CHAT) }))
      new FirestoreField(this, `expiry-${collection}`, {
        project: projectId,
        database: this.databaseName,
        collection,
        field,
        ttlConfig: {},
        // No query uses this field, and an index of rising times is written at one end only.
        indexConfig: {},
      });
    // Grants of an owner are counted across all their streams, which needs an index over the collection group.
    new FirestoreField(this, 'owned-grants', {
      project: projectId,
      database: this.databaseName,
      collection: 'grants',
      field: 'ownedUntil',
      indexConfig: { indexes: [{ queryScope: 'COLLECTION_GROUP', order: 'ASCENDING' }] },
    });
    if (backupDays > 0)
      new FirestoreBackupSchedule(this, 'backups', {
        project: projectId,
        database: this.databaseName,
        retention: `${backupDays * DAY_SECONDS}s`,
        dailyRecurrence: {},
      });
  }

  /**
   * Grants read and write of the documents of this database. Firestore's roles exist on projects only, so a condition
   * names the database.
   */
  grantUse({ grantId, member }: Grantee): void {
    const database = `projects/${this.projectId}/databases/${this.physicalName}`;
    new ProjectIamMember(this, `user-${grantId}`, {
      project: this.projectId,
      role: 'roles/datastore.user',
      member,
      condition: { title: 'registry', description: 'this database only', expression: `resource.name == "${database}"` },
    });
  }
}
