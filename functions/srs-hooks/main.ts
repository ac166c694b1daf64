import { http } from '@google-cloud/functions-framework';
import { googleAccessToken } from '../adapters/gcp/access-token';
import { firestoreBudgetStore } from '../adapters/gcp/budget-store';
import { pubsubEventBus } from '../adapters/gcp/event-bus';
import { firestoreClient } from '../adapters/gcp/firestore-client';
import { firestoreGrantStore } from '../adapters/gcp/grant-store';
import { pubsubPublish } from '../adapters/gcp/pubsub-publish';
import { firestoreRegistry } from '../adapters/gcp/registry';
import { jsonLog } from '../adapters/log';
import { randomId, systemClock } from '../adapters/system';
import { entryPoint, srsHooks } from '../contract/functions';
import { intakeOf } from '../core/budget/intake';
import { budgetStageReader } from '../core/budget/stage-reader';
import { tellingRegistry } from '../core/events/telling-registry';
import { aheadOfFramework } from '../http/ahead-of-framework';
import { srsHooksHandler } from './handler';

const env = srsHooks.env.extend(srsHooks.secrets.shape).parse(process.env);
const firestore = firestoreClient({ projectId: env.PROJECT_ID, databaseId: env.FIRESTORE_DATABASE });
const log = jsonLog();
const budgetStage = budgetStageReader({ store: firestoreBudgetStore(firestore), clock: systemClock, log });
const publish = pubsubPublish({
  projectId: env.PROJECT_ID,
  apiEndpoint: env.PUBSUB_API_ENDPOINT,
  accessToken: googleAccessToken(),
});
const registry = tellingRegistry(firestoreRegistry(firestore), {
  bus: pubsubEventBus(publish, env.EVENTS_TOPIC),
  clock: systemClock,
  log,
  // SRS holds its client until the hook is answered; heartbeats keep this instance awake meanwhile.
  background: (telling) => void telling,
});
const handler = srsHooksHandler({
  registry,
  clock: systemClock,
  randomId,
  log,
  intake: async () => intakeOf(await budgetStage()),
  rights: { keys: env.TOKEN_KEYS, grants: firestoreGrantStore(firestore) },
});

http(entryPoint(srsHooks.name), aheadOfFramework(handler));
