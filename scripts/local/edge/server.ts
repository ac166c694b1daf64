import { createServer, type IncomingMessage } from 'node:http';
import { close, listen } from '../../emulators/server/listen';
import type { LocalService } from '../../emulators/server/local-service';
import { plain } from '../../emulators/server/reverse-proxy';
import { StartError } from '../../emulators/server/start-error';
import type { HostRoute, RouteTarget } from '../blueprint/blueprint';
import { bucketHandlers, type EdgeHandler } from './backend-handlers';
import { AnswerCache } from './cache';
import { forwarding } from './forwarding';
import { invalidationServer } from './invalidation';
import { nodesHandler } from './nodes-handler';
import type { EdgeOptions } from './options';

/**
 * The longest a load balancer waits for a serverless backend:
 * https://cloud.google.com/load-balancing/docs/backend-service#timeout-setting
 */
const FUNCTION_TIMEOUT_MS = 3_600_000;

/**
 * The load balancer and Cloud CDN of a blueprint, on one host and port. Signed requests are verified; an unsigned one
 * for a private bucket gets Cloud Storage's 403, as in the cloud. Not imitated: TLS, compression of files that are no
 * page, Cloud Armor, the rule that an object over 1 MiB is not kept at its first request, one cache per location.
 */
export function edgeServer(options: EdgeOptions): LocalService {
  const cache = new AnswerCache(options.cacheBytes);
  const handle = router(options, cache);
  const api =
    options.apiPort === undefined ? undefined : invalidationServer(cache, { ...options, port: options.apiPort });
  const server = createServer((request, response) => {
    options.onRequest?.(request.method ?? '', request.url ?? '');
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
    start: async () => {
      await api?.start();
      return new URL(`http://127.0.0.1:${await listen(server, options.port, 'edge', options.address)}`);
    },
    stop: async () => {
      await close(server);
      await api?.stop();
    },
  };
}

/** Returns the path, with `..` resolved and still percent-encoded; `undefined` for a malformed one. */
function pathOf(request: IncomingMessage): string | undefined {
  const target = request.url ?? '';
  const url = `http://edge${target}`;
  return target.startsWith('/') && URL.canParse(url) ? new URL(url).pathname : undefined;
}

function router(options: EdgeOptions, cache: AnswerCache): EdgeHandler {
  const handlers = new Map(bucketHandlers(options, cache));
  const handlerOf = (target: RouteTarget): EdgeHandler => {
    if (target.kind === 'function')
      return forwarding({ port: options.functionPort(target.function), timeoutMs: FUNCTION_TIMEOUT_MS });
    if (target.kind === 'nodes') return nodesHandler(target, cache, options);
    const handler = handlers.get(target.backend);
    if (handler === undefined)
      throw new StartError(`backend bucket ${target.backend}: reads a bucket that is not declared`);
    return handler;
  };
  const { routes, fallback, responseHeaders: ofAll } = options.edge;
  const asked = routes.map((route) => ({ route, handle: handlerOf(route.target) }));
  const otherwise = handlerOf(fallback);
  return (request, response, path) => {
    const found = asked.find(({ route }) => isFor(route, path));
    // Here the backend's header of the same name stays; in the cloud it is replaced.
    for (const [name, value] of Object.entries({ ...found?.route.responseHeaders, ...ofAll }))
      response.setHeader(name, value);
    return (found?.handle ?? otherwise)(request, response, path, found?.route.errorPage);
  };
}

function isFor(route: HostRoute, path: string): boolean {
  if ('path' in route) return path === route.path;
  if ('pathPrefix' in route) return path.startsWith(route.pathPrefix);
  const [before, after] = 'folder' in route ? [route.folder, ''] : [route.before, route.after];
  const isInside = path.length > before.length + after.length && path.startsWith(before) && path.endsWith(after);
  return isInside && !path.slice(before.length, path.length - after.length).includes('/');
}
