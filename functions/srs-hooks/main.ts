import { http } from '@google-cloud/functions-framework';
import { firestoreBudgetStore } from '../adapters/gcp/firestore/budget-store';
import { firestoreClient } from '../adapters/gcp/firestore/firestore-client';
import { firestoreGrantStore } from '../adapters/gcp/firestore/grant-store';
import { firestoreStreamStore } from '../adapters/gcp/firestore/stream-store';
import { googleAccessToken } from '../adapters/gcp/google/access-token';
import { pubsubEventBus } from '../adapters/gcp/pubsub/event-bus';
import { pubsubPublish } from '../adapters/gcp/pubsub/pubsub-publish';
import { jsonLog } from '../adapters/log';
import { randomId, systemClock } from '../adapters/system';
import { budgetStageReader } from '../app/budget/stage-reader';
import { eventingStreamStore } from '../app/events/eventing-stream-store';
import { entryPoint, srsHooks } from '../contract/env/functions';
import { publishingModeOf } from '../core/budget/publishing-mode';
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
const streamStore = eventingStreamStore(firestoreStreamStore(firestore), {
  bus: pubsubEventBus(publish, env.EVENTS_TOPIC),
  clock: systemClock,
  log,
  // SRS holds its client until the hook is answered; heartbeats keep this instance awake meanwhile.
  background: (telling) => void telling,
});
const handler = srsHooksHandler({
  streamStore,
  clock: systemClock,
  randomId,
  log,
  publishingMode: async () => publishingModeOf(await budgetStage()),
  contentSecret: env.CONTENT_SECRET,
  rights: { keys: env.TOKEN_KEYS, grants: firestoreGrantStore(firestore) },
});

http(entryPoint(srsHooks.name), aheadOfFramework(handler));
