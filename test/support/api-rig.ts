import { jsonLog } from '../../functions/adapters/log';
import { memoryApiKeyStore } from '../../functions/adapters/memory/api-key-store';
import { memoryAudienceStore } from '../../functions/adapters/memory/audience-store';
import { memoryBudgetStore } from '../../functions/adapters/memory/budget-store';
import { memoryChatRooms } from '../../functions/adapters/memory/chat-rooms';
import { memoryDeliveryQueue } from '../../functions/adapters/memory/delivery-queue';
import { memoryEventBus } from '../../functions/adapters/memory/event-bus';
import { memoryGrantStore } from '../../functions/adapters/memory/grant-store';
import { memoryIdempotencyStore } from '../../functions/adapters/memory/idempotency-store';
import { memoryInvalidationStore } from '../../functions/adapters/memory/invalidation-store';
import { memoryMediaMover } from '../../functions/adapters/memory/media-mover';
import { type MemoryObjectStore, memoryObjectStore } from '../../functions/adapters/memory/object-store';
import { memoryStreamStore } from '../../functions/adapters/memory/stream-store';
import { memoryWebhookStore } from '../../functions/adapters/memory/webhook-store';
import { randomId } from '../../functions/adapters/system';
import type { ApiDeps } from '../../functions/api/api-deps';
import { apiHandler } from '../../functions/api/handler';
import { budgetStageReader } from '../../functions/app/budget/stage-reader';
import { GuessLimiter } from '../../functions/app/guess-limiter';
import type { CreateApiKey } from '../../functions/contract/identity';
import type { StreamId } from '../../functions/contract/ids';
import { mintApiKey } from '../../functions/core/identity/api-key';
import { authenticator } from '../../functions/http/authenticate';
import type { Handler } from '../../functions/http/http-handler';
import { FakeCdn } from './fake-cdn';
import { manualClock } from './manual-clock';
import { KEYS } from './signing-keys';

export const ADMIN_KEY = 'admin-key-of-at-least-32-characters';
const RATE = { perMinute: 6000, burst: 1000 };
export const RATES = { perKey: RATE, perPublisher: RATE };
export const QUOTAS = { streams: 1000, apiKeys: 1000, webhooks: 50, grants: 100_000 };
export const HOOK_SECRET = 'hook-secret-of-at-least-32-characters';
export const ADMIN = { Authorization: `Bearer ${ADMIN_KEY}` };

export interface ApiRig {
  deps: ApiDeps & { clock: ReturnType<typeof manualClock> };
  buckets: { ingest: MemoryObjectStore; open: MemoryObjectStore; gated: MemoryObjectStore };
  /** The lines of the log. */
  lines: string[];
  handler: Handler;
  /** Returns the headers of a caller with an own key. */
  caller(
    wanted: Pick<CreateApiKey, 'role' | 'subject'> & { scopes?: CreateApiKey['scopes']; streams?: StreamId[] },
  ): Promise<Record<string, string>>;
  ask(method: string, path: string, asked?: { headers?: Record<string, string>; body?: unknown }): Promise<Response>;
}

const NO_NODES = {
  offer: () => Promise.reject(new Error('no node')),
  end: () => Promise.reject(new Error('no node')),
  plays: () => Promise.reject(new Error('no node')),
  health: () => Promise.reject(new Error('no node')),
  endPlays: () => Promise.reject(new Error('no node')),
  addMetadata: () => Promise.reject(new Error('no node')),
  finalSession: () => Promise.reject(new Error('no node')),
};

/** The API over memory, with a clock that stands. A body which is text or a blob is sent as it is. */
export function apiRig(more: Partial<Omit<ApiDeps, 'clock'>> = {}): ApiRig {
  const lines: string[] = [];
  const log = jsonLog((line) => lines.push(line));
  const clock = manualClock();
  const buckets = { ingest: memoryObjectStore(), open: memoryObjectStore(), gated: memoryObjectStore() };
  const apiKeys = memoryApiKeyStore();
  const budget = memoryBudgetStore();
  const deps = {
    streamStore: memoryStreamStore(),
    ingest: buckets.ingest,
    delivery: (policy: 'open' | 'gated') => buckets[policy],
    cdns: [],
    clock,
    randomId,
    log,
    authenticate: authenticator({
      adminKey: ADMIN_KEY,
      apiKeys,
      roomTokenKeys: KEYS,
      guessLimiter: new GuessLimiter({ clock, maxHeld: 0 }),
      clock,
      log,
    }),
    rates: RATES,
    quotas: QUOTAS,
    probes: { rtmp: async () => {}, hls: async () => {} },
    publicOrigin: 'https://live.example.com',
    rtmpServer: 'rtmp://ingest.example.com/live',
    rtmpsServer: 'rtmps://rtmps.live.example.com/live',
    allowedOrigins: ['*'],
    reconnectWindowSeconds: 60,
    packaging: { cmaf: true, ladders: true, default: { packaging: 'ts' as const, ladder: 'none' as const } },
    idempotency: memoryIdempotencyStore(),
    sealingSecret: ADMIN_KEY,
    viewingSecret: ADMIN_KEY,
    contentSecret: 'content-secret-of-the-test-of-the-api',
    hookSecret: HOOK_SECRET,
    apiKeys,
    grants: {
      store: memoryGrantStore(),
      signer: { cdnKeys: KEYS, tokenKeys: KEYS, publicOrigin: 'https://live.example.com', senderSecret: 'of the test' },
      grantsPerStream: 3,
    },
    takeDown: {
      move: memoryMediaMover((policy) => buckets[policy]),
      invalidations: memoryInvalidationStore(),
      cdn: new FakeCdn(),
    },
    budget,
    budgetStage: budgetStageReader({ store: budget, clock, log }),
    webhooks: { store: memoryWebhookStore(), queue: memoryDeliveryQueue(), receivers: { loopback: false } },
    bus: memoryEventBus(),
    audiences: memoryAudienceStore(),
    chat: { rooms: memoryChatRooms(), isOffered: true },
    media: {
      nodes: NO_NODES,
      turn: { urls: ['turn:turn.example.com:3478'], secret: 'turn-secret-of-the-test' },
    },
    ...more,
  };
  const rig: ApiRig = {
    deps,
    buckets,
    lines,
    handler: apiHandler(deps),
    async caller(wanted) {
      const { key, record } = mintApiKey({ name: 'test', ...wanted }, { randomId, nowMs: clock.now() });
      await apiKeys.create(record);
      return { Authorization: `Bearer ${key}` };
    },
    ask(method, path, { headers = ADMIN, body } = {}) {
      const raw = body === undefined || typeof body === 'string' || body instanceof Blob ? body : JSON.stringify(body);
      const init = { method, headers, ...(raw === undefined ? {} : { body: raw }) };
      return rig.handler(new Request(`http://function${/^\/(api|rtc)\//.test(path) ? '' : '/api/v1'}${path}`, init));
    },
  };
  return rig;
}

/** Changes the dependencies of the API, and makes its handler again. */
export function withDeps(rig: ApiRig, more: Partial<ApiDeps>): void {
  Object.assign(rig.deps, more);
  rig.handler = apiHandler(rig.deps);
}

/** From here on nobody waits, but for deadlines: those do not come. Answers how long others would have waited. */
export function hurried(rig: ApiRig): number[] {
  const waits: number[] = [];
  const sleep = (ms: number): Promise<void> => {
    if (ms >= DEADLINE_MS) return new Promise(() => undefined);
    waits.push(ms);
    return Promise.resolve();
  };
  withDeps(rig, { clock: { ...rig.deps.clock, sleep } });
  return waits;
}

/** The shortest of the API's own. */
const DEADLINE_MS = 2000;
