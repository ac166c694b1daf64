import { http } from '@google-cloud/functions-framework';
import { firestoreBudgetStore } from '../adapters/gcp/firestore/budget-store';
import { firestoreClient } from '../adapters/gcp/firestore/firestore-client';
import { firestoreStreamStore } from '../adapters/gcp/firestore/stream-store';
import { googleAccessToken } from '../adapters/gcp/google/access-token';
import { pubsubEventBus } from '../adapters/gcp/pubsub/event-bus';
import { pubsubPublish } from '../adapters/gcp/pubsub/pubsub-publish';
import { jsonLog } from '../adapters/log';
import { randomId, systemClock } from '../adapters/system';
import { eventingStreamStore } from '../app/events/eventing-stream-store';
import { budgetGuard } from '../contract/env/event-functions';
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
  streamStore: eventingStreamStore(firestoreStreamStore(firestore), { bus, clock: systemClock, log }),
  bus,
  rules: env.BUDGET_RULES,
  budgetName: env.BUDGET_NAME,
  clock: systemClock,
  randomId,
  log,
});

http(budgetGuard.name, aheadOfFramework(handler));
