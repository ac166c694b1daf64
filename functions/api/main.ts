import { http } from '@google-cloud/functions-framework';
import { firestoreClient } from '../adapters/gcp/firestore-client';
import { gcsObjectStore } from '../adapters/gcp/object-store';
import { firestoreRegistry } from '../adapters/gcp/registry';
import { storageClient } from '../adapters/gcp/storage-client';
import { jsonLog } from '../adapters/log';
import { randomId, systemClock } from '../adapters/system';
import { api, entryPoint } from '../contract/functions';
import { forExpress } from '../http/express';
import { apiHandler } from './handler';

const env = api.env.extend(api.secrets.shape).parse(process.env);
const storage = storageClient({ projectId: env.PROJECT_ID, apiEndpoint: env.STORAGE_API_ENDPOINT });
const delivery = { open: gcsObjectStore(storage, env.OPEN_BUCKET), gated: gcsObjectStore(storage, env.GATED_BUCKET) };

const handler = apiHandler({
  registry: firestoreRegistry(firestoreClient({ projectId: env.PROJECT_ID, databaseId: env.FIRESTORE_DATABASE })),
  ingest: gcsObjectStore(storage, env.INGEST_BUCKET),
  delivery: (policy) => delivery[policy],
  adminKey: env.ADMIN_KEY,
  publicOrigin: env.PUBLIC_ORIGIN,
  rtmpServer: env.RTMP_SERVER,
  reconnectWindowSeconds: env.RECONNECT_WINDOW_SECONDS,
  clock: systemClock,
  randomId,
  log: jsonLog(),
});

http(entryPoint(api.name), forExpress(handler));
