import { http } from '@google-cloud/functions-framework';
import { firestoreClient } from '../adapters/gcp/firestore-client';
import { gcsObjectStore } from '../adapters/gcp/object-store';
import { firestoreRegistry } from '../adapters/gcp/registry';
import { storageClient } from '../adapters/gcp/storage-client';
import { jsonLog } from '../adapters/log';
import { randomId, systemClock } from '../adapters/system';
import { entryPoint, reconciler } from '../contract/functions';
import { forExpress } from '../http/express';
import { reconcilerHandler } from './handler';

const env = reconciler.env.parse(process.env);
const storage = storageClient({ projectId: env.PROJECT_ID, apiEndpoint: env.STORAGE_API_ENDPOINT });
const delivery = { open: gcsObjectStore(storage, env.OPEN_BUCKET), gated: gcsObjectStore(storage, env.GATED_BUCKET) };

const handler = reconcilerHandler({
  registry: firestoreRegistry(firestoreClient({ projectId: env.PROJECT_ID, databaseId: env.FIRESTORE_DATABASE })),
  ingest: gcsObjectStore(storage, env.INGEST_BUCKET),
  delivery: (policy) => delivery[policy],
  clock: systemClock,
  randomId,
  log: jsonLog(),
});

http(entryPoint(reconciler.name), forExpress(handler));
