import { z } from 'zod';
import { defined } from '../../../../functions/core/defined';
import type { BucketSpec } from '../bucket';
import { composeObject, copyObject } from '../copying';
import { listQueryFrom } from '../listing';
import { etagOf, objectResource, type StoredRecord } from '../objects';
import type { BucketState, Conditions, Store } from '../store';
import { type ApiRequest, jsonAnswer, type StorageAnswer } from './http';
import { mediaAnswer } from './media';
import { ComposeJson, headersFrom, InsertJson, PatchJson, parseJson } from './object-json';
import { preconditionsFrom } from './preconditions';
import { pathPattern, type RouteParameters, type StorageRoute } from './routing';

const BUCKETS = '/storage/v1/b';
const OBJECTS = `${BUCKETS}/:bucket/o`;
const OBJECT = `${OBJECTS}/:name`;
const DESTINATION = 'b/:destinationBucket/o/:destinationName';

/** The JSON API without uploads. It takes any caller. https://cloud.google.com/storage/docs/json_api/v1 */
export function jsonRoutes(store: Store): readonly StorageRoute[] {
  return [...bucketRoutes(store), ...objectRoutes(store), ...copyRoutes(store)];
}

function bucketRoutes(store: Store): StorageRoute[] {
  return [
    {
      method: 'POST',
      path: pathPattern(BUCKETS),
      operation: 'buckets.insert',
      run: ({ body, url }) => jsonAnswer(bucketResource(store.createBucket(parseJson(BucketJson, body)), url)),
    },
    {
      method: 'GET',
      path: pathPattern(BUCKETS),
      operation: 'buckets.list',
      run: ({ url }) =>
        jsonAnswer({ kind: 'storage#buckets', items: store.buckets().map((bucket) => bucketResource(bucket, url)) }),
    },
    {
      method: 'GET',
      path: pathPattern(`${BUCKETS}/:bucket`),
      operation: 'buckets.get',
      run: ({ url }, { bucket }) => jsonAnswer(bucketResource(store.bucket(bucket), url)),
    },
    {
      method: 'DELETE',
      path: pathPattern(`${BUCKETS}/:bucket`),
      operation: 'buckets.delete',
      run: (_, { bucket }) => {
        store.deleteBucket(bucket);
        return noContent();
      },
    },
  ];
}

function objectRoutes(store: Store): StorageRoute[] {
  return [
    {
      method: 'GET',
      path: pathPattern(OBJECTS),
      operation: 'objects.list',
      run: (request, at) => list(store, request, at),
    },
    {
      method: 'GET',
      path: pathPattern(OBJECT),
      operation: 'objects.get',
      run: (request, at) => get(store, request, at),
    },
    {
      method: 'GET',
      path: pathPattern(`/download${OBJECT}`),
      operation: 'objects.get',
      run: (request, at) => media(store, request, at),
    },
    {
      method: 'PATCH',
      path: pathPattern(OBJECT),
      operation: 'objects.patch',
      run: ({ url, body }, at) => objectAnswer(store.patch(at, parseJson(PatchJson, body), conditionsOf(url)), url),
    },
    {
      method: 'DELETE',
      path: pathPattern(OBJECT),
      operation: 'objects.delete',
      run: ({ url }, at) => {
        store.remove(at, conditionsOf(url));
        return noContent();
      },
    },
  ];
}

function copyRoutes(store: Store): StorageRoute[] {
  return [
    {
      method: 'POST',
      path: pathPattern(`${OBJECT}/rewriteTo/${DESTINATION}`),
      operation: 'objects.rewrite',
      run: async (request, at) => rewriteAnswer(await copy(store, request, at), request.url),
    },
    {
      method: 'POST',
      path: pathPattern(`${OBJECT}/copyTo/${DESTINATION}`),
      operation: 'objects.copy',
      run: async (request, at) => objectAnswer(await copy(store, request, at), request.url),
    },
    {
      method: 'POST',
      path: pathPattern(`${OBJECT}/compose`),
      operation: 'objects.compose',
      run: (request, at) => compose(store, request, at),
    },
  ];
}

export const objectAnswer = (record: StoredRecord, url: URL): StorageAnswer =>
  jsonAnswer(objectResource(record, url.origin));

const noContent = (): StorageAnswer => ({ status: 204, headers: {} });

const BucketJson = z.object({ name: z.string().regex(/^[a-z0-9][a-z0-9._-]{1,61}[a-z0-9]$/, 'Invalid bucket name.') });

const bucketResource = ({ spec, createdAt }: BucketState, url: URL) => ({
  kind: 'storage#bucket',
  id: spec.name,
  name: spec.name,
  selfLink: `${url.origin}${BUCKETS}/${spec.name}`,
  location: 'LOCAL',
  storageClass: 'STANDARD',
  metageneration: '1',
  timeCreated: new Date(createdAt).toISOString(),
  updated: new Date(createdAt).toISOString(),
  cors: (spec.cors ?? []).map(corsResource),
  lifecycle: { rule: lifecycleRules(spec) },
});

const corsResource = ({
  origins,
  methods,
  responseHeaders,
  maxAgeSeconds,
}: NonNullable<BucketSpec['cors']>[number]) => ({
  origin: origins,
  method: methods,
  responseHeader: responseHeaders,
  maxAgeSeconds,
});

const lifecycleRules = ({ deleteDaysAfterCustomTime: days }: BucketSpec) =>
  days === undefined ? [] : [{ action: { type: 'Delete' }, condition: { daysSinceCustomTime: days } }];

function conditionsOf(url: URL): Conditions {
  const generation = url.searchParams.get('generation');
  return { ...preconditionsFrom(url.searchParams), ...(generation === null ? {} : { generation }) };
}

function list(store: Store, { url }: ApiRequest, { bucket }: RouteParameters): StorageAnswer {
  const { records, prefixes, nextPageToken } = store.list(bucket, listQueryFrom(url.searchParams));
  return jsonAnswer({
    kind: 'storage#objects',
    ...defined({ nextPageToken }),
    ...(prefixes.length === 0 ? {} : { prefixes }),
    ...(records.length === 0 ? {} : { items: records.map((record) => objectResource(record, url.origin)) }),
  });
}

function get(store: Store, request: ApiRequest, at: RouteParameters): Promise<StorageAnswer> | StorageAnswer {
  if (request.url.searchParams.get('alt') === 'media') return media(store, request, at);
  return objectAnswer(store.get(at, conditionsOf(request.url)), request.url);
}

function media(store: Store, request: ApiRequest, at: RouteParameters): Promise<StorageAnswer> {
  const record = store.get(at, conditionsOf(request.url));
  return mediaAnswer(store, record, request, {
    etag: etagOf(record),
    defaultCacheControl: 'private, max-age=0',
    withMetadata: false,
  });
}

function copy(store: Store, { url, body }: ApiRequest, at: RouteParameters): Promise<StoredRecord> {
  const sourceGeneration = url.searchParams.get('sourceGeneration');
  const conditions = {
    ...preconditionsFrom(url.searchParams, 'Source'),
    ...(sourceGeneration === null ? {} : { generation: sourceGeneration }),
  };
  const json = parseJson(InsertJson, body);
  const replacesHeaders = Object.keys(json).length > 0;
  return copyObject(
    store,
    { bucket: at.bucket, name: at.name, conditions },
    {
      bucket: at.destinationBucket,
      name: at.destinationName,
      preconditions: preconditionsFrom(url.searchParams),
      ...(replacesHeaders ? { headers: headersFrom(json) } : {}),
    },
  );
}

const rewriteAnswer = (record: StoredRecord, url: URL): StorageAnswer =>
  jsonAnswer({
    kind: 'storage#rewriteResponse',
    totalBytesRewritten: `${record.size}`,
    objectSize: `${record.size}`,
    done: true,
    resource: objectResource(record, url.origin),
  });

async function compose(
  store: Store,
  { url, body }: ApiRequest,
  { bucket, name }: RouteParameters,
): Promise<StorageAnswer> {
  const { sourceObjects, destination } = parseJson(ComposeJson, body);
  const preconditions = preconditionsFrom(url.searchParams);
  const headers = headersFrom(destination ?? {});
  return objectAnswer(await composeObject(store, sourceObjects, { bucket, name, headers, preconditions }), url);
}
