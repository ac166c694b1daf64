import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type ObjectResource, type ObjectStoreServer, objectStoreServer } from '../../../../scripts/emulators/gcs';
import type { BucketSpec } from '../../../../scripts/emulators/gcs/bucket';

const DAY_MS = 86_400_000;
const CORS = {
  origins: ['https://player.example'],
  methods: ['GET'],
  responseHeaders: ['Range', 'Content-Type'],
  maxAgeSeconds: 60,
};
const BUCKETS: readonly BucketSpec[] = [
  {
    name: 'open',
    grants: [{ role: 'roles/storage.legacyObjectReader', member: 'allUsers' }],
    cors: [CORS],
    deleteDaysAfterCustomTime: 1,
  },
  {
    name: 'listed',
    grants: [{ role: 'roles/storage.objectViewer', member: 'allUsers' }],
    cors: [{ ...CORS, origins: ['*'] }],
  },
  { name: 'closed', grants: [{ role: 'roles/storage.objectViewer', member: 'serviceAccount:cdn@local' }] },
];

let server: ObjectStoreServer;
let origin: string;
let now = Date.UTC(2026, 10, 20);
const clock = { now: () => now };

beforeAll(async () => {
  server = objectStoreServer({ port: 0, clock, buckets: BUCKETS });
  origin = (await server.start()).origin;
});
afterAll(() => server.stop());
beforeEach(() => {
  now += 10_000;
});
afterEach(() => server.faults.clear());

const get = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
  fetch(`${origin}${path}`, { headers, method });
const objectPath = (bucket: string, name: string) => `/storage/v1/b/${bucket}/o/${encodeURIComponent(name)}`;

/** One multipart upload, as the client sends it. */
function put(bucket: string, name: string, text: string, json: object = {}): Promise<Response> {
  const parts = [
    `Content-Type: application/json\r\n\r\n${JSON.stringify(json)}`,
    `Content-Type: video/mp2t\r\n\r\n${text}`,
  ];
  const body = `${parts.map((part) => `--B\r\n${part}\r\n`).join('')}--B--`;
  const headers = { 'content-type': 'multipart/related; boundary=B' };
  const url = `${origin}/upload/storage/v1/b/${bucket}/o?uploadType=multipart&name=${encodeURIComponent(name)}`;
  return fetch(url, { method: 'POST', headers, body });
}

describe('one write a second and name', () => {
  it('answers 429 with the error body of Google, until a second is over', async () => {
    await put('open', 'rate', '1');
    now += 999;
    const refused = await put('open', 'rate', '2');
    expect(refused.status).toBe(429);
    expect(await refused.json()).toMatchObject({
      error: { code: 429, errors: [{ domain: 'usageLimits', reason: 'rateLimitExceeded' }] },
    });
    expect((await put('open', 'other', '1')).status).toBe(200);
    now += 1;
    expect((await put('open', 'rate', '3')).status).toBe(200);
  });

  it('counts a change of metadata as a write', async () => {
    await put('open', 'rate', '1');
    const patch = () =>
      fetch(`${origin}${objectPath('open', 'rate')}`, { method: 'PATCH', body: '{"cacheControl":"no-store"}' });
    expect((await patch()).status).toBe(429);
    now += 1000;
    expect((await patch()).status).toBe(200);
  });
});

describe('public reads', () => {
  const shown = (response: Response, ...names: string[]) => names.map((name) => response.headers.get(name));

  it('gives the object with its headers to anyone where allUsers may read', async () => {
    await put('open', 'open/s/a b.ts', 'segment', {
      cacheControl: 'public, max-age=86400, immutable',
      metadata: { durationMs: '2000' },
    });
    const response = await get('/open/open/s/a%20b.ts');
    expect([response.status, await response.text()]).toEqual([200, 'segment']);
    expect(
      shown(response, 'content-type', 'cache-control', 'content-length', 'accept-ranges', 'x-goog-meta-durationms'),
    ).toEqual(['video/mp2t', 'public, max-age=86400, immutable', '7', 'bytes', '2000']);
    expect(shown(response, 'etag', 'last-modified', 'x-goog-generation', 'x-goog-hash')).not.toContain(null);
  });

  it('lets an object without Cache-Control be kept for an hour where it is public', async () => {
    await put('open', 'plain', 'x');
    await put('closed', 'plain', 'x');
    expect(shown(await get('/open/plain'), 'cache-control')).toEqual(['public, max-age=3600']);
    expect(shown(await get('/closed/plain', { authorization: 'Bearer x' }), 'cache-control')).toEqual([
      'private, max-age=0',
    ]);
  });

  it.each([
    ['/closed/plain', 'AccessDenied', 403],
    ['/open/none', 'AccessDenied', 403],
    ['/open/', 'AccessDenied', 403],
    ['/listed/none', 'NoSuchKey', 404],
    ['/nowhere/a', 'NoSuchBucket', 404],
    ['/open/%ff', 'InvalidArgument', 400],
  ])('answers %s with %s, and nobody may keep that', async (path, code, status) => {
    await put('closed', 'plain', 'x');
    const response = await get(path);
    expect([response.status, response.headers.get('cache-control')]).toEqual([status, 'private, max-age=0']);
    expect(await response.text()).toContain(`<Code>${code}</Code>`);
  });

  it('lets a caller with credentials read what is not public', async () => {
    await put('closed', 'gated', 'x');
    expect((await get('/closed/gated', { authorization: 'Bearer token' })).status).toBe(200);
    expect((await get('/closed/none', { authorization: 'Bearer token' })).status).toBe(404);
  });

  it('answers HEAD without a body, and nothing that would write', async () => {
    await put('open', 'head', 'four');
    const head = await get('/open/head', {}, 'HEAD');
    expect([head.status, head.headers.get('content-length'), await head.text()]).toEqual([200, '4', '']);
    expect((await get('/open/head', {}, 'DELETE')).status).toBe(405);
  });

  it('answers 304 to who has it, and ranges', async () => {
    await put('open', 'cond', '0123456789');
    const first = await get('/open/cond');
    const etag = first.headers.get('etag') ?? '';
    expect((await get('/open/cond', { 'if-none-match': etag })).status).toBe(304);
    expect((await get('/open/cond', { 'if-none-match': '"other"' })).status).toBe(200);
    expect((await get('/open/cond', { 'if-modified-since': first.headers.get('last-modified') ?? '' })).status).toBe(
      304,
    );
    const part = await get('/open/cond', { range: 'bytes=2-4' });
    expect([part.status, await part.text(), part.headers.get('content-range')]).toEqual([206, '234', 'bytes 2-4/10']);
    expect((await get('/open/cond', { range: 'bytes=2-4', 'if-range': '"other"' })).status).toBe(200);
    const beyond = await get('/open/cond', { range: 'bytes=10-' });
    expect([beyond.status, beyond.headers.get('content-range')]).toEqual([416, 'bytes */10']);
  });

  it('answers CORS as the bucket is configured, preflights too', async () => {
    await put('open', 'cors', 'x');
    await put('listed', 'cors', 'x');
    const allowed = 'access-control-allow-origin';
    expect(shown(await get('/open/cors', { origin: 'https://player.example' }), allowed, 'vary')).toEqual([
      'https://player.example',
      'Origin',
    ]);
    expect(shown(await get('/open/cors', { origin: 'https://other.example' }), allowed, 'vary')).toEqual([
      null,
      'Origin',
    ]);
    expect(shown(await get('/listed/cors', { origin: 'https://other.example' }), allowed)).toEqual(['*']);
    const ask = (method: string) => ({ origin: 'https://player.example', 'access-control-request-method': method });
    const preflight = await get('/open/cors', ask('GET'), 'OPTIONS');
    expect(shown(preflight, allowed, 'access-control-allow-headers', 'access-control-max-age')).toEqual([
      'https://player.example',
      'Range, Content-Type',
      '60',
    ]);
    expect(shown(await get('/open/cors', ask('PUT'), 'OPTIONS'), allowed)).toEqual([null]);
  });
});

describe('lifecycle', () => {
  it('removes objects a day after their custom time, and no others', async () => {
    const customTime = new Date(now).toISOString();
    await put('open', 'expires', 'x', { customTime });
    await put('open', 'stays', 'x');
    await put('closed', 'expires', 'x', { customTime });
    now += DAY_MS - 1;
    expect(server.sweep()).toBe(0);
    now += 1;
    expect(server.sweep()).toBe(1);
    const statuses = [objectPath('open', 'expires'), objectPath('open', 'stays'), objectPath('closed', 'expires')].map(
      async (path) => (await get(path)).status,
    );
    expect(await Promise.all(statuses)).toEqual([404, 200, 200]);
  });
});

describe('operations', () => {
  it('are counted by class when they succeed', async () => {
    const before = server.operations();
    await put('open', 'counted', 'x');
    await put('open', 'counted', 'too soon');
    await get(objectPath('open', 'counted'));
    await get(objectPath('open', 'none'));
    await get('/open/counted');
    await get('/storage/v1/b/open/o');
    await get(objectPath('open', 'counted'), {}, 'DELETE');
    const after = server.operations();
    expect([after.classA - before.classA, after.classB - before.classB]).toEqual([2, 2]);
    expect(await (await get('/_ops')).json()).toEqual(after);
  });
});

describe('faults', () => {
  it('answer instead of the store, for a while, by operation and name', async () => {
    server.faults.add({ operations: ['objects.insert'], name: /^live\//, status: 503, forMs: 60_000 });
    const refused = await put('open', 'live/a', 'x');
    expect([refused.status, (await get(objectPath('open', 'live/a'))).status]).toEqual([503, 404]);
    expect(await refused.json()).toMatchObject({ error: { code: 503, errors: [{ reason: 'backendError' }] } });
    expect((await put('open', 'vod/a', 'x')).status).toBe(200);
    now += 60_000;
    expect((await put('open', 'live/a', 'x')).status).toBe(200);
  });

  it('end after so many requests, or when they are taken away', async () => {
    server.faults.add({ status: 429, times: 1 });
    const takeAway = server.faults.add({ status: 500, bucket: 'open' });
    const statuses = [];
    for (const _ of [1, 2]) statuses.push((await get('/open/none')).status);
    takeAway();
    statuses.push((await get('/open/none')).status);
    expect(statuses).toEqual([429, 500, 403]);
  });

  it('can break the connection before anything is done, and in the middle of an answer', async () => {
    server.faults.add({ reset: true, times: 1 });
    await expect(put('open', 'reset', 'x')).rejects.toThrow();
    expect((await get('/open/reset')).status).toBe(403);
    await put('open', 'half', 'x'.repeat(1000));
    server.faults.add({ halfAnswer: true, times: 1 });
    const half = await get('/open/half');
    expect([half.status, half.headers.get('content-length')]).toEqual([200, '1000']);
    await expect(half.text()).rejects.toThrow();
    expect(await (await get('/open/half')).text()).toHaveLength(1000);
  });

  it('can lose the answer to what was done', async () => {
    server.faults.add({ loseAnswer: true, times: 1 });
    await expect(put('open', 'lost', 'x')).rejects.toThrow();
    expect((await get('/open/lost')).status).toBe(200);
  });
});

describe('requests that are none', () => {
  const json = { 'content-type': 'multipart/related; boundary=B' };
  const upload = '/upload/storage/v1/b/open/o?name=bad&uploadType=';
  it.each([
    ['GET', '/storage/v1/b/open/unknown', '', 404],
    ['GET', '/storage/v1/b/open/o/%E0%A4%A', '', 400],
    ['GET', '/storage/v1/b/open/o?maxResults=x', '', 400],
    ['PATCH', '/storage/v1/b/open/o/a', '{', 400],
    ['PATCH', '/storage/v1/b/open/o/a', '{"metadata":{"k":1}}', 400],
    ['POST', `${upload}multipart`, 'no parts', 400],
    ['POST', `${upload}multipart`, '--B\r\nno end', 400],
    ['POST', `${upload}unknown`, '', 400],
    ['POST', '/upload/storage/v1/b/open/o?uploadType=media', 'no name', 400],
    ['PUT', `${upload}resumable&upload_id=unknown`, 'x', 404],
  ])('answers %s %s with %j by a JSON error', async (method, path, body, status) => {
    const response = await fetch(`${origin}${path}`, { method, headers: json, ...(method === 'GET' ? {} : { body }) });
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ error: { code: status, message: expect.any(String) } });
  });
});

describe('resumable uploads', () => {
  it('tell how much they have, take what is sent twice once, and can be cancelled', async () => {
    const begin = async () =>
      (
        await fetch(`${origin}/upload/storage/v1/b/open/o?name=resumed&uploadType=resumable`, { method: 'POST' })
      ).headers.get('location') ?? '';
    const send = (url: string, range: string, body: string) =>
      fetch(url, { method: 'PUT', headers: { 'content-range': range }, body });
    const url = await begin();
    expect([
      (await send(url, 'bytes */*', '')).status,
      (await send(url, 'bytes 0-3/*', 'abcd')).headers.get('range'),
    ]).toEqual([308, 'bytes=0-3']);
    const gap = await send(url, 'bytes 6-7/8', 'gh');
    expect([gap.status, gap.headers.get('range')]).toEqual([308, 'bytes=0-3']);
    expect((await send(url, 'bytes 2-7/8', 'cdefgh')).status).toBe(200);
    expect(await (await get('/open/resumed')).text()).toBe('abcdefgh');
    const cancelled = await begin();
    expect((await fetch(cancelled, { method: 'DELETE' })).status).toBe(499);
    expect((await send(cancelled, 'bytes 0-0/1', 'x')).status).toBe(404);
  });
});

describe('the service', () => {
  const started: ObjectStoreServer[] = [];
  const start = async (options: Partial<Parameters<typeof objectStoreServer>[0]>) => {
    const service = objectStoreServer({ port: 0, buckets: BUCKETS, clock, ...options });
    started.push(service);
    return { service, url: await service.start() };
  };
  afterEach(() => Promise.all(started.splice(0).map((service) => service.stop())));

  it('does not start on a port that is taken', async () => {
    const { url } = await start({});
    await expect(start({ port: Number(url.port) })).rejects.toThrow(/in use|is taken/);
  });

  it('tells of every new generation once it can be read', async () => {
    const heard: ObjectResource[] = [];
    const end = server.onFinalized((object) => void heard.push(object));
    await put('open', 'told', 'x', { metadata: { k: 'v' } });
    await put('open', 'told', 'refused');
    end();
    now += 1000;
    await put('open', 'told', 'y');
    expect(heard).toEqual([
      expect.objectContaining({ bucket: 'open', name: 'told', size: '1', metageneration: '1', metadata: { k: 'v' } }),
    ]);
  });

  it('moves what does not fit in memory to a folder that goes with it', async () => {
    const spillFolder = join(mkdtempSync(join(tmpdir(), 'spill-test-')), 'objects');
    const service = objectStoreServer({
      port: 0,
      buckets: BUCKETS,
      spillFolder,
      memoryLimitBytes: 10,
      oneWritePerSecond: false,
    });
    const url = await service.start();
    const upload = (name: string, body: string) =>
      fetch(`${url.origin}/upload/storage/v1/b/open/o?uploadType=media&name=${name}`, { method: 'POST', body });
    await Promise.all(['a', 'b', 'c', 'd'].map((name) => upload(name, name.repeat(6))));
    await upload('a', 'overwritten');
    const texts = await Promise.all(
      ['a', 'b', 'c', 'd'].map(async (name) => (await fetch(`${url.origin}/open/${name}`)).text()),
    );
    expect(texts).toEqual(['overwritten', 'bbbbbb', 'cccccc', 'dddddd']);
    expect(readdirSync(spillFolder)).toHaveLength(1);
    await service.stop();
    expect(readdirSync(spillFolder)).toEqual([]);
    rmSync(dirname(spillFolder), { recursive: true });
  });

  it('stops with requests under way, and twice', async () => {
    const { service, url } = await start({});
    service.faults.add({ delayMs: 3_600_000 });
    const waiting = fetch(`${url.origin}/open/a`);
    const idle = connect(Number(url.port), '127.0.0.1').on('error', () => undefined);
    await new Promise((resolve) => idle.once('connect', resolve));
    const ended = expect(waiting).rejects.toThrow();
    await service.stop();
    await service.stop();
    await ended;
    idle.destroy();
  });
});
