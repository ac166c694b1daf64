import type { Firestore } from '@google-cloud/firestore';
import { firestoreClient } from '../../../functions/adapters/gcp/firestore-client';
import { firestoreRegistry } from '../../../functions/adapters/gcp/registry';
import { firestoreServer } from '../../../scripts/local/firestore';
import { registrySuite } from '../../suites/registry';

/** No index is declared: the registry must do with the automatic ones. */
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
  const client = firestoreClient({ projectId: 'test', databaseId: `registry-${clients.length}`, host });
  clients.push(client);
  return client;
}

registrySuite('local Firestore', () => firestoreRegistry(newDatabase()));
