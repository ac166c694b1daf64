import { http } from '@google-cloud/functions-framework';
import { firestoreClient } from '../adapters/gcp/firestore/firestore-client';
import { firestoreStreamStore } from '../adapters/gcp/firestore/stream-store';
import { firestoreWebhookStore } from '../adapters/gcp/firestore/webhook-store';
import { googleAccessToken } from '../adapters/gcp/google/access-token';
import { pubsubDeliveryQueue } from '../adapters/gcp/pubsub/delivery-queue';
import { pubsubPublish } from '../adapters/gcp/pubsub/pubsub-publish';
import { jsonLog } from '../adapters/log';
import { randomId, systemClock } from '../adapters/system';
import { webhookSender } from '../adapters/webhook-sender';
import { eventRelay } from '../contract/env/event-functions';
import { receiverConcurrencyOf } from '../core/webhooks/receiver-concurrency';
import { aheadOfFramework } from '../http/ahead-of-framework';
import { eventRelayHandler } from './handler';

/** Requests to one receiver at a time, of one instance. */
const REQUESTS_PER_RECEIVER = 4;
/** An instance takes 20 requests at a time: events and retries come in beside them. */
const REQUESTS_IN_ALL = 12;

const env = eventRelay.env.parse(process.env);
const firestore = firestoreClient({ projectId: env.PROJECT_ID, databaseId: env.FIRESTORE_DATABASE });
const publish = pubsubPublish({
  projectId: env.PROJECT_ID,
  apiEndpoint: env.PUBSUB_API_ENDPOINT,
  accessToken: googleAccessToken(),
});

const handler = eventRelayHandler({
  store: firestoreWebhookStore(firestore),
  streamStore: firestoreStreamStore(firestore),
  queue: pubsubDeliveryQueue(publish, { deliveries: env.DELIVERIES_TOPIC, dead: env.DEAD_TOPIC }),
  send: webhookSender({ policy: { loopback: env.WEBHOOK_LOOPBACK === 'true' }, clock: systemClock }),
  receiverConcurrency: receiverConcurrencyOf(REQUESTS_PER_RECEIVER, REQUESTS_IN_ALL),
  clock: systemClock,
  random: Math.random,
  randomId,
  log: jsonLog(),
});

http(eventRelay.name, aheadOfFramework(handler));
