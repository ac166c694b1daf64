import type { Operation } from '../meter';
import type { ObjectTarget, Store } from '../store';
import { type ApiRequest, jsonAnswer, type StorageAnswer } from './http';
import { objectAnswer } from './json-api';
import { parseMultipart } from './multipart';
import { headersFrom, InsertJson, parseJson } from './object-json';
import { type Preconditions, preconditionsFrom } from './preconditions';
import { ResumableSessions } from './resumable';
import { pathPattern, type RouteParameters, type StorageRoute } from './routing';
import { invalid } from './storage-error';

const UPLOADS = pathPattern('/upload/storage/v1/b/:bucket/o');

interface Upload {
  readonly target: ObjectTarget;
  readonly json: InsertJson;
  readonly contentType: string | undefined;
  readonly preconditions: Preconditions;
}
type UploadSessions = ResumableSessions<Upload>;

/** Simple, multipart and resumable uploads. https://cloud.google.com/storage/docs/uploads-downloads */
export function uploadRoutes(store: Store): readonly StorageRoute[] {
  const sessions: UploadSessions = new ResumableSessions();
  return [
    { method: 'POST', path: UPLOADS, operation: startOf, run: (request, at) => start(store, sessions, request, at) },
    { method: 'PUT', path: UPLOADS, operation: 'objects.insert', run: (request) => resume(store, sessions, request) },
    {
      method: 'DELETE',
      path: UPLOADS,
      operation: 'uploads.cancel',
      run: ({ url }) => cancel(sessions, sessionIdOf(url)),
    },
  ];
}

const startOf = ({ url }: ApiRequest): Operation =>
  url.searchParams.get('uploadType') === 'resumable' ? 'uploads.start' : 'objects.insert';

async function start(
  store: Store,
  sessions: UploadSessions,
  request: ApiRequest,
  at: RouteParameters,
): Promise<StorageAnswer> {
  const type = request.url.searchParams.get('uploadType');
  if (type === 'multipart') return insert(store, ...multipartUpload(request, at), request.url);
  if (type === 'media')
    return insert(store, uploadOf(request, at, {}, request.headers['content-type']), request.body, request.url);
  if (type !== 'resumable') throw invalid(`Invalid uploadType: '${type ?? ''}'.`, 'uploadType');
  store.bucket(at.bucket);
  const contentType = request.headers['x-upload-content-type'];
  const json = parseJson(InsertJson, request.body);
  const id = sessions.open(uploadOf(request, at, json, typeof contentType === 'string' ? contentType : undefined));
  const location = new URL(request.url);
  location.searchParams.set('upload_id', id);
  return { status: 200, headers: { location: location.href, 'x-guploader-uploadid': id } };
}

function multipartUpload(request: ApiRequest, at: RouteParameters): [Upload, Buffer] {
  const [description, media, ...rest] = parseMultipart(request.headers['content-type'] ?? '', request.body);
  if (description === undefined || media === undefined || rest.length > 0)
    throw invalid('A multipart upload has two parts.');
  return [uploadOf(request, at, parseJson(InsertJson, description.body), media.contentType), media.body];
}

function uploadOf({ url }: ApiRequest, at: RouteParameters, json: InsertJson, contentType: string | undefined): Upload {
  const target = { bucket: at.bucket, name: at.name || (json.name ?? '') };
  return { target, json, contentType, preconditions: preconditionsFrom(url.searchParams) };
}

async function insert(store: Store, upload: Upload, bytes: Buffer, url: URL): Promise<StorageAnswer> {
  const { target, json, contentType, preconditions } = upload;
  const expected = { md5Hash: json.md5Hash, crc32c: json.crc32c };
  return objectAnswer(
    await store.insert(target, { bytes, headers: headersFrom(json, contentType), preconditions, expected }),
    url,
  );
}

async function resume(store: Store, sessions: UploadSessions, request: ApiRequest): Promise<StorageAnswer> {
  const id = sessionIdOf(request.url);
  const progress = sessions.add(id, request.headers['content-range'], request.body);
  if (progress.kind === 'incomplete') {
    const range: Record<string, string> = progress.received === 0 ? {} : { range: `bytes=0-${progress.received - 1}` };
    return { status: 308, headers: { 'x-guploader-uploadid': id, ...range } };
  }
  const answer = await insert(store, progress.session, progress.bytes, request.url);
  sessions.close(id);
  return answer;
}

/** 499 is Google's own status for a cancelled upload. */
function cancel(sessions: UploadSessions, id: string): StorageAnswer {
  sessions.close(id);
  return { ...jsonAnswer(undefined, 499), body: '' };
}

const sessionIdOf = (url: URL): string => url.searchParams.get('upload_id') ?? '';
