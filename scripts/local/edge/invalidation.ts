import { createServer, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { z } from 'zod';
import type { Clock, Log } from '../../../functions/ports/stores';
import { close, listen } from '../../emulators/server/listen';
import type { LocalService } from '../../emulators/server/local-service';
import type { AnswerCache } from './cache';

/** A path of a URL map's host: a whole path, or a prefix and `*`. */
const Body = z.object({ path: z.string().regex(/^\/[^*]*\*?$/, "use a path, with '*' at its end or none") });

const INVALIDATE = /^\/compute\/v1\/projects\/[^/]+\/global\/urlMaps\/[^/]+\/invalidateCache$/;
const OPERATION = /^\/compute\/v1\/projects\/[^/]+\/global\/operations\/([a-z0-9-]+)$/;

/** Google's limit, as the edge has it. https://cloud.google.com/cdn/docs/cache-invalidation-overview */
const A_MINUTE = 500;

/**
 * Cloud CDN's invalidation, at Compute Engine's paths, for the only URL map. It takes effect at once; in the cloud it
 * takes some 10 s.
 */
export function invalidationServer(
  cache: AnswerCache,
  { port, clock, log }: { port: number; clock: Pick<Clock, 'now'>; log: Log },
): LocalService {
  let asked: number[] = [];
  let operations = 0;
  const invalidate = async (body: string): Promise<[number, object]> => {
    const parsed = Body.safeParse(JSON.parse(body));
    if (!parsed.success) return [400, problem(400, `path: ${parsed.error.issues[0]?.message}`)];
    const now = clock.now();
    asked = asked.filter((at) => now - at < 60_000);
    if (asked.length >= A_MINUTE)
      return [403, problem(403, 'Quota exceeded for quota metric cache invalidation: rateLimitExceeded')];
    asked.push(now);
    operations += 1;
    const { path } = parsed.data;
    cache.forget(matcherOf(path), now);
    log.info('cache_invalidated', { path });
    return [200, operation(`invalidate-${operations}`)];
  };
  const server = createServer((request, response) => {
    const { method, url = '' } = request;
    const [, name] = OPERATION.exec(url) ?? [];
    if (method === 'GET' && name !== undefined) return answer(response, 200, operation(name));
    if (method !== 'POST' || !INVALIDATE.test(url)) return answer(response, 404, problem(404, 'not imitated here'));
    text(request)
      .then(invalidate)
      .then(
        ([status, body]) => answer(response, status, body),
        () => answer(response, 400, problem(400, 'body: use JSON')),
      );
  });
  return {
    name: 'cdn api',
    start: async () => new URL(`http://127.0.0.1:${await listen(server, port, 'cdn api')}`),
    stop: () => close(server),
  };
}

/** Matches keys of the cache, which end in the path. */
function matcherOf(path: string): (key: string) => boolean {
  const pathIn = (key: string): string => key.slice(key.indexOf(' /') + 1);
  if (!path.endsWith('*')) return (key) => pathIn(key) === path;
  const prefix = path.slice(0, -1);
  return (key) => pathIn(key).startsWith(prefix);
}

const operation = (name: string) => ({ kind: 'compute#operation', name, status: 'DONE', progress: 100 });
const problem = (code: number, message: string) => ({ error: { code, message } });

function answer(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
