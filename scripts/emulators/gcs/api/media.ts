import { gunzipSync } from 'node:zlib';
import type { StoredRecord } from '../objects';
import type { Store } from '../store';
import { type ApiRequest, type StorageAnswer, UNCACHED } from './http';
import { StorageError } from './storage-error';

export interface Face {
  readonly etag: string;
  /** The Cache-Control of an object that has none. https://cloud.google.com/storage/docs/caching */
  readonly defaultCacheControl: string;
  /** The XML API shows custom metadata beside the bytes, the JSON API does not. */
  readonly withMetadata: boolean;
}

/** Answers the bytes of `record`, whole or in a range, with the headers of every API. */
export async function mediaAnswer(
  store: Store,
  record: StoredRecord,
  request: ApiRequest,
  face: Face,
): Promise<StorageAnswer> {
  const headers = mediaHeaders(record, face);
  const bytes = await store.content(record);
  if (mustBeUnpacked(record, request))
    return { status: 200, headers: unpackedHeaders(headers), body: gunzipSync(bytes) };
  const encoded =
    record.headers.contentEncoding === undefined ? {} : { 'content-encoding': record.headers.contentEncoding };
  const range = rangeOf(request, bytes.length, face.etag);
  if (range === undefined)
    return { status: 200, headers: { ...headers, ...encoded, 'accept-ranges': 'bytes' }, body: bytes };
  const contentRange = `bytes ${range.start}-${range.end}/${bytes.length}`;
  return {
    status: 206,
    headers: { ...headers, ...encoded, 'accept-ranges': 'bytes', 'content-range': contentRange },
    body: bytes.subarray(range.start, range.end + 1),
  };
}

export function mediaHeaders(
  record: StoredRecord,
  { etag, defaultCacheControl, withMetadata }: Face,
): StorageAnswer['headers'] {
  const { contentType, cacheControl, contentDisposition, contentLanguage, contentEncoding, metadata } = record.headers;
  return {
    'content-type': contentType,
    'cache-control': cacheControl ?? defaultCacheControl,
    etag,
    'last-modified': new Date(record.updatedAt).toUTCString(),
    'x-goog-generation': record.generation,
    'x-goog-metageneration': `${record.metageneration}`,
    'x-goog-stored-content-encoding': contentEncoding ?? 'identity',
    'x-goog-stored-content-length': `${record.size}`,
    'x-goog-storage-class': 'STANDARD',
    'x-goog-hash': [`crc32c=${record.crc32c}`, ...(record.md5Hash === undefined ? [] : [`md5=${record.md5Hash}`])],
    ...(contentDisposition === undefined ? {} : { 'content-disposition': contentDisposition }),
    ...(contentLanguage === undefined ? {} : { 'content-language': contentLanguage }),
    ...(withMetadata ? customHeaders(metadata) : {}),
  };
}

const customHeaders = (metadata: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(metadata).map(([key, value]) => [`x-goog-meta-${key}`, encodeHeader(value)]));

/** Header values hold latin-1 at best. */
const encodeHeader = (value: string): string =>
  value.replace(/[^\x20-\x7e]/g, (character) => encodeURIComponent(character));

/** Decompressive transcoding: https://cloud.google.com/storage/docs/transcoding */
function mustBeUnpacked({ headers }: StoredRecord, request: ApiRequest): boolean {
  const accepts = `${request.headers['accept-encoding'] ?? ''}`.includes('gzip');
  return headers.contentEncoding === 'gzip' && !accepts && !`${headers.cacheControl ?? ''}`.includes('no-transform');
}

const unpackedHeaders = (headers: StorageAnswer['headers']): StorageAnswer['headers'] => ({
  ...headers,
  vary: 'Accept-Encoding',
  warning: '214 UploadServer gunzipped',
});

/** Returns the range; `undefined` for the whole object. Several ranges and malformed ones count as none. */
function rangeOf({ headers }: ApiRequest, size: number, etag: string): { start: number; end: number } | undefined {
  const ifRange = headers['if-range'];
  if (ifRange !== undefined && ifRange !== etag) return undefined;
  const [, first = '', last = ''] = /^bytes=(\d*)-(\d*)$/.exec(`${headers.range ?? ''}`) ?? [];
  if (first === '' && last === '') return undefined;
  const start = first === '' ? Math.max(0, size - Number(last)) : Number(first);
  const end = first === '' || last === '' ? size - 1 : Math.min(Number(last), size - 1);
  if (start >= size || end < start) throw new RangeNotSatisfiable(size);
  return { start, end };
}

class RangeNotSatisfiable extends StorageError {
  constructor(readonly size: number) {
    super(416, 'requestedRangeNotSatisfiable', 'Request range not satisfiable', 'Range');
  }
}

/** Returns the headers of an error, in either API. */
export const errorHeaders = (error: StorageError): Record<string, string> => ({
  ...UNCACHED,
  ...(error instanceof RangeNotSatisfiable ? { 'content-range': `bytes */${error.size}` } : {}),
});
