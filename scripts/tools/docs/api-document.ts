import { memoryApiKeyStore } from '../../../functions/adapters/memory/api-key-store';
import { memoryAudienceStore } from '../../../functions/adapters/memory/audience-store';
import { memoryBudgetStore } from '../../../functions/adapters/memory/budget-store';
import { memoryChatRooms } from '../../../functions/adapters/memory/chat-rooms';
import { memoryDeliveryQueue } from '../../../functions/adapters/memory/delivery-queue';
import { memoryEventBus } from '../../../functions/adapters/memory/event-bus';
import { memoryGrantStore } from '../../../functions/adapters/memory/grant-store';
import { memoryIdempotencyStore } from '../../../functions/adapters/memory/idempotency-store';
import { memoryInvalidationStore } from '../../../functions/adapters/memory/invalidation-store';
import { memoryMediaMover } from '../../../functions/adapters/memory/media-mover';
import { memoryObjectStore } from '../../../functions/adapters/memory/object-store';
import { memoryStreamStore } from '../../../functions/adapters/memory/stream-store';
import { memoryWebhookStore } from '../../../functions/adapters/memory/webhook-store';
import { randomId, systemClock } from '../../../functions/adapters/system';
import type { ApiDeps } from '../../../functions/api/api-deps';
import { apiHandler } from '../../../functions/api/handler';
import { ROUTES } from '../../../functions/contract/routes';

/** The file of the API's OpenAPI document, from the root of the repository. */
export const API_DOCUMENT = 'docs/openapi.json';

const PUBLIC_ORIGIN = 'https://live.example.com';
const RATE = { perMinute: 1, burst: 1 };
const nobody = (): Promise<never> => Promise.reject(new Error('the document asks nobody'));

/** Returns dependencies over memory, with which the API serves its document. */
function memoryDeps(): ApiDeps {
  const objects = memoryObjectStore();
  const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };
  return {
    streamStore: memoryStreamStore(),
    ingest: objects,
    cdns: [],
    delivery: () => objects,
    clock: systemClock,
    randomId,
    log: silent,
    authenticate: nobody,
    rates: { perKey: RATE, perPublisher: RATE },
    quotas: { streams: 0, apiKeys: 0, webhooks: 0, grants: 0 },
    probes: { rtmp: nobody, hls: nobody },
    publicOrigin: PUBLIC_ORIGIN,
    rtmpServer: 'rtmp://ingest.example.com/live',
    allowedOrigins: [],
    reconnectWindowSeconds: 60,
    packaging: { cmaf: false, ladders: false, default: { packaging: 'ts', ladder: 'none' } },
    idempotency: memoryIdempotencyStore(),
    sealingSecret: '',
    viewingSecret: '',
    contentSecret: '',
    hookSecret: '',
    apiKeys: memoryApiKeyStore(),
    takeDown: {
      move: memoryMediaMover(() => objects),
      invalidations: memoryInvalidationStore(),
      cdn: { request: nobody, isDone: nobody },
    },
    grants: {
      store: memoryGrantStore(),
      signer: { cdnKeys: [], tokenKeys: [], publicOrigin: PUBLIC_ORIGIN, senderSecret: '' },
      grantsPerStream: 1,
    },
    budgetStage: nobody,
    budget: memoryBudgetStore(),
    webhooks: { store: memoryWebhookStore(), queue: memoryDeliveryQueue(), receivers: { loopback: false } },
    media: {
      nodes: {
        offer: nobody,
        end: nobody,
        finalSession: nobody,
        addMetadata: nobody,
        plays: nobody,
        health: nobody,
        endPlays: nobody,
      },
    },
    bus: memoryEventBus(),
    audiences: memoryAudienceStore(),
    chat: { rooms: memoryChatRooms(), isOffered: false },
  };
}

/** Writes the OpenAPI document as the API answers it, with a made-up host. Rejects when the API does not answer 200. */
export async function apiDocument(): Promise<string> {
  const answer = await apiHandler(memoryDeps())(new Request(`${PUBLIC_ORIGIN}${ROUTES.api.openapi}`));
  if (answer.status !== 200) throw new Error(`the API answered ${answer.status} when asked for its document`);
  return `${JSON.stringify(await answer.json(), null, 2)}\n`;
}
