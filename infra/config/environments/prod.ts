import type { EnvironmentInput } from '../schema';

/** Regional and protected: buckets and database refuse to be destroyed. */
export const prod = {
  name: 'prod',
  projectId: 'srs-live-prod',
  region: 'europe-west1',
  zones: ['europe-west1-b', 'europe-west1-c', 'europe-west1-d'],
  domain: 'live.example.com',
  dnsZone: { name: 'example-com', domain: 'example.com' },
  destroyable: false,
  playerOrigins: ['*'],
  abandonedIngestDays: 7,
  reconnectWindowSeconds: 60,
  sessionWindowSeconds: 600,
  heartbeatSeconds: 5,
  functions: {
    'hls-publisher': { memory: '1Gi', concurrency: 60, minInstances: 2, maxInstances: 100 },
    'srs-hooks': { memory: '512Mi', concurrency: 60, minInstances: 2, maxInstances: 50 },
    reconciler: { memory: '1Gi', concurrency: 1, minInstances: 0, maxInstances: 1 },
    api: { memory: '512Mi', concurrency: 60, minInstances: 1, maxInstances: 50 },
  },
  origin: {
    machineType: 'n2d-standard-8',
    minNodes: 3,
    maxNodes: 20,
    imageTag: '6.0.157-1',
    mediaMebibytes: 12_288,
    diskGigabytes: 20,
  },
} satisfies EnvironmentInput;
