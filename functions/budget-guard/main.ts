import { http } from '@google-cloud/functions-framework';
import { googleAccessToken } from '../adapters/gcp/access-token';
import { firestoreBudgetStore } from '../adapters/gcp/budget-store';
import { pubsubEventBus } from '../adapters/gcp/event-bus';
import { firestoreClient } from '../adapters/gcp/firestore-client';
import { pubsubPublish } from '../adapters/gcp/pubsub-publish';
import { firestoreRegistry } from '../adapters/gcp/registry';
import { jsonLog } from '../adapters/log';
import { randomId, systemClock } from '../adapters/system';
import { budgetGuard } from '../contract/event-functions';
import { tellingRegistry } from '../core/events/telling-registry';
import { aheadOfFramework } from '../http/ahead-of-framework';
import { budgetGuardHandler } from './handler';

const env = budgetGuard.env.parse(process.env);
const firestore = firestoreClient({ projectId: env.PROJECT_ID, databaseId: env.FIRESTORE_DATABASE });
const publish = pubsubPublish({
  projectId: env.PROJECT_ID,
  apiEndpoint: env.PUBSUB_API_ENDPOINT,
  accessToken: googleAccessToken(),
});

const log = jsonLog();
const bus = pubsubEventBus(publish, env.EVENTS_TOPIC);

const handler = budgetGuardHandler({
  store: firestoreBudgetStore(firestore),
  registry: tellingRegistry(firestoreRegistry(firestore), { bus, clock: systemClock, log }),
  bus,
  rules: env.BUDGET_RULES,
  budgetName: env.BUDGET_NAME,
  clock: systemClock,
  randomId,
  log,
});

http(budgetGuard.name, aheadOfFramework(handler));
