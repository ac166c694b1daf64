import { anyoneMay, type BucketSpec, type CorsRule } from '../bucket';
import type { StoredRecord } from '../objects';
import type { Store } from '../store';
import { type ApiRequest, decodePath, type StorageAnswer, UNCACHED } from './http';
import { type Face, mediaAnswer, mediaHeaders } from './media';
import type { StorageCall } from './routing';
import { StorageError } from './storage-error';

/**
 * Answers `GET /<bucket>/<object>`, the XML API's read, which browsers and Cloud CDN use. A caller with an
 * Authorization header may do anything; without one the bucket's grants to `allUsers` decide, and a missing object is a
 * 403 for a caller who may not list, as if it were forbidden.
 * https://cloud.google.com/storage/docs/xml-api/get-object-download
 */
export function publicCall(store: Store, request: ApiRequest): StorageCall {
  const [, bucket = '', ...rest] = request.url.pathname.split('/').map(decodePath);
  const name = rest.join('/');
  const run = () =>
    request.method === 'OPTIONS' ? preflight(store, bucket, request) : read(store, { bucket, name }, request);
  return { operation: 'objects.get', bucket, name, run };
}

async function read(
  store: Store,
  { bucket, name }: { bucket: string; name: string },
  request: ApiRequest,
): Promise<StorageAnswer> {
  if (request.method !== 'GET' && request.method !== 'HEAD')
    throw new StorageError(405, 'methodNotAllowed', 'Method not allowed.');
  const { spec } = store.bucket(bucket);
  const isKnown = request.headers.authorization !== undefined;
  if (name === '')
    throw isKnown ? new StorageError(501, 'notImplemented', 'Listing by XML.') : denied('storage.objects.list');
  if (!isKnown && !anyoneMay(spec, 'storage.objects.get')) throw denied('storage.objects.get');
  const record = found(store, { bucket, name }, isKnown || anyoneMay(spec, 'storage.objects.list'));
  const face = faceOf(record, spec);
  const cors = corsHeaders(spec.cors ?? [], request.headers.origin, request.method);
  if (isUnchanged(record, face, request)) return { status: 304, headers: { ...mediaHeaders(record, face), ...cors } };
  const answer = await mediaAnswer(store, record, request, face);
  return { ...answer, headers: { ...answer.headers, ...cors } };
}

function found(store: Store, target: { bucket: string; name: string }, mayList: boolean): StoredRecord {
  try {
    return store.get(target);
  } catch (error) {
    if (error instanceof StorageError && error.status === 404 && !mayList) throw denied('storage.objects.get');
    throw error;
  }
}

const faceOf = (record: StoredRecord, spec: BucketSpec): Face => ({
  etag: `"${record.md5Hash === undefined ? record.generation : Buffer.from(record.md5Hash, 'base64').toString('hex')}"`,
  defaultCacheControl: anyoneMay(spec, 'storage.objects.get') ? 'public, max-age=3600' : 'private, max-age=0',
  withMetadata: true,
});

function isUnchanged(record: StoredRecord, { etag }: Face, { headers }: ApiRequest): boolean {
  const ifNoneMatch = headers['if-none-match'];
  if (ifNoneMatch !== undefined) return ifNoneMatch === '*' || ifNoneMatch.split(/,\s*/).includes(etag);
  const since = Date.parse(headers['if-modified-since'] ?? '');
  return !Number.isNaN(since) && Math.floor(record.updatedAt / 1000) * 1000 <= since;
}

const denied = (permission: string) =>
  new StorageError(
    403,
    'forbidden',
    `Anonymous caller does not have ${permission} access to the Google Cloud Storage object. ` +
      `Permission '${permission}' denied on resource (or it may not exist).`,
  );

const ruleFor = (rules: readonly CorsRule[], origin: string, method: string): CorsRule | undefined =>
  rules.find(
    ({ origins, methods }) =>
      (origins.includes('*') || origins.includes(origin)) && (methods.includes('*') || methods.includes(method)),
  );

function corsHeaders(rules: readonly CorsRule[], origin: string | undefined, method: string): Record<string, string> {
  const rule = origin === undefined ? undefined : ruleFor(rules, origin, method);
  if (rule === undefined || origin === undefined) return rules.length === 0 ? {} : { vary: 'Origin' };
  return {
    'access-control-allow-origin': rule.origins.includes('*') ? '*' : origin,
    'access-control-expose-headers': rule.responseHeaders.join(', '),
    vary: 'Origin',
  };
}

function preflight(store: Store, bucket: string, { headers }: ApiRequest): StorageAnswer {
  const { origin = '' } = headers;
  const rules = store.bucket(bucket).spec.cors ?? [];
  const rule = ruleFor(rules, origin, headers['access-control-request-method'] ?? '');
  if (rule === undefined) return { status: 200, headers: { ...UNCACHED, vary: 'Origin' } };
  return {
    status: 200,
    headers: {
      'access-control-allow-origin': rule.origins.includes('*') ? '*' : origin,
      'access-control-allow-methods': rule.methods.join(', '),
      'access-control-allow-headers': rule.responseHeaders.join(', '),
      'access-control-max-age': `${rule.maxAgeSeconds}`,
      'cache-control': `private, max-age=${rule.maxAgeSeconds}`,
      vary: 'Origin',
    },
  };
}

const XML_CODES: Readonly<Record<number, string>> = {
  400: 'InvalidArgument',
  403: 'AccessDenied',
  404: 'NoSuchKey',
  405: 'MethodNotAllowed',
  412: 'PreconditionFailed',
  416: 'InvalidRange',
  429: 'SlowDown',
  503: 'ServiceUnavailable',
};

/** https://cloud.google.com/storage/docs/xml-api/reference-status */
export function xmlErrorBody({ status, message }: StorageError): string {
  const code = message.startsWith('The specified bucket') ? 'NoSuchBucket' : (XML_CODES[status] ?? 'InternalError');
  return (
    "<?xml version='1.0' " +
    `encoding='UTF-8'?><Error><Code>${code}</Code><Message>${escapeXml(message)}</Message></Error>`
  );
}

const escapeXml = (text: string): string => text.replace(/[<>&]/g, (character) => `&#${character.charCodeAt(0)};`);
