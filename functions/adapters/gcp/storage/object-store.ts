import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type { Bucket, File, Storage } from '@google-cloud/storage';
import { z } from 'zod';
import type { Generation, ObjectStore, StoredObject, WriteOptions, WriteResult } from '../../../ports/stores';
import { failureCode, type RetryOptions, retrying } from '../google/retry';
import { overtaking } from './overtaking';

/** The part of an object resource that is used. https://cloud.google.com/storage/docs/json_api/v1/objects#resource */
const Resource = z.object({
  name: z.string(),
  generation: z.coerce.string(),
  metadata: z.record(z.string(), z.string()).default({}),
  size: z.coerce.number(),
  updated: z.string().transform((text) => Date.parse(text)),
});
const MediaResponse = z.object({ headers: z.object({ 'x-goog-generation': z.string().optional() }) });

/** Between reading what an object is and reading its bytes it can be overwritten, at most once a second. */
const READ_ATTEMPTS = 4;

/**
 * Healthy requests of this size are answered in tenths of a second; four that hang and one more fill the client's own
 * limit of 15 s.
 */
const TIMEOUT_MS = 3000;
const MAX_CONCURRENT = 5;
/** A slow line is not to carry a large segment twice. */
const PATIENT_BYTES_PER_MS = 1000;

export interface PatientRetry extends RetryOptions {
  /** Before a request that is not answered is sent again beside it. @default 3 s and 1 s for each megabyte written */
  patienceMs?: number;
}

/**
 * One bucket of Cloud Storage. `storage` comes from `storageClient`. Reads and conditional writes that hang are sent
 * again beside those that hang.
 */
export function gcsObjectStore(storage: Storage, bucketName: string, options: PatientRetry = {}): ObjectStore {
  const { patienceMs = TIMEOUT_MS, ...retry } = options;
  const bucket = storage.bucket(bucketName);
  const again = <T>(request: () => Promise<T>, bytes = 0) =>
    overtaking((signal) => retrying(request, { ...retry, signal }), {
      patienceMs: patienceMs + bytes / PATIENT_BYTES_PER_MS,
      most: MAX_CONCURRENT,
    });
  const stat = (name: string) => again(() => unlessMissing(() => metadataOf(bucket.file(name))));
  return {
    stat,
    read: (name) => read(bucket, name, { stat, again }),
    write: (name, content, how) => again(() => write(bucket.file(name), content, how), content.length),
    async list(prefix) {
      const [files] = await retrying(() => bucket.getFiles({ prefix }), retry);
      return files.map((file) => toStored(file.metadata));
    },
    // A playlist is taken down in the very second in which it was written.
    remove: (name, generation) =>
      retrying(() => remove(bucket.file(name), generation), { ...retry, waitOutRate: true }),
  };
}

interface Requests {
  stat: ObjectStore['stat'];
  again<T>(request: () => Promise<T>): Promise<T>;
}

/**
 * Bytes and metadata are two requests, since the JSON API gives no custom metadata with the bytes. They are sent side
 * by side; when they are of different generations the bytes are asked for again by generation. The metadata decides:
 * Cloud Storage may serve the bytes of a public object out of a cache. https://cloud.google.com/storage/docs/caching
 */
async function read(bucket: Bucket, name: string, { stat, again }: Requests): ReturnType<ObjectStore['read']> {
  const media = (generation?: Generation) => again(() => unlessMissing(() => download(bucket, name, generation)));
  for (let attempt = 0; attempt < READ_ATTEMPTS; attempt += 1) {
    const [stored, newest] = await Promise.all([stat(name), media()]);
    if (stored === undefined) return undefined;
    const found = newest?.generation === stored.generation ? newest : await media(stored.generation);
    if (found !== undefined) return { ...stored, text: found.text };
  }
  throw new Error(`object '${name}': overwritten ${READ_ATTEMPTS} times while it was read`);
}

async function download(
  bucket: Bucket,
  name: string,
  generation?: Generation,
): Promise<{ generation: string; text: string }> {
  const file = generation === undefined ? bucket.file(name) : bucket.file(name, { generation });
  const body: Readable = file.createReadStream();
  let served = generation ?? '';
  body.on('response', (response: unknown) => {
    served = MediaResponse.parse(response).headers['x-goog-generation'] ?? served;
  });
  const bytes = await buffer(body);
  return { generation: served, text: bytes.toString('utf8') };
}

/**
 * Cloud Storage compares the MD5 before it stores anything; the client's own check comes after, and deletes what it
 * doubts.
 */
async function write(file: File, content: string | Uint8Array, options: WriteOptions): Promise<WriteResult> {
  try {
    await file.save(content, {
      resumable: false,
      validation: false,
      contentType: options.contentType,
      metadata: {
        cacheControl: options.cacheControl,
        md5Hash: createHash('md5').update(content).digest('base64'),
        metadata: { ...options.metadata },
        ...(options.customTime === undefined ? {} : { customTime: options.customTime.toISOString() }),
      },
      preconditionOpts: { ifGenerationMatch: options.ifGenerationMatch },
    });
    return { kind: 'written', generation: toStored(file.metadata).generation };
  } catch (error) {
    if (failureCode(error) === 412) return { kind: 'conflict' };
    if (failureCode(error) === 429) return { kind: 'rate_limited' };
    throw error;
  }
}

async function remove(file: File, ifGenerationMatch?: Generation): Promise<boolean> {
  try {
    return (
      (await unlessMissing(() => file.delete(ifGenerationMatch === undefined ? {} : { ifGenerationMatch }))) !==
      undefined
    );
  } catch (error) {
    if (failureCode(error) === 412) return false;
    throw error;
  }
}

async function metadataOf(file: File): Promise<StoredObject> {
  const [metadata] = await file.getMetadata();
  return toStored(metadata);
}

function toStored(resource: unknown): StoredObject {
  const { size, updated, ...rest } = Resource.parse(resource);
  return { ...rest, sizeBytes: size, updatedAt: updated };
}

/**
 * A missing object is a value, a missing bucket is a mistake: Cloud Storage answers 404 to both and tells them apart in
 * words.
 */
async function unlessMissing<T>(request: () => Promise<T>): Promise<T | undefined> {
  try {
    return await request();
  } catch (error) {
    if (failureCode(error) === 404 && !/bucket does not exist/.test(String(error))) return undefined;
    throw error;
  }
}
