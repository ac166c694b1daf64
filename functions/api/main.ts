import { http } from '@google-cloud/functions-framework';
import { firestoreApiKeyStore } from '../adapters/gcp/firestore/api-key-store';
import { firestoreAudienceStore } from '../adapters/gcp/firestore/audience-store';
import { firestoreBudgetStore } from '../adapters/gcp/firestore/budget-store';
import { firestoreChatRooms } from '../adapters/gcp/firestore/chat-rooms';
import { firestoreClient } from '../adapters/gcp/firestore/firestore-client';
import { firestoreGrantStore } from '../adapters/gcp/firestore/grant-store';
import { firestoreIdempotencyStore } from '../adapters/gcp/firestore/idempotency-store';
import { firestoreInvalidationStore } from '../adapters/gcp/firestore/invalidation-store';
import { firestoreStreamStore } from '../adapters/gcp/firestore/stream-store';
import { firestoreWebhookStore } from '../adapters/gcp/firestore/webhook-store';
import { googleAccessToken } from '../adapters/gcp/google/access-token';
import { computeCdnInvalidator } from '../adapters/gcp/google/cdn-invalidator';
import { metadataIdTokens } from '../adapters/gcp/google/id-tokens';
import { pubsubDeliveryMessages } from '../adapters/gcp/pubsub/delivery-queue';
import { pubsubEventBus } from '../adapters/gcp/pubsub/event-bus';
import { pubsubPublish } from '../adapters/gcp/pubsub/pubsub-publish';
import { gcsMediaMover } from '../adapters/gcp/storage/media-mover';
import { gcsObjectStore } from '../adapters/gcp/storage/object-store';
import { storageClient } from '../adapters/gcp/storage/storage-client';
import { oidcVerifier, remoteKeys } from '../adapters/jwks';
import { jsonLog } from '../adapters/log';
import { httpMediaNodes } from '../adapters/node-client';
import { readPlaylist, rtmpHandshake } from '../adapters/probes';
import { randomId, systemClock } from '../adapters/system';
import { budgetStageReader } from '../app/budget/stage-reader';
import { eventingStreamStore } from '../app/events/eventing-stream-store';
import { GuessLimiter } from '../app/guess-limiter';
import { withRecentNodes } from '../app/recent-nodes';
import { api, entryPoint } from '../contract/env/functions';
import { derivedSecret } from '../core/signing/hmac';
import { aheadOfFramework } from '../http/ahead-of-framework';
import { authenticator } from '../http/authenticate';
import { apiHandler } from './handler';

/** Nodes say something every few seconds, and count as lost after 20. */
const NODES_MAX_AGE_MS = 1000;

const env = api.env.extend(api.secrets.shape).parse(process.env);
const log = jsonLog();
const { IDENTITY_PROVIDER: provider } = env;
const firestore = firestoreClient({ projectId: env.PROJECT_ID, databaseId: env.FIRESTORE_DATABASE });
const storage = storageClient({ projectId: env.PROJECT_ID, apiEndpoint: env.STORAGE_API_ENDPOINT });
const delivery = { open: gcsObjectStore(storage, env.OPEN_BUCKET), gated: gcsObjectStore(storage, env.GATED_BUCKET) };

const publish = pubsubPublish({
  projectId: env.PROJECT_ID,
  apiEndpoint: env.PUBSUB_API_ENDPOINT,
  accessToken: googleAccessToken(),
});

const apiKeys = firestoreApiKeyStore(firestore);
const budget = firestoreBudgetStore(firestore);

/** Derived from the secret that is made once: with another one, every ban would end. */
const senderSecret = derivedSecret(env.CONTENT_SECRET, 'chat senders');

const bus = pubsubEventBus(publish, env.EVENTS_TOPIC);
const telling = eventingStreamStore(firestoreStreamStore(firestore), { bus, clock: systemClock, log });

const handler = apiHandler({
  bus,
  audiences: firestoreAudienceStore(firestore),
  apiKeys,
  grants: {
    store: firestoreGrantStore(firestore),
    signer: { cdnKeys: env.SIGNING_KEYS, tokenKeys: env.TOKEN_KEYS, publicOrigin: env.PUBLIC_ORIGIN, senderSecret },
    grantsPerStream: env.GRANTS_PER_STREAM,
  },
  takeDown: {
    move: gcsMediaMover(storage, { open: env.OPEN_BUCKET, gated: env.GATED_BUCKET }),
    invalidations: firestoreInvalidationStore(firestore),
    cdn: computeCdnInvalidator({
      projectId: env.PROJECT_ID,
      urlMap: env.URL_MAP,
      apiEndpoint: env.CDN_API_ENDPOINT,
      accessToken: googleAccessToken(),
    }),
  },
  chat: {
    rooms: firestoreChatRooms(firestore),
    isOffered: env.CHAT === 'true',
  },
  budget,
  budgetStage: budgetStageReader({ store: budget, clock: systemClock, log }),
  webhooks: {
    store: firestoreWebhookStore(firestore),
    queue: pubsubDeliveryMessages(publish, env.DELIVERIES_TOPIC),
    receivers: { loopback: env.WEBHOOK_LOOPBACK === 'true' },
  },
  streamStore: withRecentNodes(telling, { clock: systemClock, maxAgeMs: NODES_MAX_AGE_MS }),
  ingest: gcsObjectStore(storage, env.INGEST_BUCKET),
  delivery: (policy) => delivery[policy],
  cdns: env.CDNS ?? [],
  authenticate: authenticator({
    adminKey: env.ADMIN_KEY,
    apiKeys,
    roomTokenKeys: env.TOKEN_KEYS,
    ...(provider && {
      verifyToken: oidcVerifier(provider, { keys: remoteKeys(provider.jwksUrl), clock: systemClock }),
    }),
    guessLimiter: new GuessLimiter({ clock: systemClock }),
    clock: systemClock,
    log,
  }),
  rates: env.API_LIMITS.rates,
  quotas: env.API_LIMITS.quotas,
  probes: { rtmp: rtmpHandshake, hls: readPlaylist },
  publicOrigin: env.PUBLIC_ORIGIN,
  rtmpServer: env.RTMP_SERVER,
  ...(env.RTMPS_SERVER !== '' && { rtmpsServer: env.RTMPS_SERVER }),
  ...(env.INGESTS && { ingests: env.INGESTS }),
  allowedOrigins: env.ALLOWED_ORIGINS,
  reconnectWindowSeconds: env.RECONNECT_WINDOW_SECONDS,
  packaging: env.PACKAGING,
  idempotency: firestoreIdempotencyStore(firestore),
  sealingSecret: derivedSecret(env.ADMIN_KEY, 'kept answers'),
  viewingSecret: derivedSecret(env.ADMIN_KEY, 'viewings'),
  contentSecret: env.CONTENT_SECRET,
  hookSecret: derivedSecret(env.ADMIN_KEY, 'hooks'),
  media: {
    nodes: httpMediaNodes(metadataIdTokens({ metadataUrl: env.METADATA_URL, clock: systemClock })),
    turn: { urls: env.TURN_URLS, secret: env.TURN_SECRET },
  },
  clock: systemClock,
  randomId,
  log,
});

http(entryPoint(api.name), aheadOfFramework(handler));
