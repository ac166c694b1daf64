/** Paths of every HTTP face, spelled once. */
export const ROUTES = {
  api: {
    health: '/api/v1/health',
    streams: '/api/v1/streams',
    stream: '/api/v1/streams/{id}',
    public: '/api/v1/streams/{id}/public',
    key: '/api/v1/streams/{id}/key',
    stop: '/api/v1/streams/{id}/stop',
    suspend: '/api/v1/streams/{id}/suspend',
    resume: '/api/v1/streams/{id}/resume',
    sessions: '/api/v1/streams/{id}/sessions',
    session: '/api/v1/streams/{id}/sessions/{sessionId}',
    recordings: '/api/v1/streams/{id}/recordings',
    recording: '/api/v1/streams/{id}/recordings/{recordingId}',
    usage: '/api/v1/streams/{id}/usage',
    takeDown: '/api/v1/streams/{id}/take-down',
    plays: '/api/v1/streams/{id}/plays',
    play: '/api/v1/streams/{id}/plays/{playId}',
    nodes: '/api/v1/nodes',
    drain: '/api/v1/nodes/{nodeId}/drain',
    hls: '/api/v1/hls/{id}',
    openapi: '/api/v1/openapi.json',
    docs: '/api/v1/docs',
    /** The hook contract for an SRS or nginx-rtmp of somebody else's; the secret is in the query, so these stay out of logs. */
    hooks: '/api/v1/hooks',
    srsHook: '/api/v1/srs/{action}',
    rtmpPublish: '/api/v1/rtmp/publish',
    onPlay: '/api/callback/on_play',
  },
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
    /** HTTP-FLV, without end. */
    flv: '/api/v1/flv/{file}',
  },
  /** srs-hooks, called by agents: one path an action, as SRS names it. */
  hooks: { action: '/hooks/:action', heartbeat: '/hooks/heartbeat' },
  /** The agent's listener for SRS on 127.0.0.1, as `srs.conf` spells it. */
  agentHooks: { action: '/srs/:action' },
  /**
   * The agent's listener on the VPC address. `healthz`: whether publishers may come here, for load balancers. `livez`: whether the
   * node works at all, for whoever would replace it; a draining node does.
   */
  agent: {
    healthz: '/healthz',
    livez: '/livez',
    metrics: '/metrics',
    /** `RtcOffer` in, `RtcAnswer` out. */
    rtcOffer: '/rtc/offer',
    /** `RtcEnd` in. */
    rtcEnd: '/rtc/end',
    flv: '/live/:file',
    /** `NodePlays` out. */
    plays: '/plays/:stream',
    /** `EndPlays` in, `EndedPlays` out. */
    endPlays: '/plays/end',
  },
  /** The gate's listener on 127.0.0.1. `client`: who stands behind an address that SRS shows (`GateClient`), for the agent. */
  gate: { metrics: '/metrics', client: '/clients/:source' },
} as const;

/** `/api/*` and `/rtc/*` go to the function, everything but these, `/open` and `/gated` to the pages. */
export const PUBLIC_PREFIXES = { api: '/api/', rtc: '/rtc/', open: '/open/', gated: '/gated/' } as const;
