import { http } from '@google-cloud/functions-framework';
import { pubsubPublish } from '../adapters/gcp/pubsub/pubsub-publish';
import { gcsObjectStore } from '../adapters/gcp/storage/object-store';
import { gcsReadable } from '../adapters/gcp/storage/readable';
import { storageClient } from '../adapters/gcp/storage/storage-client';
import { jsonLog } from '../adapters/log';
import { rememberingStore } from '../adapters/remembering-store';
import { randomId, systemClock } from '../adapters/system';
import { entryPoint, hlsPublisher } from '../contract/env/functions';
import { runawayCounter } from '../core/budget/runaway';
import { aheadOfFramework } from '../http/ahead-of-framework';
import { hlsPublisherConfig } from './config';
import { hlsPublisherHandler } from './handler';

const config = hlsPublisherConfig(process.env);
const storage = storageClient({ apiEndpoint: config.STORAGE_API_ENDPOINT });
const delivery = {
  open: rememberingStore(gcsObjectStore(storage, config.OPEN_BUCKET)),
  gated: rememberingStore(gcsObjectStore(storage, config.GATED_BUCKET)),
};

/** The storage client has the means to get one. */
async function accessToken(): Promise<string> {
  const token = await storage.authClient.getAccessToken();
  if (!token) throw new Error('no access token: this process has no credentials of Google');
  return token;
}

const publish = pubsubPublish({
  projectId: config.PROJECT_ID,
  apiEndpoint: config.PUBSUB_API_ENDPOINT,
  accessToken,
});

const handler = hlsPublisherHandler({
  ingestBucket: config.INGEST_BUCKET,
  ingest: gcsObjectStore(storage, config.INGEST_BUCKET),
  delivery: (policy) => delivery[policy],
  ...(config.CDNS && { cdns: config.CDNS }),
  ...(config.TWO_REGIONS && {
    bothRegions: { isReadable: gcsReadable(storage, { open: config.OPEN_BUCKET, gated: config.GATED_BUCKET }) },
  }),
  standbyMs: config.STANDBY_SECONDS * 1000,
  count: runawayCounter({ eventsPerMinute: config.RUNAWAY_EVENTS_PER_MINUTE }),
  reportRunaway: (notice) => publish(config.RUNAWAY_TOPIC, { data: notice, attributes: { streamId: notice.streamId } }),
  clock: systemClock,
  randomId,
  log: jsonLog(),
});

http(entryPoint(hlsPublisher.name), aheadOfFramework(handler));
