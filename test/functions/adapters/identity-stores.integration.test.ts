import { firestoreApiKeyStore } from '../../../functions/adapters/gcp/api-key-store';
import { firestoreGrantStore } from '../../../functions/adapters/gcp/grant-store';
import { firestoreIdempotencyStore } from '../../../functions/adapters/gcp/idempotency-store';
import { apiKeyStoreSuite } from '../../suites/api-key-store';
import { grantStoreSuite } from '../../suites/grant-store';
import { idempotencyStoreSuite } from '../../suites/idempotency-store';
import { localDatabases } from '../../support/firestore-databases';

const open = localDatabases();

apiKeyStoreSuite('local Firestore', () => firestoreApiKeyStore(open()));
grantStoreSuite('local Firestore', () => firestoreGrantStore(open()));
idempotencyStoreSuite('local Firestore', () => firestoreIdempotencyStore(open()));
