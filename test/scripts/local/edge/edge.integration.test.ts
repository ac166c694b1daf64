import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { OBJECT_KINDS } from '../../../../functions/contract/objects/cache';
import { close, listen } from '../../../../scripts/emulators/server/listen';
import type { LocalService } from '../../../../scripts/emulators/server/local-service';
import type { BucketBlueprint, EdgeBlueprint } from '../../../../scripts/local/blueprint/blueprint';
import { edgeServer } from '../../../../scripts/local/edge/server';

/** A bucket's objects as the store serves them to anyone; counts what is asked, and can be made slow. */
const objects = new Map<string, { body: string; cacheControl: string; contentType: string; etag: string }>();
const asked: { path: string; headers: IncomingMessage['headers'] }[] = [];
let gate: Promise<void> = Promise.resolve();

async function serveObject(request: IncomingMessage, response: ServerResponse): Promise<void> {
  asked.push({ path: request.url ?? '', headers: request.headers });
  await gate;
  const object = objects.get(request.url ?? '');
  if (request.url?.startsWith('/private/')) return void response.writeHead(403).end('AccessDenied');
  if (object === undefined)
    return void response.writeHead(404, { 'cache-control': 'private, max-age=0' }).end('NoSuchKey');
  const headers = { 'cache-control': object.cacheControl, 'content-type': object.contentType, etag: object.etag };
  if (request.headers['if-none-match'] === object.etag) return void response.writeHead(304, headers).end();
  response.writeHead(200, { ...headers, 'x-goog-generation': '7' }).end(object.body);
}

const put = (
  name: string,
  body: string,
  kind: keyof typeof OBJECT_KINDS | { cacheControl: string; contentType: string },
): void => {
  objects.set(`/open-bucket/${name}`, {
    body,
    etag: `"${body}"`,
    ...(typeof kind === 'string' ? OBJECT_KINDS[kind] : kind),
  });
};

const backend = (name: string, bucket: string) => ({
  name,
  bucket,
  cacheMode: 'USE_ORIGIN_HEADERS',
  negativeCaching: false,
  requestCoalescing: true,
  serveWhileStaleSeconds: 0,
  signedMaxAgeSeconds: 60,
  responseHeaders: ['X-Cache: {cdn_cache_status}'],
});
const edge: EdgeBlueprint = {
  backendBuckets: [
    backend('open-media', 'open-bucket'),
    backend('gated-media', 'private'),
    { ...backend('pages', 'pages'), compresses: true },
  ],
  routes: [
    { pathPrefix: '/gated/', target: { kind: 'bucket', backend: 'gated-media' } },
    { pathPrefix: '/open/', target: { kind: 'bucket', backend: 'open-media' } },
    { before: '/api/v1/streams/', after: '/chat', target: { kind: 'function', function: 'chat' } },
    { pathPrefix: '/api/', target: { kind: 'function', function: 'api' } },
    { pathPrefix: '/live/', target: { kind: 'nodes', timeoutSeconds: 30 } },
    {
      path: '/watch.html',
      target: { kind: 'bucket', backend: 'pages' },
      responseHeaders: { 'Referrer-Policy': 'no-referrer' },
    },
    {
      pathPrefix: '/',
      target: { kind: 'bucket', backend: 'pages' },
      responseHeaders: { 'X-Frame-Options': 'DENY' },
      errorPage: { replaces: [403, 404], path: '/404.html', status: 404 },
    },
  ],
  responseHeaders: { 'X-Content-Type-Options': 'nosniff' },
  fallback: { kind: 'bucket', backend: 'pages' },
};
const cors = [
  { origins: ['*'], methods: ['GET', 'HEAD'], responseHeaders: ['Content-Length', 'X-Cache'], maxAgeSeconds: 3600 },
];
const buckets: BucketBlueprint[] = [
  { name: 'open-bucket', cors, loadBalancerReads: true, grants: [] },
  { name: 'private', cors: [], loadBalancerReads: false, grants: [] },
  { name: 'pages', cors: [], loadBalancerReads: true, grants: [], indexPage: 'index.html' },
];

const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
let now = 1_000_000;
let store: Server;
let api: Server;
let chat: Server;
let service: LocalService;
let origin: string;
const viaApi: IncomingMessage['headers'][] = [];

beforeAll(async () => {
  store = createServer((request, response) => void serveObject(request, response));
  api = createServer((request, response) => {
    viaApi.push(request.headers);
    response.writeHead(201, { 'content-type': 'application/json' });
    request.pipe(response);
  });
  chat = createServer((_request, response) => response.writeHead(202).end());
  const chatPort = await listen(chat, 0, 'chat');
  const storePort = await listen(store, 0, 'store');
  const apiPort = await listen(api, 0, 'api');
  service = edgeServer({
    port: 0,
    edge,
    buckets,
    store: new URL(`http://127.0.0.1:${storePort}`),
    functionPort: (name) => (name === 'chat' ? chatPort : apiPort),
    nodePort: apiPort,
    signingKeysOf: () => [],
    cacheBytes: 20_000,
    clock: { now: () => now },
    log,
  });
  origin = (await service.start()).origin;
});
afterAll(async () => {
  await service.stop();
  await Promise.all([close(store), close(api), close(chat)]);
});
beforeEach(() => {
  objects.clear();
  asked.length = 0;
  now += 1_000_000_000;
});

const get = (path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Response> =>
  fetch(`${origin}${path}`, { headers, method });
const cacheOf = async (path: string): Promise<string | null> => {
  const response = await get(path);
  await response.arrayBuffer();
  return response.headers.get('x-cache');
};

describe('headers of the URL map', () => {
  it.each([
    ['/watch.html', 'no-referrer', null],
    ['/index.html', null, 'DENY'],
    ['/watch.html.old', null, 'DENY'],
    ['/open/p/a/index.m3u8', null, null],
    ['/api/v1/x', null, null],
  ])('stand on %s, cached or not, by the first route that matches', async (path, referrer, frame) => {
    objects.set(`/pages${path}`, { body: 'page', etag: '"page"', ...OBJECT_KINDS.segment });
    for (const _ of [1, 2]) {
      const { headers } = await get(path);
      expect(['x-content-type-options', 'referrer-policy', 'x-frame-options'].map((name) => headers.get(name))).toEqual(
        [...['nosniff', referrer, frame]],
      );
    }
  });
});

describe('a page', () => {
  const body = 'let x;'.repeat(500);
  beforeEach(() => {
    const kind = { cacheControl: 'public, max-age=60', contentType: 'text/javascript; charset=utf-8' };
    objects.set('/pages/a.js', { body, etag: '"a"', ...kind });
    objects.set('/pages/small.js', { body: 'small', etag: '"small"', ...kind });
  });
  const asking = async (path: string, encoding: string, more: Record<string, string> = {}) =>
    get(path, { 'accept-encoding': encoding, ...more });

  it('comes by gzip for a client that takes it, cached or not, with a weak tag that is found again', async () => {
    for (const _ of [1, 2]) {
      const answer = await asking('/a.js', 'gzip, br');
      expect([answer.headers.get('content-encoding'), answer.headers.get('vary')]).toEqual(['gzip', 'Accept-Encoding']);
      expect(Number(answer.headers.get('content-length'))).toBeLessThan(200);
      expect(await answer.text()).toBe(body);
    }
    expect((await asking('/a.js', 'gzip', { 'if-none-match': 'W/"a"' })).status).toBe(304);
  });

  it.each([
    ['for a client that takes none', '/a.js', 'identity'],
    ['where it is small', '/small.js', 'gzip'],
  ])('comes as it is %s', async (_when, path, encoding) => {
    expect((await asking(path, encoding)).headers.get('content-encoding')).toBeNull();
  });

  it('comes as it is in parts', async () => {
    const answer = await asking('/a.js', 'gzip', { range: 'bytes=0-5' });
    expect([answer.status, answer.headers.get('content-encoding'), await answer.text()]).toEqual([206, null, 'let x;']);
  });
});

describe('a page that does not exist', () => {
  const page = { body: 'There is no page at this address', etag: '"404"', contentType: 'text/html' };

  it.each(['/docs', '/a/b/', '/favicon.ico', '/%3Cscript%3E'])(
    'is answered with the page for it at %s',
    async (path) => {
      objects.set('/pages/404.html', { ...OBJECT_KINDS.segment, ...page });
      for (const _ of [1, 2]) {
        const answer = await get(path);
        expect([answer.status, await answer.text()]).toEqual([404, page.body]);
        expect(answer.headers.get('x-frame-options')).toBe('DENY');
      }
      expect((await get(path, {}, 'HEAD')).status).toBe(404);
      objects.set(`/pages${path}`, { body: 'page', etag: '"page"', ...OBJECT_KINDS.segment });
      expect((await get(path.endsWith('/') ? `${path}index.html` : path)).status).toBe(path.endsWith('/') ? 404 : 200);
    },
  );

  it('leaves the answers for media and of the API as they are', async () => {
    objects.set('/pages/404.html', { ...OBJECT_KINDS.segment, ...page });
    expect(await (await get('/open/p/nothing/index.m3u8')).text()).not.toContain(page.body);
    expect((await get('/api/v1/nothing')).status).toBe(201);
  });

  it('is what Cloud Storage says while the bucket has no page for it', async () => {
    expect([403, 404]).toContain((await get('/docs')).status);
  });
});

it('a request for media of the nodes goes to a node, with the address of the viewer', async () => {
  viaApi.length = 0;
  expect((await get('/live/abcdefgh01234567.flv?token=slp_x')).status).toBe(201);
  expect(viaApi).toMatchObject([{ 'x-forwarded-for': '127.0.0.1', via: '1.1 google' }]);
  expect(asked).toEqual([]);
});

describe('the cache of the edge', () => {
  it('serves a segment from the cache the second time, with its own headers and an age', async () => {
    put('open/s/a/1.ts', 'segment', 'segment');
    expect(await cacheOf('/open/s/a/1.ts')).toBe('MISS');
    now += 5_500;
    const second = await get('/open/s/a/1.ts?other=query');
    expect(await second.text()).toBe('segment');
    expect(Object.fromEntries(second.headers)).toMatchObject({
      'x-cache': 'HIT',
      age: '5',
      'cache-control': 'public, max-age=86400, immutable',
      'content-type': 'video/mp2t',
      'content-length': '7',
      'x-goog-generation': '7',
    });
    expect(asked).toHaveLength(1);
  });

  it('asks again for a playlist after one second, by its entity tag', async () => {
    put('open/p/a/index.m3u8', 'one', 'playlist');
    expect(await cacheOf('/open/p/a/index.m3u8')).toBe('MISS');
    now += 999;
    expect(await cacheOf('/open/p/a/index.m3u8')).toBe('HIT');
    now += 1;
    const again = await get('/open/p/a/index.m3u8');
    expect([await again.text(), again.headers.get('x-cache')]).toEqual(['one', 'REVALIDATED']);
    expect(asked[1]?.headers['if-none-match']).toBe('"one"');
    expect(await cacheOf('/open/p/a/index.m3u8')).toBe('HIT');
    now += 1000;
    put('open/p/a/index.m3u8', 'two', 'playlist');
    expect(await (await get('/open/p/a/index.m3u8')).text()).toBe('two');
  });

  it.each([
    ['public, max-age=60, s-maxage=1', 1],
    ['public, max-age=2', 2],
    ['s-maxage=3, max-age=1', 3],
  ])('keeps an object with %s for %i seconds', async (cacheControl, seconds) => {
    put('open/s/kept', 'x', { cacheControl, contentType: 'text/plain' });
    await cacheOf('/open/s/kept');
    now += seconds * 1000 - 1;
    expect(await cacheOf('/open/s/kept')).toBe('HIT');
    now += 1;
    expect(await cacheOf('/open/s/kept')).toBe('REVALIDATED');
  });

  it.each(['no-store', 'private, max-age=60', 'public, no-cache', 'public', 'public, max-age=0'])(
    'keeps nothing with %s',
    async (cacheControl) => {
      put('open/s/not-kept', 'x', { cacheControl, contentType: 'text/plain' });
      expect([await cacheOf('/open/s/not-kept'), await cacheOf('/open/s/not-kept')]).toEqual(['MISS', 'MISS']);
    },
  );

  it('never keeps a 404: an object is there the moment it is written', async () => {
    expect((await get('/open/s/later')).status).toBe(404);
    put('open/s/later', 'here', 'segment');
    expect(await (await get('/open/s/later')).text()).toBe('here');
  });

  it('hands an unsigned request for a private bucket on, and its 403 back, uncached', async () => {
    const statuses = [(await get('/gated/s/x')).status, (await get('/gated/s/x')).status];
    expect([statuses, asked.map(({ path }) => path)]).toEqual([
      [403, 403],
      ['/private/gated/s/x', '/private/gated/s/x'],
    ]);
  });

  it('forgets the least recently used when it is full', async () => {
    for (const name of ['a', 'b', 'c']) put(`open/s/${name}`, name.repeat(8000), 'segment');
    await cacheOf('/open/s/a');
    await cacheOf('/open/s/b');
    await cacheOf('/open/s/a');
    await cacheOf('/open/s/c');
    expect(await cacheOf('/open/s/a')).toBe('HIT');
    expect(await cacheOf('/open/s/b')).toBe('MISS');
  });
});

describe('many viewers at once', () => {
  const hold = (): (() => void) => {
    let open = (): void => undefined;
    gate = new Promise((resolve) => {
      open = resolve;
    });
    return open;
  };
  const arrived = async (count: number): Promise<void> => {
    while (asked.length < count) await new Promise((resolve) => setImmediate(resolve));
  };

  it('asks the bucket once for all of them', async () => {
    put('open/s/wanted', 'x', 'segment');
    const open = hold();
    const answers = Array.from({ length: 20 }, () => cacheOf('/open/s/wanted'));
    await arrived(1);
    open();
    const statuses = await Promise.all(answers);
    expect(asked).toHaveLength(1);
    expect(statuses.filter((status) => status === 'MISS')).toHaveLength(1);
  });

  it('shares no 404 with those who waited for it', async () => {
    const open = hold();
    const first = get('/open/s/soon');
    await arrived(1);
    const second = get('/open/s/soon');
    await get('/open/s/other-object-to-let-the-second-arrive', {}, 'OPTIONS');
    open();
    expect([(await first).status, (await second).status, asked.length]).toEqual([404, 404, 2]);
  });
});

describe('parts of an object', () => {
  const segment = '/open/s/parts';
  beforeEach(() => put('open/s/parts', '0123456789', 'segment'));

  it.each([
    ['bytes=0-3', '0123', 'bytes 0-3/10'],
    ['bytes=7-', '789', 'bytes 7-9/10'],
    ['bytes=-2', '89', 'bytes 8-9/10'],
    ['bytes=8-99', '89', 'bytes 8-9/10'],
  ])('answers %s', async (range, body, contentRange) => {
    const response = await get(segment, { range });
    expect([response.status, await response.text(), response.headers.get('content-range')]).toEqual([
      206,
      body,
      contentRange,
    ]);
  });

  it.each(['bytes=0-1,4-5', 'bytes=5-2', 'lines=1-2'])('answers %s with everything', async (range) => {
    const response = await get(segment, { range });
    expect([response.status, await response.text()]).toEqual([200, '0123456789']);
  });

  it('answers 416 for a range behind the end', async () => {
    const response = await get(segment, { range: 'bytes=10-' });
    expect([response.status, response.headers.get('content-range')]).toEqual([416, 'bytes */10']);
  });

  it('answers the whole object when If-Range names another version', async () => {
    expect((await get(segment, { range: 'bytes=0-3', 'if-range': '"other"' })).status).toBe(200);
  });

  it('answers 304 to a viewer who has it', async () => {
    const response = await get(segment, { 'if-none-match': '"else", W/"0123456789"' });
    expect([response.status, response.headers.get('etag'), response.headers.get('cache-control')]).toEqual([
      304,
      '"0123456789"',
      'public, max-age=86400, immutable',
    ]);
  });

  it('answers HEAD with the length and no body', async () => {
    const response = await get(segment, {}, 'HEAD');
    expect([response.status, response.headers.get('content-length'), await response.text()]).toEqual([200, '10', '']);
  });
});

describe('the edge', () => {
  it('adds the CORS headers of the bucket, only for pages', async () => {
    put('open/s/cors', 'x', 'segment');
    const page = await get('/open/s/cors', { origin: 'https://player.example' });
    expect(Object.fromEntries(page.headers)).toMatchObject({
      'access-control-allow-origin': '*',
      'access-control-expose-headers': 'Content-Length, X-Cache',
    });
    expect((await get('/open/s/cors')).headers.has('access-control-allow-origin')).toBe(false);
  });

  it('answers a preflight without asking the bucket', async () => {
    const response = await get('/open/s/x', { origin: 'https://a', 'access-control-request-method': 'GET' }, 'OPTIONS');
    expect([response.status, response.headers.get('access-control-allow-methods'), asked.length]).toEqual([
      200,
      'GET, HEAD',
      0,
    ]);
  });

  it('refuses to write', async () => {
    expect((await get('/open/s/x', {}, 'PUT')).status).toBe(405);
  });

  it('routes the API to its function, saying where the request came from', async () => {
    const response = await fetch(`${origin}/api/v1/streams`, { method: 'POST', body: 'hello' });
    expect([response.status, await response.text()]).toEqual([201, 'hello']);
    expect(viaApi.at(-1)).toMatchObject({ 'x-forwarded-proto': 'http', 'x-forwarded-host': new URL(origin).host });
  });

  it('routes one segment between two parts of a path, and nothing beside it', async () => {
    const statusOf = async (path: string) =>
      (await fetch(`${origin}/api/v1/streams${path}`, { method: 'POST' })).status;
    expect(await statusOf('/abcdefgh01234567/chat')).toBe(202);
    expect(await statusOf('/abcdefgh01234567/chat?x=1')).toBe(202);
    for (const beside of ['/a/chat/tokens', '/a/b/chat', '/chat', '//chat', '/a/chats', '/a/achat'])
      expect([beside, await statusOf(beside)]).toEqual([beside, 201]);
  });

  it('routes everything else to the pages, .. resolved first, a folder to its index', async () => {
    for (const name of ['watch.html', 'index.html'])
      objects.set(`/pages/${name}`, {
        body: name,
        etag: `"${name}"`,
        cacheControl: 'public, max-age=60',
        contentType: 'text/html',
      });
    expect(await (await get('/open/%2e%2e/watch.html')).text()).toBe('watch.html');
    expect(await (await get('/')).text()).toBe('index.html');
  });

  it('answers 502 when the bucket does not answer', async () => {
    const lonely = edgeServer({
      port: 0,
      edge,
      buckets,
      store: new URL('http://127.0.0.1:9'),
      functionPort: () => 9,
      nodePort: 1,
      signingKeysOf: () => [],
      cacheBytes: 1000,
      clock: { now: () => now },
      log,
    });
    const url = await lonely.start();
    expect((await fetch(new URL('/open/s/x', url))).status).toBe(502);
    await lonely.stop();
  });

  it.each([
    ['cacheMode', 'FORCE_CACHE_ALL', 'cache mode FORCE_CACHE_ALL'],
    ['negativeCaching', true, 'negative caching'],
    ['serveWhileStaleSeconds', 60, 'serve_while_stale'],
  ])('refuses a backend with %s %s, which it does not imitate', (setting, value, named) => {
    const odd: EdgeBlueprint = {
      ...edge,
      backendBuckets: [{ ...backend('open-media', 'open-bucket'), [setting]: value }],
    };
    const create = () =>
      edgeServer({
        port: 0,
        edge: odd,
        buckets,
        store: new URL('http://store'),
        functionPort: () => 1,
        nodePort: 1,
        signingKeysOf: () => [],
        cacheBytes: 1,
        clock: { now: () => 0 },
        log,
      });
    expect(create).toThrow(`backend bucket open-media: the local edge does not imitate ${named}`);
  });
});
