import type { Firestore } from '@google-cloud/firestore';
import { firestoreClient } from '../../../../functions/adapters/gcp/firestore/firestore-client';
import { firestoreServer } from '../../../../scripts/emulators/firestore';
import { firestoreClientSuite } from '../../../suites/firestore-client';

const server = firestoreServer({ port: 0, ttl: [{ collectionGroup: 'ttl', field: 'expireAt' }] });
let client: Firestore;

beforeAll(async () => {
  client = firestoreClient({ projectId: 'test', databaseId: 'named', host: (await server.start()).host });
});

afterAll(async () => {
  await client.terminate();
  await server.stop();
});

firestoreClientSuite('local server', () => client);
