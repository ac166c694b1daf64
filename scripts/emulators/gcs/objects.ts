import type { Body } from './api/bodies';

/** The headers of an object that a writer can set. Times in milliseconds. */
export interface ObjectHeaders {
  readonly contentType: string;
  readonly cacheControl?: string;
  readonly contentEncoding?: string;
  readonly contentDisposition?: string;
  readonly contentLanguage?: string;
  readonly customTime?: number;
  readonly metadata: Readonly<Record<string, string>>;
}

/** One generation of an object. */
export interface StoredRecord {
  readonly headers: ObjectHeaders;
  readonly bucket: string;
  readonly name: string;
  /** Microseconds since the epoch, as text: larger than any before it. */
  readonly generation: string;
  readonly metageneration: number;
  readonly size: number;
  readonly crc32c: string;
  /** The MD5; a composed object has none. */
  readonly md5Hash?: string;
  readonly componentCount?: number;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly body: Body;
}

/** The object resource of the JSON API, which is also the data of a storage event: 64-bit numbers are strings. */
export type ObjectResource = Readonly<Record<string, unknown>> & {
  readonly bucket: string;
  readonly name: string;
  readonly generation: string;
  readonly updated: string;
};

const GOOGLE = 'https://www.googleapis.com';

/** `origin` is where links point to. https://cloud.google.com/storage/docs/json_api/v1/objects#resource */
export function objectResource(record: StoredRecord, origin: string = GOOGLE): ObjectResource {
  const { bucket, name, generation } = record;
  const path = `storage/v1/b/${bucket}/o/${encodeURIComponent(name)}`;
  return {
    kind: 'storage#object',
    id: `${bucket}/${name}/${generation}`,
    selfLink: `${origin}/${path}`,
    mediaLink: `${origin}/download/${path}?generation=${generation}&alt=media`,
    name,
    bucket,
    generation,
    metageneration: `${record.metageneration}`,
    size: `${record.size}`,
    storageClass: 'STANDARD',
    crc32c: record.crc32c,
    etag: etagOf(record),
    timeCreated: iso(record.createdAt),
    updated: iso(record.updatedAt),
    timeStorageClassUpdated: iso(record.createdAt),
    ...written(record),
  };
}

/** Returns the ETag, which changes with every generation and metageneration. */
export const etagOf = (record: StoredRecord): string =>
  Buffer.from(`${record.generation}/${record.metageneration}`).toString('base64');

const iso = (ms: number): string => new Date(ms).toISOString();

/** Returns the JSON of a record, without absent and empty fields. */
function written({ headers, md5Hash, componentCount }: StoredRecord): Record<string, unknown> {
  const { customTime, metadata, ...given } = headers;
  return {
    ...given,
    md5Hash,
    componentCount,
    customTime: customTime === undefined ? undefined : iso(customTime),
    metadata: Object.keys(metadata).length === 0 ? undefined : metadata,
  };
}
