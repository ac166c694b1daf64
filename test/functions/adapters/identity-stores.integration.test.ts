import type { Firestore } from '@google-cloud/firestore';
import { firestoreApiKeyStore } from '../../../functions/adapters/gcp/api-key-store';
import { firestoreClient } from '../../../functions/adapters/gcp/firestore-client';
import { firestoreGrantStore } from '../../../functions/adapters/gcp/grant-store';
import { firestoreServer } from '../../../scripts/local/firestore';
import { apiKeyStoreSuite } from '../../suites/api-key-store';
import { grantStoreSuite } from '../../suites/grant-store';

/** No index is declared: the stores must do with the automatic ones. */
const server = firestoreServer({ port: 0, indexes: [] });
const clients: Firestore[] = [];
let host: string;

beforeAll(async () => {
  host = (await server.start()).host;
});

afterAll(async () => {
  await Promise.all(clients.map((client) => client.terminate()));
  await server.stop();
});

function newDatabase(): Firestore {
  const client = firestoreClient({ projectId: 'test', databaseId: `identity-${clients.length}`, host });
  clients.push(client);
  return client;
}

apiKeyStoreSuite('local Firestore', () => firestoreApiKeyStore(newDatabase()));
grantStoreSuite('local Firestore', () => firestoreGrantStore(newDatabase()));
