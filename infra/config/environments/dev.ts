import type { EnvironmentInput } from '../schema';

/** Small, cheap, one zone; `destroy` leaves nothing. */
export const dev = {
  name: 'dev',
  projectId: 'srs-live-dev',
  region: 'europe-west1',
  zones: ['europe-west1-b'],
  domain: 'live.dev.example.com',
  dnsZone: { name: 'dev-example-com', domain: 'dev.example.com' },
  destroyable: true,
  playerOrigins: ['*'],
  abandonedIngestDays: 2,
  reconnectWindowSeconds: 60,
  sessionWindowSeconds: 600,
  heartbeatSeconds: 5,
  functions: {
    'hls-publisher': { memory: '512Mi', concurrency: 40, minInstances: 0, maxInstances: 10 },
    'srs-hooks': { memory: '512Mi', concurrency: 40, minInstances: 0, maxInstances: 5 },
    reconciler: { memory: '512Mi', concurrency: 1, minInstances: 0, maxInstances: 1 },
    api: { memory: '512Mi', concurrency: 40, minInstances: 0, maxInstances: 5 },
  },
  origin: {
    machineType: 'n2d-standard-2',
    minNodes: 1,
    maxNodes: 2,
    imageTag: '6.0.157-1',
    mediaMebibytes: 2048,
    diskGigabytes: 20,
  },
} satisfies EnvironmentInput;
