import { firestoreApiKeyStore } from '../../../functions/adapters/gcp/firestore/api-key-store';
import { firestoreGrantStore } from '../../../functions/adapters/gcp/firestore/grant-store';
import { firestoreIdempotencyStore } from '../../../functions/adapters/gcp/firestore/idempotency-store';
import { apiKeyStoreSuite } from '../../suites/api-key-store';
import { grantStoreSuite } from '../../suites/grant-store';
import { idempotencyStoreSuite } from '../../suites/idempotency-store';
import { localDatabases } from '../../support/google/firestore-databases';

const open = localDatabases();

apiKeyStoreSuite('local Firestore', () => firestoreApiKeyStore(open()));
grantStoreSuite('local Firestore', () => firestoreGrantStore(open()));
idempotencyStoreSuite('local Firestore', () => firestoreIdempotencyStore(open()));
