import type { Firestore } from '@google-cloud/firestore';
import { firestoreApiKeyStore } from '../../../../functions/adapters/gcp/api-key-store';
import { firestoreClient } from '../../../../functions/adapters/gcp/firestore-client';
import { firestoreGrantStore } from '../../../../functions/adapters/gcp/grant-store';
import { firestoreRegistry } from '../../../../functions/adapters/gcp/registry';
import { apiKeyStoreSuite } from '../../../suites/api-key-store';
import { firestoreClientSuite } from '../../../suites/firestore-client';
import { grantStoreSuite } from '../../../suites/grant-store';
import { registrySuite } from '../../../suites/registry';
import { findEmulator, type RunningEmulator, startEmulator } from '../../../support/google-firestore-emulator';
import { realPart } from '../../../support/real-part';

const jar = findEmulator();
const missing = jar === undefined ? 'skipped: gcloud without cloud-firestore-emulator, or no java' : undefined;
realPart('Google Firestore emulator', missing, () => theSameSuites(jar ?? ''));

/** What holds for the local server holds for Google's too: else the tests of everything above it prove nothing. */
function theSameSuites(jar: string): void {
  const clients: Firestore[] = [];
  let emulator: RunningEmulator | undefined;

  beforeAll(async () => {
    emulator = await startEmulator(jar);
  }, 60_000);

  afterAll(async () => {
    await Promise.all(clients.map((client) => client.terminate()));
    await emulator?.stop();
  });

  const newDatabase = (): Firestore => {
    const client = firestoreClient({ projectId: 'test', databaseId: `database-${clients.length}`, host: emulator?.host });
    clients.push(client);
    return client;
  };

  firestoreClientSuite('Google emulator', newDatabase, { locks: true, noTimeToLive: true, serverTimestampIsEarlier: true });
  registrySuite('Google emulator', () => firestoreRegistry(newDatabase(), { deadlineMs: 25_000 }));
  apiKeyStoreSuite('Google emulator', () => firestoreApiKeyStore(newDatabase(), { deadlineMs: 25_000 }));
  grantStoreSuite('Google emulator', () => firestoreGrantStore(newDatabase(), { deadlineMs: 25_000 }));
}
