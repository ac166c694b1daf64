import type { MediaWorkDeps } from '../app/delivery/media-work';
import type { BudgetStage } from '../contract/budget';
import type { RegionalIngest } from '../contract/env/ingests';
import type { Policy } from '../contract/ids';
import type { Quotas, RateLimits } from '../contract/limits';
import type { Cdns } from '../contract/objects/cdns';
import type { PackagingOffer } from '../contract/packaging';
import type { GrantSigner } from '../core/grants/grant-answer';
import type { Principal } from '../core/identity/principal';
import type { TurnServers } from '../core/turn/turn-credentials';
import type { ReceiverPolicy } from '../core/webhooks/receiver-url';
import type { HandlerDeps } from '../http/http-handler';
import type { ChatRooms } from '../ports/chat';
import type { GrantStore } from '../ports/grants';
import type { IdempotencyStore } from '../ports/idempotency';
import type { ApiKeyStore } from '../ports/identity';
import type { MediaNodes } from '../ports/media-nodes';
import type {
  AudienceStore,
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

/** Dependencies of WebRTC. */
export interface MediaDeps {
  nodes: MediaNodes;
  /** Told to browsers, which may be behind something that blocks UDP; absent: there are none. */
  turn?: TurnServers;
}

export interface ApiDeps extends HandlerDeps {
  streamStore: StreamStore;
  ingest: ObjectStore;
  delivery: (policy: Policy) => ObjectStore;
  /** The CDNs beside the public host's. */
  cdns: Cdns;
  clock: Clock;
  /** The rates at which callers may ask this instance. */
  rates: RateLimits;
  quotas: Quotas;
  /** Returns who sent a request. Rejects with `unauthenticated`. */
  authenticate: (request: Request) => Promise<Principal>;
  probes: Probes;
  /** `https://host`: what playback URLs begin with. */
  publicOrigin: string;
  /** `rtmp://host/live`: what an encoder's server field takes. */
  rtmpServer: string;
  /** `rtmps://host/live`; absent where there is none. */
  rtmpsServer?: string;
  /** The ingest of each region, the nearest first. @default there is one region */
  ingests?: readonly RegionalIngest[];
  /** Pages of other hosts that may use the API; `*`: any. */
  allowedOrigins: readonly string[];
  /** The reconnect window of a stream that names none, in seconds. */
  reconnectWindowSeconds: number;
  /** The packagings that the nodes can make, and the default of a stream that names none. */
  packaging: PackagingOffer;
  idempotency: IdempotencyStore;
  /** The secret that seals kept answers, beside the caller's own key. */
  sealingSecret: string;
  /** The secret by which the names of viewings are hashed. */
  viewingSecret: string;
  /** The secret that seals the content secrets of sessions. */
  contentSecret: string;
  /** The secret that a third-party media server shows. */
  hookSecret: string;
  apiKeys: ApiKeyStore;
  /** Takes media down, and puts it back. */
  takeDown: Pick<MediaWorkDeps, 'move' | 'invalidations' | 'cdn'>;
  /** The limits of gated streams. `grantsPerStream`: unexpired grants at a time. */
  grants: { store: GrantStore; signer: GrantSigner; grantsPerStream: number };
  /** Returns what the budget guard does now, a few seconds old. Never rejects. */
  budgetStage: () => Promise<BudgetStage>;
  budget: BudgetStore;
  /** `receivers`: where a webhook may lead. */
  webhooks: { store: WebhookStore; queue: Pick<DeliveryQueue, 'order'>; receivers: ReceiverPolicy };
  /** Absent: this API has no media routes. */
  media?: MediaDeps;
  bus: EventBus;
  /** `isOffered`: this environment has the function `chat`. */
  chat: { rooms: ChatRooms; isOffered: boolean };
  audiences: AudienceStore;
}
