import type { Firestore } from '@google-cloud/firestore';
import { firestoreClient } from '../../../functions/adapters/gcp/firestore/firestore-client';
import { firestoreServer } from '../../../scripts/emulators/firestore';

/**
 * Clients of a Firestore, each with a database of its own, because suites begin with nothing. Ended after the tests.
 */
export function databasesOf(host: () => string): () => Firestore {
  const clients: Firestore[] = [];
  afterAll(() => Promise.all(clients.map((client) => client.terminate())));
  return () => {
    const client = firestoreClient({ projectId: 'test', databaseId: `database-${clients.length}`, host: host() });
    clients.push(client);
    return client;
  };
}

/**
 * The same on the local Firestore, from before the tests until after. No index is declared: stores must do with the
 * automatic ones.
 */
export function localDatabases(): () => Firestore {
  const server = firestoreServer({ port: 0, indexes: [] });
  let host = '';
  beforeAll(async () => {
    host = (await server.start()).host;
  });
  // Hooks after tests run in the order they were given here: clients first.
  const open = databasesOf(() => host);
  afterAll(() => server.stop());
  return open;
}
