import { firestoreApiKeyStore } from '../../../../functions/adapters/gcp/firestore/api-key-store';
import { firestoreGrantStore } from '../../../../functions/adapters/gcp/firestore/grant-store';
import { firestoreIdempotencyStore } from '../../../../functions/adapters/gcp/firestore/idempotency-store';
import { firestoreInvalidationStore } from '../../../../functions/adapters/gcp/firestore/invalidation-store';
import { firestoreStreamStore } from '../../../../functions/adapters/gcp/firestore/stream-store';
import { apiKeyStoreSuite } from '../../../suites/api-key-store';
import { firestoreClientSuite } from '../../../suites/firestore-client';
import { grantStoreSuite } from '../../../suites/grant-store';
import { idempotencyStoreSuite } from '../../../suites/idempotency-store';
import { invalidationStoreSuite } from '../../../suites/invalidation-store';
import { registrySuite } from '../../../suites/registry';
import { databasesOf } from '../../../support/google/firestore-databases';
import { FIRESTORE_EMULATOR, onEmulator } from '../../../support/google/google-emulator';

/**
 * The rules of the local server hold for Google's emulator too: else the tests of everything above it prove nothing.
 */
onEmulator(FIRESTORE_EMULATOR, (host) => {
  const open = databasesOf(host);
  firestoreClientSuite('Google emulator', open, { locks: true, noTimeToLive: true, serverTimestampIsEarlier: true });
  registrySuite('Google emulator', () => firestoreStreamStore(open(), { deadlineMs: 25_000 }));
  apiKeyStoreSuite('Google emulator', () => firestoreApiKeyStore(open(), { deadlineMs: 25_000 }));
  idempotencyStoreSuite('Google emulator', () => firestoreIdempotencyStore(open(), { deadlineMs: 25_000 }));
  grantStoreSuite('Google emulator', () => firestoreGrantStore(open(), { deadlineMs: 25_000 }));
  invalidationStoreSuite('Google emulator', () => firestoreInvalidationStore(open(), { deadlineMs: 25_000 }));
});
