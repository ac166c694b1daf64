import { createServer, type IncomingMessage, type Server } from 'node:http';
import { OBJECT_KINDS } from '../../../../functions/contract/objects/cache';
import type { SigningKey } from '../../../../functions/contract/signing-keys';
import {
  CDN_COOKIE,
  signCookie,
  signPrefixQuery,
  signUrl,
  urlPrefix,
} from '../../../../functions/core/signing/sign-request';
import { close, listen } from '../../../../scripts/emulators/server/listen';
import type { LocalService } from '../../../../scripts/emulators/server/local-service';
import { edgeServer } from '../../../../scripts/local/edge/server';
import { FOREIGN, NEWEST, OLDER } from '../../../support/signing-keys';

/** A private bucket: 403 for anyone, and for who has credentials the object or a 404. */
const objects = new Map<string, { body: string; cacheControl: string }>();
const asked: IncomingMessage[] = [];

const STREAM = '/gated/p/abcdefgh01234567/';
const PLAYLIST = `${STREAM}index.m3u8`;
const SEGMENTS = '/gated/s/abcdefgh01234567/';
const SEGMENT = `${SEGMENTS}1-aaaaaaaa/source/0.ts`;

const backend = (name: string, signedMaxAgeSeconds: number) => ({
  name,
  bucket: 'gated',
  cacheMode: 'USE_ORIGIN_HEADERS',
  negativeCaching: false,
  requestCoalescing: true,
  serveWhileStaleSeconds: 0,
  signedMaxAgeSeconds,
  responseHeaders: ['X-Cache: {cdn_cache_status}'],
});

let keys: SigningKey[];
let now = 1_700_000_000_000;
let store: Server;
let service: LocalService;
let origin: string;

beforeAll(async () => {
  store = createServer((request, response) => {
    asked.push(request);
    const object = objects.get(request.url ?? '');
    if (request.headers.authorization === undefined) return void response.writeHead(403).end('AccessDenied');
    if (object === undefined)
      return void response.writeHead(404, { 'cache-control': 'private, max-age=0' }).end('NoSuchKey');
    response.writeHead(200, { 'cache-control': object.cacheControl, etag: `"${object.body}"` }).end(object.body);
  });
  const storePort = await listen(store, 0, 'store');
  const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
  service = edgeServer({
    port: 0,
    edge: {
      backendBuckets: [backend('playlists', 1), backend('segments', 300)],
      routes: [
        { pathPrefix: '/gated/p/', target: { kind: 'bucket', backend: 'playlists' } },
        { pathPrefix: '/gated/s/', target: { kind: 'bucket', backend: 'segments' } },
      ],
      fallback: { kind: 'bucket', backend: 'playlists' },
    },
    buckets: [{ name: 'gated', cors: [], loadBalancerReads: false, grants: [] }],
    store: new URL(`http://127.0.0.1:${storePort}`),
    functionPort: () => 9,
    nodePort: 1,
    signingKeysOf: () => keys,
    cacheBytes: 1 << 20,
    clock: { now: () => now },
    log,
  });
  origin = (await service.start()).origin;
});
afterAll(async () => {
  await service.stop();
  await close(store);
});
beforeEach(() => {
  keys = [NEWEST, OLDER];
  objects.clear();
  asked.length = 0;
  now += 1_000_000;
  objects.set(`/gated${PLAYLIST}`, { body: 'playlist', cacheControl: OBJECT_KINDS.playlist.cacheControl });
  objects.set(`/gated${SEGMENT}`, { body: 'segment', cacheControl: OBJECT_KINDS.segment.cacheControl });
});

const expires = (seconds = 60): number => Math.floor(now / 1000) + seconds;
const query = (path: string, key = NEWEST): string =>
  signPrefixQuery(urlPrefix(origin, path), { key, expires: expires() });
const cookie = (path: string, key = NEWEST): string =>
  `${CDN_COOKIE}=${signCookie(urlPrefix(origin, path), { key, expires: expires() })}`;
const get = async (target: string, headers: Record<string, string> = {}) => {
  const response = await fetch(`${origin}${target}`, { headers });
  return {
    status: response.status,
    body: await response.text(),
    cache: response.headers.get('x-cache'),
    headers: response.headers,
  };
};

describe('a gated stream at the edge', () => {
  it('is 403 for an unsigned request, also while a signed answer is in the cache', async () => {
    expect((await get(PLAYLIST)).status).toBe(403);
    expect((await get(PLAYLIST, { cookie: cookie(STREAM) })).body).toBe('playlist');
    expect((await get(PLAYLIST)).status).toBe(403);
    expect((await get(PLAYLIST, { cookie: cookie(STREAM) })).cache).toBe('HIT');
  });

  it('plays with the cookie, with the prefix in the query, and with a signed URL', async () => {
    expect(await get(PLAYLIST, { cookie: cookie(STREAM) })).toMatchObject({ status: 200, body: 'playlist' });
    expect(await get(`${PLAYLIST}?${query(STREAM)}`)).toMatchObject({ status: 200, body: 'playlist' });
    expect(await get(`${SEGMENT}?${query(SEGMENTS)}&x=1`)).toMatchObject({ status: 200, body: 'segment' });
    const url = new URL(signUrl(`http://127.0.0.1${SEGMENT}?v=1`, { key: NEWEST, expires: expires() }));
    expect(await get(`${url.pathname}${url.search}`)).toMatchObject({ status: 200, body: 'segment' });
  });

  it.each<[string, () => string | undefined, () => string | undefined]>([
    [
      'a signature of another stream',
      () => query('/gated/p/zzzzzzzzzzzzzzzz/'),
      () => cookie('/gated/p/zzzzzzzzzzzzzzzz/'),
    ],
    ['a signature for the segments', () => query(SEGMENTS), () => cookie(SEGMENTS)],
    ['a key nobody has', () => query(STREAM, FOREIGN), () => cookie(STREAM, FOREIGN)],
    ['a stranger under the name of a key', () => query(STREAM, { ...FOREIGN, name: 'key-2' }), () => undefined],
    ['a prefix that leaves the path', () => query('/gated/p/abcdefgh01234567/../'), () => undefined],
    ['nothing but the name of the cookie', () => undefined, () => `${CDN_COOKIE}=`],
  ])('refuses %s, and keeps no such answer', async (_name, signedQuery, signedCookie) => {
    for (const target of [signedQuery()].filter((one) => one !== undefined)) {
      const refused = await get(`${PLAYLIST}?${target}`);
      expect([refused.status, refused.headers.get('cache-control')]).toEqual([403, 'no-store']);
    }
    for (const header of [signedCookie()].filter((one) => one !== undefined))
      expect((await get(PLAYLIST, { cookie: header })).status).toBe(403);
    expect(asked).toEqual([]);
  });

  it('ends when the signature expires, though the object is in the cache', async () => {
    const signed = `${SEGMENT}?${query(SEGMENTS)}`;
    expect((await get(signed)).status).toBe(200);
    now += 59_000;
    expect(await get(signed)).toMatchObject({ status: 200, cache: 'HIT' });
    now += 1_000;
    expect((await get(signed)).body).toContain('Expires');
  });

  it('is not left by dots in the path', async () => {
    const outside = `${STREAM}%2e%2e/zzzzzzzzzzzzzzzz/index.m3u8?${query(STREAM)}`;
    expect((await get(outside)).body).toContain('URLPrefix');
  });

  it('follows a rotation: both keys while both are live, then the new one only', async () => {
    keys = [OLDER];
    const before = `${PLAYLIST}?${query(STREAM, OLDER)}`;
    keys = [NEWEST, OLDER];
    expect([(await get(before)).status, (await get(`${PLAYLIST}?${query(STREAM)}`)).status]).toEqual([200, 200]);
    keys = [NEWEST];
    expect([(await get(before)).status, (await get(`${PLAYLIST}?${query(STREAM)}`)).status]).toEqual([403, 200]);
  });

  it("keeps signed answers by the backend's own lifetime, and leaves their headers alone", async () => {
    const signed = { cookie: cookie(SEGMENTS) };
    const first = await get(SEGMENT, signed);
    expect(first.headers.get('cache-control')).toBe(OBJECT_KINDS.segment.cacheControl);
    now += 30_000;
    expect((await get(SEGMENT, signed)).cache).toBe('HIT');
    now += 270_000;
    expect((await get(SEGMENT, { cookie: cookie(SEGMENTS) })).cache).not.toBe('HIT');
    now += 1_000_000;
    await get(PLAYLIST, { cookie: cookie(STREAM) });
    now += 999;
    expect((await get(PLAYLIST, { cookie: cookie(STREAM) })).cache).toBe('HIT');
    now += 1;
    expect((await get(PLAYLIST, { cookie: cookie(STREAM) })).cache).not.toBe('HIT');
  });

  it('keeps what the object would forbid, and a 404 too: for playlists a second', async () => {
    objects.set(`/gated${STREAM}private.m3u8`, { body: 'x', cacheControl: 'no-store' });
    for (const cache of ['MISS', 'HIT'])
      expect((await get(`${STREAM}private.m3u8`, { cookie: cookie(STREAM) })).cache).toBe(cache);
    const later = `${STREAM}later.m3u8`;
    expect((await get(later, { cookie: cookie(STREAM) })).status).toBe(404);
    objects.set(`/gated${later}`, { body: 'here', cacheControl: 'public, max-age=1' });
    expect((await get(later, { cookie: cookie(STREAM) })).status).toBe(404);
    now += 1000;
    expect((await get(later, { cookie: cookie(STREAM) })).body).toBe('here');
  });

  it('takes no notice of signatures where a backend has no keys', async () => {
    keys = [];
    expect((await get(`${PLAYLIST}?Signature=x`)).body).toBe('AccessDenied');
  });
});
