import { http } from '@google-cloud/functions-framework';
import { gcsObjectStore } from '../adapters/gcp/object-store';
import { storageClient } from '../adapters/gcp/storage-client';
import { jsonLog } from '../adapters/log';
import { randomId, systemClock } from '../adapters/system';
import { entryPoint, hlsPublisher } from '../contract/functions';
import { forExpress } from '../http/express';
import { hlsPublisherConfig } from './config';
import { hlsPublisherHandler } from './handler';

const config = hlsPublisherConfig(process.env);
const storage = storageClient({ apiEndpoint: config.STORAGE_API_ENDPOINT });
const delivery = {
  open: gcsObjectStore(storage, config.OPEN_BUCKET),
  gated: gcsObjectStore(storage, config.GATED_BUCKET),
};

const handler = hlsPublisherHandler({
  ingestBucket: config.INGEST_BUCKET,
  ingest: gcsObjectStore(storage, config.INGEST_BUCKET),
  delivery: (policy) => delivery[policy],
  clock: systemClock,
  randomId,
  log: jsonLog(),
});

http(entryPoint(hlsPublisher.name), forExpress(handler));
