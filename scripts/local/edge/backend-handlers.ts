import type { IncomingMessage, ServerResponse } from 'node:http';
import { verifyRequest } from '../../../functions/core/signing/verify-request';
import type { BackendBucketBlueprint, BucketBlueprint, ErrorPage } from '../blueprint/blueprint';
import { bucketHandler } from './bucket-handler';
import type { AnswerCache } from './cache';
import { CachedBucket } from './cached-bucket';
import { fetchObject } from './object-fetch';
import type { EdgeOptions } from './options';

/** `errorPage` is for buckets: the load balancer takes error pages from no other backend. */
export type EdgeHandler = (
  request: IncomingMessage,
  response: ServerResponse,
  path: string,
  errorPage?: ErrorPage,
) => Promise<void> | void;

/**
 * The account of Cloud CDN, which may read a private bucket once keys were given to its backend; any credentials will
 * do here.
 */
const FILL_IDENTITY = { authorization: 'Bearer cloud-cdn-fill' };
/** The account of the load balancer, which may read the buckets it was granted. */
const LOAD_BALANCER = { authorization: 'Bearer https-lb' };

/** Returns the handler of each backend bucket, by its name. */
export function bucketHandlers(options: EdgeOptions, cache: AnswerCache): (readonly [string, EdgeHandler])[] {
  return options.edge.backendBuckets.flatMap((backend) => {
    const bucket = options.buckets.find(({ name }) => name === backend.bucket);
    return bucket === undefined ? [] : [[backend.name, backendHandler({ backend, bucket, cache }, options)] as const];
  });
}

interface Backend {
  readonly backend: BackendBucketBlueprint;
  readonly bucket: BucketBlueprint;
  readonly cache: AnswerCache;
}

function backendHandler(
  { backend, bucket, cache }: Backend,
  { store, clock, signingKeysOf }: EdgeOptions,
): EdgeHandler {
  const object = (path: string): string =>
    `/${bucket.name}${path}${path.endsWith('/') ? (bucket.indexPage ?? '') : ''}`;
  const cachedBucket = (signed: boolean): CachedBucket => {
    const own = bucket.loadBalancerReads ? LOAD_BALANCER : {};
    const identity = signed ? FILL_IDENTITY : own;
    return new CachedBucket({
      backend,
      cache,
      clock,
      signed,
      fetch: (path, headers) => fetchObject(store, object(path), { ...headers, ...identity }),
    });
  };
  return bucketHandler({
    backend,
    bucket,
    cached: cachedBucket(false),
    signed: cachedBucket(true),
    verify: (request, path) => {
      const keys = signingKeysOf(backend.name);
      return keys.length === 0 ? { kind: 'unsigned' } : verifyRequest(asSent(request, path), keys, clock.now());
    },
  });
}

/** TLS ends before this edge in the cloud, and is not served here: the scheme is the client's. */
function asSent({ headers, url = '' }: IncomingMessage, path: string) {
  const at = url.indexOf('?');
  const origin = `http://${headers.host}`;
  return {
    origin: URL.canParse(origin) ? origin : 'http://unknown',
    path,
    query: at < 0 ? '' : url.slice(at + 1),
    cookie: headers.cookie,
  };
}
