import type { MediaWorkDeps } from '../app/delivery/media-work';
import type { BudgetStage } from '../contract/budget';
import type { Policy } from '../contract/ids';
import type { FlvLimits, Quotas, RateLimits } from '../contract/limits';
import type { PackagingOffer } from '../contract/packaging';
import type { GrantSigner } from '../core/grants/grant-answer';
import type { Principal } from '../core/identity/principal';
import type { TurnServers } from '../core/turn/turn-credentials';
import type { ReceiverPolicy } from '../core/webhooks/receiver-url';
import type { HandlerDeps } from '../http/http-handler';
import type { GrantStore } from '../ports/grants';
import type { IdempotencyStore } from '../ports/idempotency';
import type { ApiKeyStore } from '../ports/identity';
import type { MediaNodes } from '../ports/media-nodes';
import type {
  BudgetStore,
  Clock,
  DeliveryQueue,
  EventBus,
  ObjectStore,
  StreamStore,
  WebhookStore,
} from '../ports/stores';

/** Looks from outside, as a publisher and a viewer come: rejects, or does not come back, when there is no answer. */
export interface Probes {
  /** A handshake with an RTMP server, `rtmp://host[:port]/app`. */
  rtmp(server: string): Promise<void>;
  /** A playlist, by its URL. */
  hls(url: string): Promise<void>;
}

/** Dependencies of WebRTC and HTTP-FLV. */
export interface MediaDeps {
  nodes: MediaNodes;
  /** Told to browsers, which may be behind something that blocks UDP; absent: there are none. */
  turn?: TurnServers;
  /** HTTP-FLV connections of this instance. */
  flv: FlvLimits;
}

export interface ApiDeps extends HandlerDeps {
  streamStore: StreamStore;
  ingest: ObjectStore;
  delivery: (policy: Policy) => ObjectStore;
  clock: Clock;
  /** How often callers may ask this instance. */
  rates: RateLimits;
  quotas: Quotas;
  /** Who sent a request. Rejects with `unauthenticated`. */
  authenticate: (request: Request) => Promise<Principal>;
  probes: Probes;
  /** `https://host`: what playback URLs begin with. */
  publicOrigin: string;
  /** `rtmp://host/live`: what an encoder's server field takes. */
  rtmpServer: string;
  /** `rtmps://host/live`; absent where there is none. */
  rtmpsServer?: string;
  /** Pages of other hosts that may use the API; `*`: any. */
  allowedOrigins: readonly string[];
  /** Of a stream that names none, in seconds. */
  reconnectWindowSeconds: number;
  /** What the nodes can make of a stream, and what they make of one that says nothing. */
  packaging: PackagingOffer;
  idempotency: IdempotencyStore;
  /** What kept answers are sealed with, beside the caller's own key. */
  sealingSecret: string;
  /** What a media server of somebody else's shows. */
  hookSecret: string;
  apiKeys: ApiKeyStore;
  /** What takes media down, and puts it back. */
  takeDown: Pick<MediaWorkDeps, 'move' | 'invalidations' | 'cdn'>;
  /** Of gated streams. `perStream`: unexpired ones at a time. */
  grants: { store: GrantStore; signer: GrantSigner; perStream: number };
  /** What the budget guard does now, a few seconds old. Never rejects. */
  budgetStage: () => Promise<BudgetStage>;
  budget: BudgetStore;
  /** `receivers`: where a webhook may lead. */
  webhooks: { store: WebhookStore; queue: Pick<DeliveryQueue, 'order'>; receivers: ReceiverPolicy };
  /** Absent: this API has no media routes. */
  media?: MediaDeps;
  bus: EventBus;
}
