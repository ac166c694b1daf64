import type { IncomingMessage, ServerResponse } from 'node:http';
import type { RequestVerification } from '../../../functions/core/signing/verify-request';
import { plain } from '../../emulators/server/reverse-proxy';
import { StartError } from '../../emulators/server/start-error';
import type { BackendBucketBlueprint, BucketBlueprint, ErrorPage } from '../blueprint/blueprint';
import type { BackendAnswer, CachedBucket, CacheStatus } from './cached-bucket';
import { compressed } from './compression';
import { select } from './conditional';
import { corsHeaders, preflightHeaders } from './cors';

/** Returns the request's method, as CORS rules name it. */
const methodOf = (request: IncomingMessage): string => request.method ?? 'GET';

export interface BucketHandlerOptions {
  readonly backend: BackendBucketBlueprint;
  readonly bucket: BucketBlueprint;
  /** Answers to requests without a signature. */
  readonly cached: CachedBucket;
  /** Answers to requests with a valid signature, which are kept apart. */
  readonly signed: CachedBucket;
  /** Returns Cloud CDN's judgement of a request's signature. */
  verify(request: IncomingMessage, path: string): RequestVerification;
}

/**
 * Answers requests to one backend bucket: from the cache, with the bucket's CORS rules and the backend's own headers.
 */
export function bucketHandler({ backend, bucket, cached, signed, verify }: BucketHandlerOptions) {
  const custom = customHeaders(backend);
  return async (
    request: IncomingMessage,
    response: ServerResponse,
    path: string,
    errorPage?: ErrorPage,
  ): Promise<void> => {
    const { origin } = request.headers;
    if (request.method === 'OPTIONS') {
      const method = request.headers['access-control-request-method'] ?? '';
      response.writeHead(200, preflightHeaders(bucket.cors, { origin, method })).end();
    } else if (request.method !== 'GET' && request.method !== 'HEAD') {
      plain(response, 405, 'use GET, HEAD or OPTIONS', { allow: 'GET, HEAD, OPTIONS' });
    } else {
      const verdict = verify(request, path);
      if (verdict.kind === 'refused') return plain(response, 403, `the signature is refused: ${verdict.why}`, UNCACHED);
      const found = await (verdict.kind === 'valid' ? signed : cached).get(path);
      const answer = errorPage?.replaces.includes(found.status) ? await pageOf(errorPage, cached, found) : found;
      const own = { ...corsHeaders(bucket.cors, { origin, method: methodOf(request) }), ...custom(answer.cacheStatus) };
      const whole = answer.status === 200 ? selected(request, answer) : answer;
      const headers = { ...whole.headers, ...own };
      send(
        request,
        response,
        backend.compresses === true ? compressed(request, { ...whole, headers }) : { ...whole, headers },
      );
    }
  };
}

/** Returns the error page; without one in the bucket, what there is. */
async function pageOf({ path, status }: ErrorPage, bucket: CachedBucket, found: BackendAnswer): Promise<BackendAnswer> {
  const page = await bucket.get(path);
  return page.status === 200 ? { ...page, status } : found;
}

/**
 * Returns the `Name: value` lines of the backend; the only variable that this edge replaces is `{cdn_cache_status}`.
 */
function customHeaders(backend: BackendBucketBlueprint): (status: CacheStatus) => Record<string, string> {
  const lines = backend.responseHeaders.map((line) => {
    const [, name = '', value = ''] = /^([\w-]+):(.*)$/.exec(line) ?? [];
    if (name === '' || value.replaceAll('{cdn_cache_status}', '').includes('{'))
      throw new StartError(
        `backend bucket ${backend.name}: custom response header '${line}' is not understood by the local edge`,
      );
    return [name.toLowerCase(), value.trim()] as const;
  });
  return (status) =>
    Object.fromEntries(lines.map(([name, value]) => [name, value.replaceAll('{cdn_cache_status}', status)]));
}

/**
 * Returns the part of a cached object that answers the request: all of it, one range, or only that the client has it.
 */
function selected(request: IncomingMessage, answer: BackendAnswer): Whole {
  const { body } = answer;
  const age = answer.ageSeconds === undefined ? {} : { age: String(answer.ageSeconds) };
  const headers: Record<string, string> = { ...answer.headers, ...age };
  const validators = { etag: answer.headers.etag, lastModified: answer.headers['last-modified'] };
  const selection = select(request.headers, validators, body.length);
  if (selection.kind === 'whole') return { status: 200, headers, body };
  if (selection.kind === 'not-modified') return { status: 304, headers: withoutContent(headers), body: undefined };
  if (selection.kind === 'unsatisfiable')
    return {
      status: 416,
      headers: { ...withoutContent(headers), 'content-range': `bytes */${body.length}` },
      body: EMPTY,
    };
  const { first, last } = selection;
  return {
    status: 206,
    headers: { ...headers, 'content-range': `bytes ${first}-${last}/${body.length}` },
    body: body.subarray(first, last + 1),
  };
}

const EMPTY = Buffer.alloc(0);
const UNCACHED = { 'cache-control': 'no-store' };
const CONTENT_HEADERS = ['content-type', 'content-range', 'accept-ranges'];
const withoutContent = (headers: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => !CONTENT_HEADERS.includes(name)));

/** A complete answer; without a body (304) it has no length either. */
interface Whole {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer | undefined;
}

function send(request: IncomingMessage, response: ServerResponse, { status, headers, body }: Whole): void {
  response.writeHead(status, { ...headers, ...(body === undefined ? {} : { 'content-length': String(body.length) }) });
  response.end(request.method === 'HEAD' ? undefined : body);
}
