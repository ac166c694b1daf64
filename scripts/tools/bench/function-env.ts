/** Values that let every function boot. */
const signingKeys = JSON.stringify([{ name: 'bench', value: `${'bench'.repeat(4)}bA==` }]);

export const ADMIN_KEY = 'bench'.repeat(8);

export const FUNCTION_ENV: Readonly<Record<string, string>> = {
  NODE_ENV: 'production',
  METADATA_SERVER_DETECTION: 'none',
  FIRESTORE_DATABASE: 'bench',
  PROJECT_ID: 'bench',
  INGEST_BUCKET: 'ingest',
  OPEN_BUCKET: 'open',
  GATED_BUCKET: 'gated',
  URL_MAP: 'bench',
  RECORDING_DAYS: '0',
  PUBLIC_ORIGIN: 'https://bench.example.com',
  RTMP_SERVER: 'rtmp://bench.example.com/live',
  RTMPS_SERVER: '',
  RECONNECT_WINDOW_SECONDS: '60',
  PACKAGING: JSON.stringify({ cmaf: false, ladders: false, default: { packaging: 'ts', ladder: 'none' } }),
  TURN_URLS: '[]',
  GRANTS_PER_STREAM: '1000',
  API_LIMITS: JSON.stringify({
    rates: { perKey: { perMinute: 1000, burst: 100 }, perPublisher: { perMinute: 1000, burst: 100 } },
    quotas: { streams: 1000, apiKeys: 100, webhooks: 50, grants: 100_000 },
  }),
  EVENTS_TOPIC: 'stream-events',
  DELIVERIES_TOPIC: 'webhook-deliveries',
  DEAD_TOPIC: 'stream-events-dead',
  RUNAWAY_TOPIC: 'runaway-streams',
  BUDGET_NAME: 'bench',
  BUDGET_RULES: '[]',
  NODE_GROUP: JSON.stringify({
    name: 'bench',
    region: 'europe-west1',
    minNodes: 1,
    publishersPerNode: 1,
    idleSeconds: 60,
    drainSeconds: 60,
  }),
  NODE_GROUP_ABSENT: 'true',
  ADMIN_KEY,
  SIGNING_KEYS: signingKeys,
  TOKEN_KEYS: signingKeys,
  TURN_SECRET: ADMIN_KEY,
  CONTENT_SECRET: ADMIN_KEY,
};
