import { http } from '@google-cloud/functions-framework';
import { firestoreClient } from '../adapters/gcp/firestore-client';
import { firestoreRegistry } from '../adapters/gcp/registry';
import { jsonLog } from '../adapters/log';
import { randomId, systemClock } from '../adapters/system';
import { entryPoint, srsHooks } from '../contract/functions';
import { forExpress } from '../http/express';
import { srsHooksHandler } from './handler';

const env = srsHooks.env.extend(srsHooks.secrets.shape).parse(process.env);
const firestore = firestoreClient({ projectId: env.PROJECT_ID, databaseId: env.FIRESTORE_DATABASE });
const handler = srsHooksHandler({
  registry: firestoreRegistry(firestore),
  clock: systemClock,
  randomId,
  log: jsonLog(),
  tokenKeys: env.TOKEN_KEYS,
});

http(entryPoint(srsHooks.name), forExpress(handler));
