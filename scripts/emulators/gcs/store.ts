import { defined } from '../../../functions/core/defined';
import type { Bodies } from './api/bodies';
import { assertMetadataFits, assertName, type PatchJson, patched } from './api/object-json';
import { type Preconditions, requireForRead, requireForWrite } from './api/preconditions';
import { bucketMissing, invalid, objectMissing, rateLimited, StorageError } from './api/storage-error';
import type { BucketSpec } from './bucket';
import { crc32c, md5 } from './checksums';
import { type ListQuery, listPage, type Page } from './listing';
import { type ObjectHeaders, type ObjectResource, objectResource, type StoredRecord } from './objects';
import { WriteRate } from './write-rate';

export interface BucketState {
  readonly spec: BucketSpec;
  readonly createdAt: number;
}

type BucketObjects = BucketState & { readonly objects: Map<string, StoredRecord> };

export interface ObjectTarget {
  readonly bucket: string;
  readonly name: string;
}
export type Conditions = Preconditions & { readonly generation?: string };

export interface NewObject {
  readonly bytes: Buffer;
  readonly headers: ObjectHeaders;
  readonly preconditions: Preconditions;
  /** The checksums that the writer expects. */
  readonly expected?: { readonly md5Hash?: string | undefined; readonly crc32c?: string | undefined };
  /** Composed objects have a count and no MD5. */
  readonly componentCount?: number;
}

export interface StoreOptions {
  readonly clock: { now(): number };
  readonly bodies: Bodies;
  readonly oneWritePerSecond: boolean;
}

const DAY_MS = 86_400_000;

/**
 * Cloud Storage's decisions, without HTTP: strongly consistent, one generation an object, conditional, one write a
 * second for each name. A refusal is thrown as `StorageError`.
 */
export class Store {
  readonly #buckets = new Map<string, BucketObjects>();
  readonly #rate = new WriteRate();
  readonly #listeners = new Set<(object: ObjectResource) => void>();
  #lastGeneration = 0;

  constructor(private readonly options: StoreOptions) {}

  /**
   * Calls `listener` for every new generation, right after it can be read. It must not throw. Returns a function that
   * stops it.
   */
  onFinalized(listener: (object: ObjectResource) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  createBucket(spec: BucketSpec): BucketState {
    if (this.#buckets.has(spec.name)) {
      throw new StorageError(
        409,
        'conflict',
        'Your previous request to create the named bucket succeeded and you already own it.',
      );
    }
    const bucket = { spec, createdAt: this.options.clock.now(), objects: new Map<string, StoredRecord>() };
    this.#buckets.set(spec.name, bucket);
    return bucket;
  }

  bucket(name: string): BucketState {
    return this.#bucket(name);
  }

  buckets(): readonly BucketState[] {
    return [...this.#buckets.values()];
  }

  deleteBucket(name: string): void {
    if (this.#bucket(name).objects.size > 0) {
      throw new StorageError(409, 'conflict', 'The bucket you tried to delete is not empty.');
    }
    this.#buckets.delete(name);
  }

  /** Returns how many objects a bucket has. */
  count(name: string): number {
    return this.#bucket(name).objects.size;
  }

  get({ bucket, name }: ObjectTarget, conditions: Conditions = {}): StoredRecord {
    const record = this.#find({ bucket, name }, conditions);
    requireForRead(conditions, record);
    return record;
  }

  content(record: StoredRecord): Promise<Buffer> {
    return this.options.bodies.read(record.body);
  }

  list(bucket: string, query: ListQuery): Page & { readonly records: readonly StoredRecord[] } {
    const { objects } = this.#bucket(bucket);
    const page = listPage(objects.keys(), query);
    return { ...page, records: page.names.flatMap((name) => objects.get(name) ?? []) };
  }

  async insert(target: ObjectTarget, object: NewObject): Promise<StoredRecord> {
    this.#bucket(target.bucket);
    assertName(target.name);
    assertMetadataFits(object.headers);
    const sums = checked(object);
    const body = await this.options.bodies.put(object.bytes);
    try {
      return this.#commit(target, object, { ...sums, body, size: body.size });
    } catch (error) {
      this.options.bodies.free(body);
      throw error;
    }
  }

  patch(target: ObjectTarget, patch: PatchJson, conditions: Conditions): StoredRecord {
    const record = this.#find(target, conditions);
    requireForWrite(conditions, record);
    const headers = patched(record.headers, patch);
    assertMetadataFits(headers);
    const updatedAt = this.#take(target);
    const next = { ...record, headers, metageneration: record.metageneration + 1, updatedAt };
    this.#bucket(target.bucket).objects.set(target.name, next);
    return next;
  }

  remove(target: ObjectTarget, conditions: Conditions): void {
    const record = this.#find(target, conditions);
    requireForWrite(conditions, record);
    this.#drop(record);
  }

  /** Deletes objects by the lifecycle rules; returns their number. */
  sweep(): number {
    const due = [...this.#buckets.values()].flatMap(({ spec, objects }) =>
      [...objects.values()].filter((record) => this.#isDue(spec, record)),
    );
    for (const record of due) this.#drop(record);
    return due.length;
  }

  #isDue({ deleteDaysAfterCustomTime: days }: BucketSpec, { headers: { customTime } }: StoredRecord): boolean {
    return days !== undefined && customTime !== undefined && customTime + days * DAY_MS <= this.options.clock.now();
  }

  #drop(record: StoredRecord): void {
    this.#bucket(record.bucket).objects.delete(record.name);
    this.options.bodies.free(record.body);
  }

  #bucket(name: string): BucketObjects {
    const bucket = this.#buckets.get(name);
    if (bucket === undefined) throw bucketMissing();
    return bucket;
  }

  #find({ bucket, name }: ObjectTarget, { generation }: Conditions): StoredRecord {
    const record = this.#bucket(bucket).objects.get(name);
    if (record === undefined || (generation !== undefined && generation !== record.generation))
      throw objectMissing(bucket, name);
    return record;
  }

  /** Checks and changes without a pause: no other request comes between. */
  #commit(
    target: ObjectTarget,
    { headers, preconditions, componentCount }: NewObject,
    stored: Pick<StoredRecord, 'body' | 'size' | 'crc32c' | 'md5Hash'>,
  ): StoredRecord {
    const { objects } = this.#bucket(target.bucket);
    const old = objects.get(target.name);
    requireForWrite(preconditions, old);
    const now = this.#take(target);
    this.#lastGeneration = Math.max(this.#lastGeneration + 1, now * 1000);
    const times = { createdAt: now, updatedAt: now, generation: `${this.#lastGeneration}`, metageneration: 1 };
    const record = {
      ...target,
      headers,
      ...stored,
      ...times,
      ...defined({ componentCount }),
    };
    objects.set(target.name, record);
    if (old !== undefined) this.options.bodies.free(old.body);
    for (const listener of this.#listeners) listener(objectResource(record));
    return record;
  }

  /** Returns the time, if this name may be written again. */
  #take({ bucket, name }: ObjectTarget): number {
    const now = this.options.clock.now();
    const key = `${bucket}/${name}`;
    if (this.options.oneWritePerSecond && !this.#rate.allows(key, now)) throw rateLimited(bucket, name);
    this.#rate.took(key, now);
    return now;
  }
}

function checked({ bytes, expected, componentCount }: NewObject): Pick<StoredRecord, 'crc32c' | 'md5Hash'> {
  const sums = { crc32c: crc32c(bytes), md5Hash: md5(bytes) };
  for (const key of ['crc32c', 'md5Hash'] as const) {
    const wanted = expected?.[key];
    if (wanted !== undefined && wanted !== sums[key]) {
      throw invalid(`Provided ${key} "${wanted}" doesn't match calculated ${key} "${sums[key]}".`);
    }
  }
  return componentCount === undefined ? sums : { crc32c: sums.crc32c };
}
