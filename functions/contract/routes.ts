/** Paths of every HTTP face, spelled once. */
export const ROUTES = {
  api: {
    health: '/api/v1/health',
    streams: '/api/v1/streams',
    stream: '/api/v1/streams/:id',
  },
  /** srs-hooks, called by agents: one path an action, as SRS names it. */
  hooks: { action: '/hooks/:action', heartbeat: '/hooks/heartbeat' },
  /** The agent's listener for SRS on 127.0.0.1, as `srs.conf` spells it. */
  agentHooks: { action: '/srs/:action' },
  /**
   * The agent's listener on the VPC address. `healthz`: whether publishers may come here, for load balancers. `livez`: whether the
   * node works at all, for whoever would replace it; a draining node does.
   */
  agent: { healthz: '/healthz', livez: '/livez', metrics: '/metrics' },
} as const;

/** `/api/*` goes to the function, everything but `/api`, `/open` and `/gated` to the pages. */
export const PUBLIC_PREFIXES = { api: '/api/', open: '/open/', gated: '/gated/' } as const;
