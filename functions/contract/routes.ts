/** Paths of every HTTP face, each spelled once. A parameter stands in braces, as OpenAPI has it; `path` fills it in. */
export const ROUTES = {
  api: {
    health: '/api/v1/health',
    streams: '/api/v1/streams',
    stream: '/api/v1/streams/{id}',
    public: '/api/v1/streams/{id}/public',
    playback: '/api/v1/streams/{id}/playback',
    key: '/api/v1/streams/{id}/key',
    /** A content key, for players of an encrypted stream. */
    contentKey: '/api/v1/streams/{id}/keys/{keyId}',
    /** Content keys by the request of a browser's ClearKey; under the keys, so that their cookie holds for it. */
    license: '/api/v1/streams/{id}/keys/license',
    stop: '/api/v1/streams/{id}/stop',
    metadata: '/api/v1/streams/{id}/metadata',
    suspend: '/api/v1/streams/{id}/suspend',
    resume: '/api/v1/streams/{id}/resume',
    sessions: '/api/v1/streams/{id}/sessions',
    session: '/api/v1/streams/{id}/sessions/{sessionId}',
    recordings: '/api/v1/streams/{id}/recordings',
    recording: '/api/v1/streams/{id}/recordings/{recordingId}',
    usage: '/api/v1/streams/{id}/usage',
    takeDown: '/api/v1/streams/{id}/take-down',
    viewers: '/api/v1/streams/{id}/viewers',
    streamHealth: '/api/v1/streams/{id}/health',
    beacons: '/api/v1/streams/{id}/beacons',
    plays: '/api/v1/streams/{id}/plays',
    play: '/api/v1/streams/{id}/plays/{playId}',
    nodes: '/api/v1/nodes',
    drain: '/api/v1/nodes/{nodeId}/drain',
    cdns: '/api/v1/cdns',
    cdnPriority: '/api/v1/cdns/priority',
    hls: '/api/v1/hls/{id}',
    openapi: '/api/v1/openapi.json',
    docs: '/api/v1/docs',
    /**
     * The hook contract for an SRS or nginx-rtmp of somebody else's; the secret is in the query, so these stay out of
     * logs.
     */
    hooks: '/api/v1/hooks',
    srsHook: '/api/v1/srs/{action}',
    rtmpPublish: '/api/v1/rtmp/publish',
    onPlay: '/api/callback/on_play',
  },
  /** API keys, and TURN credentials for the holders of one. */
  access: {
    apiKeys: '/api/v1/api-keys',
    apiKey: '/api/v1/api-keys/{prefix}',
    quotas: '/api/v1/quotas',
    turnCredentials: '/api/v1/turn-credentials',
  },
  /** Webhooks with their log. */
  webhooks: {
    webhooks: '/api/v1/webhooks',
    webhook: '/api/v1/webhooks/{webhookId}',
    secret: '/api/v1/webhooks/{webhookId}/secret',
    deliveries: '/api/v1/webhooks/{webhookId}/deliveries',
    resend: '/api/v1/webhooks/{webhookId}/deliveries/{eventId}/resend',
  },
  budget: { budget: '/api/v1/budget', override: '/api/v1/budget/override' },
  /** Grants of a gated stream, and the playlists that the API renders for one viewer. */
  grants: {
    grants: '/api/v1/streams/{id}/grants',
    grant: '/api/v1/streams/{id}/grants/{grantId}',
    renewal: '/api/v1/streams/{id}/grants/{grantId}/renewal',
    index: '/api/v1/streams/{id}/grants/{grantId}/index.m3u8',
    playlist: '/api/v1/streams/{id}/grants/{grantId}/{broadcastId}/{playlist}',
  },
  /**
   * The chat of a stream. `room` is the function `chat`: GET is the stream of events, POST a message. The API answers
   * what lies below it.
   */
  chat: {
    room: '/api/v1/streams/{id}/chat',
    tokens: '/api/v1/streams/{id}/chat/tokens',
    message: '/api/v1/streams/{id}/chat/messages/{number}',
    slowMode: '/api/v1/streams/{id}/chat/slow-mode',
    restrictions: '/api/v1/streams/{id}/chat/restrictions',
    restriction: '/api/v1/streams/{id}/chat/restrictions/{sender}',
  },
  /** event-relay and budget-guard, called by Pub/Sub and Cloud Scheduler. */
  relay: { events: '/events', deliveries: '/deliveries', retries: '/retries' },
  guard: { budget: '/budget', runaway: '/runaway' },
  /** Media through the api. */
  media: {
    /** WebRTC: an offer is posted to the stream, its session is ended at the `Location` of the answer. */
    whip: '/api/v1/whip/{id}',
    whipSession: '/api/v1/whip/{id}/{sessionId}',
    whep: '/api/v1/whep/{id}',
    whepSession: '/api/v1/whep/{id}/{sessionId}',
    /** The same as SRS's own SDK has it: JSON, the stream as `webrtc://` URL in the body. */
    rtcPublish: '/rtc/v1/publish/',
    rtcPlay: '/rtc/v1/play/',
    /** Redirects to `live.flv`; where HTTP-FLV was before. */
    flv: '/api/v1/flv/{file}',
  },
  /** srs-hooks, called by agents: one path an action, as SRS names it. */
  hooks: {
    action: '/hooks/{action}',
    heartbeat: '/hooks/heartbeat',
    /** `StreamLocations` out: which node has which stream. */
    locations: '/hooks/locations',
  },
  /** Media that nodes answer on the public host, behind the load balancer: any node for any stream. */
  live: { flv: '/live/{file}', lowLatency: '/live/{id}/index.m3u8' },
  /** The agent's listener for SRS on 127.0.0.1, as `srs.conf` spells it. */
  agentHooks: { action: '/srs/{action}' },
  /**
   * The agent's listener on the VPC address. `healthz`: whether publishers may come here, for load balancers. `livez`:
   * whether the node works at all, for its replacement; a draining node does.
   */
  agent: {
    healthz: '/healthz',
    livez: '/livez',
    metrics: '/metrics',
    /** `RtcOffer` in, `RtcAnswer` out. */
    rtcOffer: '/rtc/offer',
    /** `RtcEnd` in. */
    rtcEnd: '/rtc/end',
    /** `FinalSession` in. */
    finalSession: '/sessions/final',
    /** `NodeMetadata` in. */
    metadata: '/sessions/metadata',
    /** Requests that another node passes on, with a path of `live` behind it; nothing is passed on again. */
    passedOn: '/passed-on',
    /** `NodePlays` out. */
    plays: '/plays/{stream}',
    /** `NodeHealth` out. */
    health: '/health/{stream}',
    /** `EndPlays` in, `EndedPlays` out. */
    endPlays: '/plays/end',
  },
  /**
   * The gate's listener on 127.0.0.1. `client`: who stands behind an address that SRS shows (`GateClient`), for the
   * agent.
   */
  gate: { metrics: '/metrics', client: '/clients/{source}' },
} as const;

/**
 * `/api/*` and `/rtc/*` go to the function, `/live/*` to the nodes, everything but these, `/open` and `/gated` to the
 * pages.
 */
export const PUBLIC_PREFIXES = {
  api: '/api/',
  rtc: '/rtc/',
  live: '/live/',
  open: '/open/',
  gated: '/gated/',
} as const;

/** The names that stand in braces in a route. */
type ParameterOf<R extends string> = R extends `${string}{${infer Name}}${infer Rest}`
  ? Name | ParameterOf<Rest>
  : never;

/**
 * Fills a route's parameters in, each as it is: encode before what may hold a '/'. An empty one leaves the route's
 * prefix.
 */
export function path<R extends string>(route: R, params: Readonly<Record<ParameterOf<R>, string>>): string {
  const values = new Map<string, string>(Object.entries(params));
  return route.replace(/\{(\w+)\}/g, (whole, name: string) => values.get(name) ?? whole);
}

type RouterPattern<R extends string> = R extends `${infer Head}{${infer Name}}${infer Rest}`
  ? `${Head}:${Name}${RouterPattern<Rest>}`
  : R;

/** Spells a route as Hono's router does: `/hooks/:action`. */
export function routerPattern<R extends string>(route: R): RouterPattern<R>;
export function routerPattern(route: string): string {
  return route.replace(/\{(\w+)\}/g, ':$1');
}
