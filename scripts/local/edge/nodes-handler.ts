import type { IncomingMessage } from 'node:http';
import type { NodesTarget } from '../blueprint/blueprint';
import type { EdgeHandler } from './backend-handlers';
import type { AnswerCache } from './cache';
import { CachedBucket } from './cached-bucket';
import { forwarding } from './forwarding';
import type { ObjectAnswer } from './object-fetch';
import type { EdgeOptions } from './options';

/** Headers of a node's answer that stay with it in the cache. */
const KEPT = ['content-type', 'cache-control', 'access-control-allow-origin', 'vary', 'retry-after', 'allow'];

/** Answers from agents behind a backend service, with Cloud CDN in front of them if the service says so. */
export function nodesHandler(
  { timeoutSeconds, cache: policy }: NodesTarget,
  cache: AnswerCache,
  { nodePort: port, clock }: Pick<EdgeOptions, 'nodePort' | 'clock'>,
): EdgeHandler {
  const pass = forwarding({ port, timeoutMs: timeoutSeconds * 1000 });
  if (policy === undefined) return pass;
  const answers = new CachedBucket({
    backend: { ...policy, signedMaxAgeSeconds: 0 },
    cache,
    clock,
    signed: false,
    fetch: (target) => fetchFromNode(new URL(target, `http://127.0.0.1:${port}`), timeoutSeconds),
  });
  return async (request, response, path) => {
    const query = queryOf(request);
    // Google would answer a query with an unkeyed parameter out of the cache; here the node sees it.
    const isKeyed = [...query.keys()].every((key) => policy.queryKeys.includes(key));
    if ((request.method !== 'GET' && request.method !== 'HEAD') || !isKeyed) return pass(request, response, path);
    const answer = await answers.get(`${path}${keyOf(query, policy.queryKeys)}`);
    const age = answer.ageSeconds === undefined ? {} : { age: String(answer.ageSeconds) };
    const length = { 'content-length': String(answer.body.length) };
    response.writeHead(answer.status, { ...answer.headers, ...age, ...length, 'x-cache': answer.cacheStatus });
    response.end(request.method === 'HEAD' ? undefined : answer.body);
  };
}

const queryOf = ({ url = '' }: IncomingMessage): URLSearchParams => new URL(url, 'http://edge').searchParams;

/** Returns the parameters that count, in the order of the policy. */
function keyOf(query: URLSearchParams, known: readonly string[]): string {
  const counted = known.flatMap((key) => query.getAll(key).map((value) => [key, value]));
  return counted.length === 0 ? '' : `?${new URLSearchParams(counted)}`;
}

async function fetchFromNode(url: URL, timeoutSeconds: number): Promise<ObjectAnswer> {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(timeoutSeconds * 1000), redirect: 'manual' });
    const kept = KEPT.map((name) => [name, answer.headers.get(name)] as const);
    const headers = Object.fromEntries(kept.flatMap(([name, value]) => (value === null ? [] : [[name, value]])));
    return { status: answer.status, headers, body: Buffer.from(await answer.arrayBuffer()) };
  } catch (error) {
    const isLate = error instanceof Error && error.name === 'TimeoutError';
    return { status: isLate ? 504 : 503, headers: { 'cache-control': 'no-store' }, body: Buffer.alloc(0) };
  }
}
