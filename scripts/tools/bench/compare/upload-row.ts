import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Storage } from '@google-cloud/storage';
import { gcsObjectStore } from '../../../../functions/adapters/gcp/storage/object-store';
import { storageClient } from '../../../../functions/adapters/gcp/storage/storage-client';
import { OBJECT_KINDS } from '../../../../functions/contract/objects/cache';
import { percentile } from '../figures';
import { compared, type Row } from './comparison';
import { inTurns } from './in-turns';

/** Two seconds at 2 Mbit/s. */
const SEGMENT_BYTES = 500_000;
const TURNS = 60;

const since = async (work: () => Promise<unknown>): Promise<number> => {
  const began = performance.now();
  await work();
  return performance.now() - began;
};

/**
 * One segment from disk into the bucket, as the agent writes it (written once, its bytes checked by their hash, a
 * request that hangs overtaken), beside `bucket.upload(file)` of the same client with its defaults.
 */
export async function uploadRow(apiEndpoint: string): Promise<Row> {
  const folder = await mkdtemp(join(tmpdir(), 'srs-live-bench-'));
  try {
    const file = join(folder, 'segment.ts');
    await writeFile(file, Buffer.alloc(SEGMENT_BYTES, 'srs-live'));
    const store = gcsObjectStore(storageClient({ projectId: 'bench', apiEndpoint }), 'open');
    const naive = new Storage({ projectId: 'bench', apiEndpoint }).bucket('open');
    const nextOurs = names('ours');
    const nextTheirs = names('theirs');
    const { ours, theirs } = await inTurns(
      TURNS,
      () =>
        since(() =>
          store.write(nextOurs(), readFileSync(file), {
            ...OBJECT_KINDS.segment,
            metadata: {},
            ifGenerationMatch: '0',
          }),
        ),
      () => since(() => naive.upload(file, { destination: nextTheirs() })),
    );
    return compared({
      name: 'a segment of 500 kB uploaded, p50',
      peer: 'bucket.upload(file) of @google-cloud/storage, as a naive uploader calls it',
      ours: percentile(ours, 0.5),
      theirs: percentile(theirs, 0.5),
      unit: 'ms',
      goal: 1,
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function names(of: string): () => string {
  let count = 0;
  return () => {
    count += 1;
    return `bench/${of}/${count}.ts`;
  };
}
