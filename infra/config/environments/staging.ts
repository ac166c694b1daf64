import type { EnvironmentInput } from '../schema';

/** Shaped like prod, sized like dev: where a release is tried. */
export const staging = {
  name: 'staging',
  projectId: 'srs-live-staging',
  region: 'europe-west1',
  zones: ['europe-west1-b', 'europe-west1-c', 'europe-west1-d'],
  domain: 'live.staging.example.com',
  dnsZone: { name: 'staging-example-com', domain: 'staging.example.com' },
  destroyable: true,
  playerOrigins: ['*'],
  abandonedIngestDays: 7,
  reconnectWindowSeconds: 60,
  sessionWindowSeconds: 600,
  heartbeatSeconds: 5,
  functions: {
    'hls-publisher': { memory: '512Mi', concurrency: 40, minInstances: 1, maxInstances: 20 },
    'srs-hooks': { memory: '512Mi', concurrency: 40, minInstances: 1, maxInstances: 10 },
    reconciler: { memory: '512Mi', concurrency: 1, minInstances: 0, maxInstances: 1 },
    api: { memory: '512Mi', concurrency: 40, minInstances: 0, maxInstances: 10 },
  },
  origin: {
    machineType: 'n2d-standard-2',
    minNodes: 1,
    maxNodes: 4,
    imageTag: '6.0.157-1',
    mediaMebibytes: 2048,
    diskGigabytes: 20,
  },
} satisfies EnvironmentInput;
