import { http } from '@google-cloud/functions-framework';
import { firestoreBudgetStore } from '../adapters/gcp/firestore/budget-store';
import { firestoreClient } from '../adapters/gcp/firestore/firestore-client';
import { firestoreInvalidationStore } from '../adapters/gcp/firestore/invalidation-store';
import { firestoreStreamStore } from '../adapters/gcp/firestore/stream-store';
import { googleAccessToken } from '../adapters/gcp/google/access-token';
import { computeCdnInvalidator } from '../adapters/gcp/google/cdn-invalidator';
import { computeNodeGroup } from '../adapters/gcp/google/compute-node-group';
import { pubsubEventBus } from '../adapters/gcp/pubsub/event-bus';
import { pubsubPublish } from '../adapters/gcp/pubsub/pubsub-publish';
import { gcsMediaMover } from '../adapters/gcp/storage/media-mover';
import { gcsObjectStore } from '../adapters/gcp/storage/object-store';
import { storageClient } from '../adapters/gcp/storage/storage-client';
import { jsonLog } from '../adapters/log';
import { randomId, systemClock } from '../adapters/system';
import { budgetStageReader } from '../app/budget/stage-reader';
import { eventingStreamStore } from '../app/events/eventing-stream-store';
import { entryPoint, reconciler } from '../contract/env/functions';
import { publishingModeOf } from '../core/budget/publishing-mode';
import { aheadOfFramework } from '../http/ahead-of-framework';
import { reconcilerHandler } from './handler';

const env = reconciler.env.parse(process.env);
const storage = storageClient({ projectId: env.PROJECT_ID, apiEndpoint: env.STORAGE_API_ENDPOINT });
const delivery = { open: gcsObjectStore(storage, env.OPEN_BUCKET), gated: gcsObjectStore(storage, env.GATED_BUCKET) };

const log = jsonLog();
const firestore = firestoreClient({ projectId: env.PROJECT_ID, databaseId: env.FIRESTORE_DATABASE });
const budgetStage = budgetStageReader({ store: firestoreBudgetStore(firestore), clock: systemClock, log });

const publish = pubsubPublish({
  projectId: env.PROJECT_ID,
  apiEndpoint: env.PUBSUB_API_ENDPOINT,
  accessToken: googleAccessToken(),
});
const bus = pubsubEventBus(publish, env.EVENTS_TOPIC);

const { name, region } = env.NODE_GROUP;
const group = computeNodeGroup({ projectId: env.PROJECT_ID, name, region, accessToken: googleAccessToken() });
const isAbsent = env.NODE_GROUP_ABSENT === 'true';
if (isAbsent) log.info('node_group_absent', { message: 'there is no instance group: no node is drained or deleted' });

const handler = reconcilerHandler({
  ...(!isAbsent && { nodeGroup: { group, policy: env.NODE_GROUP } }),
  streamStore: eventingStreamStore(firestoreStreamStore(firestore), { bus, clock: systemClock, log }),
  bus,
  publishingMode: async () => publishingModeOf(await budgetStage()),
  ingest: gcsObjectStore(storage, env.INGEST_BUCKET),
  delivery: (policy) => delivery[policy],
  ...(env.CDNS && { cdns: env.CDNS }),
  move: gcsMediaMover(storage, { open: env.OPEN_BUCKET, gated: env.GATED_BUCKET }),
  invalidations: firestoreInvalidationStore(firestore),
  cdn: computeCdnInvalidator({
    projectId: env.PROJECT_ID,
    urlMap: env.URL_MAP,
    apiEndpoint: env.CDN_API_ENDPOINT,
    accessToken: googleAccessToken(),
  }),
  ...(env.RECORDING_DAYS > 0 && { recordingDays: env.RECORDING_DAYS }),
  clock: systemClock,
  randomId,
  log,
});

http(entryPoint(reconciler.name), aheadOfFramework(handler));
