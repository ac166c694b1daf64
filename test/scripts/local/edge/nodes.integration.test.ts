import { createServer, type Server } from 'node:http';
import { close, listen } from '../../../../scripts/emulators/server/listen';
import type { LocalService } from '../../../../scripts/emulators/server/local-service';
import type { EdgeBlueprint } from '../../../../scripts/local/blueprint/blueprint';
import { edgeServer } from '../../../../scripts/local/edge/server';

/** A node that answers when it is told to, with the query it was asked. */
const asked: string[] = [];
let cacheControl = 'public, max-age=6';
let status = 200;
let release: () => void = () => undefined;
let held: Promise<void> = Promise.resolve();
const hold = (): void => {
  held = new Promise((resolve) => {
    release = resolve;
  });
};

const cache = {
  name: 'low-latency',
  cacheMode: 'USE_ORIGIN_HEADERS',
  negativeCaching: false,
  requestCoalescing: true,
  serveWhileStaleSeconds: 0,
  queryKeys: ['_HLS_msn', '_HLS_part', '_HLS_skip'],
};
const edge: EdgeBlueprint = {
  backendBuckets: [],
  routes: [
    { folder: '/live/', target: { kind: 'nodes', timeoutSeconds: 86_400 } },
    { pathPrefix: '/live/', target: { kind: 'nodes', timeoutSeconds: 15, cache } },
  ],
  fallback: { kind: 'function', function: 'api' },
};
let node: Server;
let service: LocalService;
let origin: string;
let now = 1_000_000;

beforeAll(async () => {
  node = createServer(async ({ url = '' }, response) => {
    asked.push(url);
    await held;
    response.writeHead(status, { 'cache-control': cacheControl, 'content-type': 'text/plain' }).end(`answer to ${url}`);
  });
  const nodePort = await listen(node, 0, 'node');
  service = edgeServer({
    port: 0,
    edge,
    buckets: [],
    store: new URL('http://127.0.0.1:9'),
    functionPort: () => 9,
    nodePort,
    signingKeysOf: () => [],
    cacheBytes: 100_000,
    clock: { now: () => now },
    log: { info: () => undefined, warn: () => undefined, error: () => undefined },
  });
  origin = (await service.start()).origin;
});
afterAll(async () => {
  await service.stop();
  await close(node);
});
beforeEach(() => {
  asked.length = 0;
  cacheControl = 'public, max-age=6';
  status = 200;
  held = Promise.resolve();
  now += 1_000_000;
});

const get = async (path: string) => {
  const answer = await fetch(`${origin}${path}`);
  return [answer.status, answer.headers.get('x-cache'), await answer.text()];
};

it('two hundred viewers that wait for one version are one request at the node', async () => {
  hold();
  const path = '/live/a/b/live.m3u8?_HLS_msn=3&_HLS_part=1';
  const answers = Array.from({ length: 200 }, () => get(path));
  while (asked.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  release();
  expect(new Set((await Promise.all(answers)).map(([, , body]) => body)).size).toBe(1);
  expect(await get(path)).toEqual([200, 'HIT', `answer to ${path}`]);
  expect(asked).toEqual([path]);
});

it('parameters make one key, whatever their order', async () => {
  await get('/live/a/b/live.m3u8?_HLS_part=1&_HLS_msn=3');
  expect((await get('/live/a/b/live.m3u8?_HLS_msn=3&_HLS_part=1'))[1]).toBe('HIT');
});

it('a refusal is kept for nobody', async () => {
  status = 400;
  cacheControl = 'no-store';
  expect((await get('/live/a/b/live.m3u8?_HLS_msn=9'))[0]).toBe(400);
  expect((await get('/live/a/b/live.m3u8?_HLS_msn=9'))[0]).toBe(400);
  expect(asked).toHaveLength(2);
});

it('a playlist is asked for again once its time is over', async () => {
  await get('/live/a/b/live.m3u8');
  now += 7000;
  expect((await get('/live/a/b/live.m3u8'))[1]).toBe('MISS');
});

it('a file right behind the prefix goes through without a cache', async () => {
  for (const _ of [1, 2]) expect((await get('/live/a.flv?token=t'))[1]).toBeNull();
  expect(asked).toEqual(['/live/a.flv?token=t', '/live/a.flv?token=t']);
});
