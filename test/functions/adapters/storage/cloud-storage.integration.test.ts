import { setTimeout as sleepFor } from 'node:timers/promises';
import type { Storage } from '@google-cloud/storage';
import { gcsMediaMover } from '../../../../functions/adapters/gcp/storage/media-mover';
import { gcsObjectStore } from '../../../../functions/adapters/gcp/storage/object-store';
import { storageClient } from '../../../../functions/adapters/gcp/storage/storage-client';
import { mediaMoverSuite } from '../../../suites/media-mover';
import { type Deviations, objectStoreSuite } from '../../../suites/object-store';
import { onEmulator, STORAGE_TESTBENCH } from '../../../support/google/google-emulator';
import { realPart } from '../../../support/platform/real-part';

/** A bucket of Google's, and what it is known to do otherwise than Cloud Storage. */
interface Subject {
  storage(): Storage;
  bucket(): string;
  nextSecond(): Promise<void>;
  deviations?: Deviations;
}

/** Every contract of an adapter of Cloud Storage, below a prefix that no other run has. */
function storageSuites({ storage, bucket, nextSecond, deviations }: Subject): void {
  const run = `contract-${process.pid}-${Date.now()}/`;
  let opened = 0;
  const prefix = () => {
    opened += 1;
    return `${run}${opened}/`;
  };
  afterAll(() => storage().bucket(bucket()).deleteFiles({ prefix: run, force: true }));

  objectStoreSuite(
    'Cloud Storage',
    () => ({ store: gcsObjectStore(storage(), bucket()), nextSecond, prefix: prefix(), exactRate: false }),
    deviations,
  );
  mediaMoverSuite('Cloud Storage', () => ({
    move: gcsMediaMover(storage(), { open: bucket(), gated: bucket() }),
    bucketOf: () => gcsObjectStore(storage(), bucket()),
    prefix: prefix(),
  }));
}

/** Version 0.45.0. */
const TESTBENCH: Deviations = {
  addsMetadata: /^x_(emulator|testbench)_/,
  omitsSizeOfNothing: true,
  takesAnyMetadata: true,
};

const { LIVE_PROJECT, LIVE_BUCKET } = process.env;
const live = LIVE_PROJECT !== undefined && LIVE_BUCKET !== undefined;
const missing =
  live || STORAGE_TESTBENCH.find() !== undefined
    ? undefined
    : `set LIVE_PROJECT and LIVE_BUCKET, or ${STORAGE_TESTBENCH.needs}`;

realPart("Cloud Storage itself, or Google's testbench of it", missing, () => {
  jest.setTimeout(60_000);
  if (live)
    storageSuites({
      storage: () => storageClient({ projectId: LIVE_PROJECT }),
      bucket: () => LIVE_BUCKET,
      nextSecond: () => sleepFor(1200),
    });
  else
    onEmulator(STORAGE_TESTBENCH, (host) => {
      const storage = () => storageClient({ projectId: 'contract', apiEndpoint: `http://${host()}` });
      beforeAll(async () => {
        await storage().createBucket('contract');
      });
      storageSuites({ storage, bucket: () => 'contract', nextSecond: async () => undefined, deviations: TESTBENCH });
    });
});
