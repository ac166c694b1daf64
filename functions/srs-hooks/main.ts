import { http } from '@google-cloud/functions-framework';
import { firestoreBudgetStore } from '../adapters/gcp/budget-store';
import { firestoreClient } from '../adapters/gcp/firestore-client';
import { firestoreRegistry } from '../adapters/gcp/registry';
import { jsonLog } from '../adapters/log';
import { randomId, systemClock } from '../adapters/system';
import { entryPoint, srsHooks } from '../contract/functions';
import { intakeOf } from '../core/budget/intake';
import { budgetStageReader } from '../core/budget/stage-reader';
import { forExpress } from '../http/express';
import { srsHooksHandler } from './handler';

const env = srsHooks.env.extend(srsHooks.secrets.shape).parse(process.env);
const firestore = firestoreClient({ projectId: env.PROJECT_ID, databaseId: env.FIRESTORE_DATABASE });
const log = jsonLog();
const budgetStage = budgetStageReader({ store: firestoreBudgetStore(firestore), clock: systemClock, log });
const handler = srsHooksHandler({
  registry: firestoreRegistry(firestore),
  clock: systemClock,
  randomId,
  log,
  intake: async () => intakeOf(await budgetStage()),
  tokenKeys: env.TOKEN_KEYS,
});

http(entryPoint(srsHooks.name), forExpress(handler));
