import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Clock, Log } from '../../../functions/core/ports';
import type { BucketBlueprint, EdgeBlueprint, RouteTarget } from '../blueprint/blueprint';
import { close, listen } from '../listen';
import type { LocalService } from '../local-service';
import { forward, plain } from '../reverse-proxy';
import { StartError } from '../start-error';
import { bucketHandler } from './bucket-handler';
import { AnswerCache } from './cache';
import { CachedBucket } from './cached-bucket';
import { fetchObject } from './object-fetch';

/**
 * The load balancer and Cloud CDN of a blueprint, on one host and port. Not imitated: TLS, compression, Cloud Armor, the rule
 * that an object over 1 MiB is not kept at its first sight, one cache per location, signed requests (an unsigned one for a
 * private bucket gets Cloud Storage's 403, as in the cloud).
 */
export interface EdgeOptions {
  readonly port: number;
  readonly edge: EdgeBlueprint;
  readonly buckets: readonly BucketBlueprint[];
  /** Where objects are read, as anyone: `<store>/<bucket>/<object>`. */
  readonly store: URL;
  /** Port of a function's listener, by its name. */
  functionPort(name: string): number;
  readonly cacheBytes: number;
  readonly clock: Pick<Clock, 'now'>;
  readonly log: Log;
}

type Handler = (request: IncomingMessage, response: ServerResponse, path: string) => Promise<void> | void;

/** The longest a load balancer waits for a serverless backend: https://cloud.google.com/load-balancing/docs/backend-service#timeout-setting */
const FUNCTION_TIMEOUT_MS = 3_600_000;

export function edgeServer(options: EdgeOptions): LocalService {
  const handle = router(options);
  const server = createServer((request, response) => {
    const path = pathOf(request);
    if (path === undefined) return plain(response, 400, 'the request target is not a path');
    Promise.resolve(handle(request, response, path)).catch((error: unknown) => {
      options.log.warn('edge_failed', { path, error: String(error) });
      if (response.headersSent) response.destroy();
      else plain(response, 502, 'the backend did not answer');
    });
  });
  return {
    name: 'edge',
    start: async () => new URL(`http://127.0.0.1:${await listen(server, options.port, 'edge')}`),
    stop: () => close(server),
  };
}

/** The path, with `..` resolved and still percent-encoded; `undefined` when it is none. */
function pathOf(request: IncomingMessage): string | undefined {
  const target = request.url ?? '';
  const url = `http://edge${target}`;
  return target.startsWith('/') && URL.canParse(url) ? new URL(url).pathname : undefined;
}

function router(options: EdgeOptions): Handler {
  const handlers = new Map(bucketHandlers(options));
  const handlerOf = (target: RouteTarget): Handler => {
    if (target.kind === 'function') return functionHandler(options.functionPort(target.function));
    const handler = handlers.get(target.backend);
    if (handler === undefined) throw new StartError(`backend bucket ${target.backend}: reads a bucket that is not declared`);
    return handler;
  };
  const routes = options.edge.routes.map(({ pathPrefix, target }) => ({ pathPrefix, handle: handlerOf(target) }));
  const fallback = handlerOf(options.edge.fallback);
  return (request, response, path) =>
    (routes.find(({ pathPrefix }) => path.startsWith(pathPrefix))?.handle ?? fallback)(request, response, path);
}

function bucketHandlers({ edge, buckets, store, cacheBytes, clock }: EdgeOptions): (readonly [string, Handler])[] {
  const cache = new AnswerCache(cacheBytes);
  return edge.backendBuckets.flatMap((backend) => {
    const bucket = buckets.find(({ name }) => name === backend.bucket);
    if (bucket === undefined) return [];
    const object = (path: string): string => `/${bucket.name}${path}${path.endsWith('/') ? (bucket.indexPage ?? '') : ''}`;
    const fetch = (path: string, headers: Readonly<Record<string, string>>) => fetchObject(store, object(path), headers);
    return [
      [backend.name, bucketHandler({ backend, bucket, cached: new CachedBucket({ backend, cache, clock, fetch }) })] as const,
    ];
  });
}

const functionHandler =
  (port: number): Handler =>
  (request, response) => {
    const client = request.socket.remoteAddress ?? '127.0.0.1';
    const { host = '' } = request.headers;
    const headers = { 'x-forwarded-for': client, 'x-forwarded-proto': 'http', 'x-forwarded-host': host, via: '1.1 google' };
    forward({ request, response, port, headers, timeoutMs: FUNCTION_TIMEOUT_MS });
  };
