import type { MemoryObjectStore } from '../../../functions/adapters/memory/object-store';
import { randomId } from '../../../functions/adapters/system';
import { takenDownMark } from '../../../functions/contract/objects/layout';
import { sha256Hex } from '../../../functions/core/signing/hash';
import { ADMIN_KEY, type ApiRig, apiRig, withDeps } from '../../support/api-rig';
import { nodeOf, publishedStream, reported, STREAM_ID, sessionOf, streamOf } from '../../support/streams';

const NOWHERE = 'zzzzzzzzzzzzzzzz';

describe('api', () => {
  let rig: ApiRig;
  let { deps, buckets, lines }: ApiRig = apiRig();

  beforeEach(() => {
    rig = apiRig();
    ({ deps, buckets, lines } = rig);
  });
  afterEach(() => expect(lines.join('\n')).not.toMatch(/sk_[a-z2-7]{16}|admin-key/));

  const ask = (method: string, path: string, headers?: Record<string, string>, body?: unknown) =>
    rig.ask(method, path, { ...(headers && { headers }), body });
  const json = async (answer: Promise<Response>) => (await answer).json();
  const create = (body: unknown = { title: 'a stream' }) => ask('POST', '/streams', undefined, body);

  describe('POST /streams', () => {
    it('answers the stream with its key', async () => {
      const answer = await create();
      expect(answer.status).toBe(201);
      const made = await answer.json();
      expect(made).toEqual({
        id: expect.stringMatching(/^[a-z0-9]{16}$/),
        key: expect.stringMatching(/^sk_[a-z2-7]{32}$/),
        title: 'a stream',
        packaging: 'ts',
        ladder: 'none',
        latency: 'normal',
        encryption: 'none',
        edges: 'none',
        hotBackup: false,
        status: 'idle',
        chat: { enabled: false, slowSeconds: 0, retentionHours: 24 },
        policy: 'open',
        recording: true,
        reconnectWindowSeconds: 60,
        dvrWindowSeconds: 30,
        metadata: {},
        createdAt: '2026-11-20T10:00:00.000Z',
        ingest: {
          rtmp: { server: 'rtmp://ingest.example.com/live', streamKey: `${made.id}?key=${made.key}` },
          rtmps: { server: 'rtmps://rtmps.live.example.com/live', streamKey: `${made.id}?key=${made.key}` },
          whip: { url: `https://live.example.com/api/v1/whip/${made.id}` },
          webrtc: { url: `webrtc://live.example.com/live/${made.id}?key=${made.key}` },
        },
        playback: {
          hls: `https://live.example.com/open/p/${made.id}/index.m3u8`,
          whep: `https://live.example.com/api/v1/whep/${made.id}`,
          webrtc: `webrtc://live.example.com/live/${made.id}`,
          flv: `https://live.example.com/live/${made.id}.flv`,
        },
      });
      expect(answer.headers.get('location')).toBe(`/api/v1/streams/${made.id}`);
      expect(answer.headers.get('cache-control')).toBe('no-store');
    });

    it('keeps the hash of the key only', async () => {
      const { id, key } = await json(create());
      const stream = await deps.streamStore.getStream(id);
      expect(stream?.keyHash).toBe(sha256Hex(key));
      expect(JSON.stringify(stream)).not.toContain(key);
    });

    it('takes every setting', async () => {
      const wanted = {
        title: 't',
        policy: 'gated',
        recording: false,
        reconnectWindowSeconds: 0,
        dvrWindowSeconds: 3600,
      };
      const made = await json(create(wanted));
      expect(made).toMatchObject(wanted);
      expect(made.playback.hls).toContain('/gated/p/');
    });

    it('gives CMAF and a ladder to streams that ask for them, and MPEG-TS to the others', async () => {
      expect(await json(create())).toMatchObject({ packaging: 'ts', ladder: 'none' });
      const made = await json(create({ title: 't', packaging: 'cmaf', ladder: 'sd' }));
      expect(made).toMatchObject({ packaging: 'cmaf', ladder: 'sd' });
      expect(made.playback.dash).toBeUndefined();
    });

    it('gives low latency, with its address, to open streams as long as they ask for it', async () => {
      const { id, ...made } = await json(create({ title: 't', latency: 'low' }));
      expect([made.latency, made.playback.lowLatencyHls]).toEqual([
        'low',
        `https://live.example.com/live/${id}/index.m3u8`,
      ]);
      const changed = await json(rig.ask('PATCH', `/streams/${id}`, { body: { latency: 'normal' } }));
      expect([changed.latency, changed.playback.lowLatencyHls]).toEqual(['normal', undefined]);
      const gated = await json(create({ title: 't', policy: 'gated' }));
      const refused = await rig.ask('PATCH', `/streams/${gated.id}`, { body: { latency: 'low' } });
      expect([refused.status, (await refused.json()).detail]).toEqual([
        422,
        expect.stringContaining("latency: got 'low', must be 'normal' because the policy is 'gated'"),
      ]);
    });

    it('refuses a packaging the nodes of this environment have no program for', async () => {
      withDeps(rig, { packaging: { cmaf: false, ladders: false, default: { packaging: 'ts', ladder: 'none' } } });
      const answer = await create({ title: 't', packaging: 'cmaf' });
      expect(answer.status).toBe(422);
      expect((await answer.json()).detail).toContain("packaging: got 'cmaf', must be 'ts'");
    });

    it.each<[string, unknown, string]>([
      ['no title', {}, 'title: Invalid input: expected string'],
      ['an empty title', { title: '  ' }, 'title: Too small'],
      ['a title of 201 characters', { title: 'x'.repeat(201) }, 'title: Too big'],
      ['an unknown field', { title: 't', key: 'mine' }, 'body: Unrecognized key: "key"'],
      ['an unknown policy', { title: 't', policy: 'secret' }, 'policy: Invalid option'],
      ['a window that is text', { title: 't', reconnectWindowSeconds: '60' }, 'reconnectWindowSeconds: Invalid input'],
      [
        'a window of half an hour and a second',
        { title: 't', reconnectWindowSeconds: 1801 },
        'reconnectWindowSeconds: Too big',
      ],
      ['a DVR window of 9 s', { title: 't', dvrWindowSeconds: 9 }, 'dvrWindowSeconds: Too small'],
      [
        'a DVR window that is no whole number',
        { title: 't', dvrWindowSeconds: 10.5 },
        'dvrWindowSeconds: Invalid input',
      ],
      [
        'a ladder of ts',
        { title: 't', packaging: 'ts', ladder: 'sd' },
        "ladder: got 'sd', must be 'none' because packaging is 'ts'",
      ],
      [
        'low latency of a gated stream',
        { title: 't', policy: 'gated', latency: 'low' },
        "latency: got 'low', must be 'normal' because the policy is 'gated'",
      ],
      ['text', '"a stream"', 'body: Invalid input: expected object'],
    ])('refuses %s, naming it', async (_name, body, detail) => {
      const answer = await create(body);
      expect(answer.status).toBe(422);
      const problem = await answer.json();
      expect(problem).toMatchObject({
        code: 'invalid_field',
        errors: [{ field: detail.split(':')[0] }],
        requestId: answer.headers.get('x-request-id'),
      });
      expect(problem.detail).toContain(detail);
      expect(await deps.streamStore.listStreams({ limit: 1 })).toEqual([]);
    });

    it('tries another id when one is taken', async () => {
      await deps.streamStore.createStream(streamOf());
      const ids = [STREAM_ID, 'a'.repeat(16)];
      withDeps(rig, { randomId: (length) => (length === 16 ? (ids.shift() ?? '') : randomId(length)) });
      expect((await json(create())).id).toBe('a'.repeat(16));
    });
  });

  describe('who may ask', () => {
    it.each<[string, Record<string, string>]>([
      ['nobody', {}],
      ['a wrong key', { Authorization: `Bearer ${ADMIN_KEY}x` }],
      ['the key in another scheme', { Authorization: `Basic ${ADMIN_KEY}` }],
      ['the bare key', { Authorization: ADMIN_KEY }],
    ])('%s gets 401', async (_name, headers) => {
      await deps.streamStore.createStream(streamOf());
      for (const [method, path] of [
        ['POST', '/streams'],
        ['GET', '/streams'],
        ['GET', `/streams/${STREAM_ID}`],
        ['DELETE', `/streams/${STREAM_ID}`],
      ] as const) {
        const answer = await ask(method, path, headers, method === 'POST' ? { title: 't' } : undefined);
        expect(answer.status).toBe(401);
        expect(answer.headers.get('www-authenticate')).toBe('Bearer realm="srs-live"');
        expect(await answer.json()).toMatchObject({ code: 'unauthenticated' });
      }
      expect(await deps.streamStore.listStreams({ limit: 2 })).toHaveLength(1);
    });
  });

  describe('GET /streams/:id', () => {
    it('shows a live stream with its session, and no secret', async () => {
      const startedAt = deps.clock.now() - 60_000;
      await deps.streamStore.createStream(publishedStream({ startedAt }));
      await deps.streamStore.changeNode('node-1', () => ({
        node: nodeOf({ heartbeatAt: deps.clock.now(), sessions: [reported(sessionOf(1))] }),
        result: undefined,
      }));
      const text = await (await ask('GET', `/streams/${STREAM_ID}`)).text();
      expect(JSON.parse(text)).toMatchObject({
        id: STREAM_ID,
        status: 'live',
        session: { id: '1-aaaaaaa1', nodeId: 'node-1', startedAt: '2026-11-20T09:59:00.000Z' },
        ingest: { rtmp: { server: 'rtmp://ingest.example.com/live' } },
      });
      expect(text).not.toMatch(/key|client/i);
    });

    it('says how a session ended', async () => {
      await deps.streamStore.createStream(
        publishedStream({ endedAt: 0, endReason: 'unpublished' }, { unfinished: [] }),
      );
      expect(await json(ask('GET', `/streams/${STREAM_ID}`))).toMatchObject({
        status: 'ended',
        session: { endedAt: '1970-01-01T00:00:00.000Z', endReason: 'unpublished' },
      });
    });

    it.each([NOWHERE, 'short', '..%2F..%2Fetc'])('answers 404 for %s', async (id) => {
      const answer = await ask('GET', `/streams/${id}`);
      expect(answer.status).toBe(404);
      expect(await answer.json()).toMatchObject({
        code: 'stream_not_found',
        detail: 'there is no such stream',
      });
    });
  });

  describe('GET /streams', () => {
    const idOf = (n: number) => `stream${n}`.padEnd(16, '0');
    const all = async (query: string): Promise<{ pages: string[][] }> => {
      const pages: string[][] = [];
      for (let cursor = ''; ; ) {
        const page = await json(ask('GET', `/streams?${query}${cursor}`));
        pages.push(page.streams.map(({ id }: { id: string }) => id));
        if (page.nextCursor === undefined) return { pages };
        cursor = `&cursor=${page.nextCursor}`;
      }
    };

    it('pages through all of them, newest first', async () => {
      for (const n of [1, 2, 3, 4]) await deps.streamStore.createStream(streamOf({ id: idOf(n), createdAt: n }));
      expect((await all('limit=2')).pages).toEqual([
        [idOf(4), idOf(3)],
        [idOf(2), idOf(1)],
      ]);
      expect((await all('limit=3')).pages).toEqual([[idOf(4), idOf(3), idOf(2)], [idOf(1)]]);
    });

    it('goes on where a page ended though that stream is gone', async () => {
      for (const n of [1, 2, 3]) await deps.streamStore.createStream(streamOf({ id: idOf(n), createdAt: n }));
      const { nextCursor } = await json(ask('GET', '/streams?limit=2'));
      await deps.streamStore.deleteStream(idOf(2));
      expect((await json(ask('GET', `/streams?cursor=${nextCursor}`))).streams).toMatchObject([{ id: idOf(1) }]);
    });

    it.each([
      ['limit=0', "limit: use 1-100; got '0'"],
      ['limit=101', "limit: use 1-100; got '101'"],
      ['limit=x', "limit: use 1-100; got 'x'"],
      ['cursor=nonsense', "cursor: use 'nextCursor' of the previous page"],
      ['sort=title', 'query: Unrecognized key: "sort"'],
    ])('refuses ?%s', async (query, detail) => {
      const answer = await ask('GET', `/streams?${query}`);
      expect(answer.status).toBe(400);
      expect((await answer.json()).detail).toBe(detail);
    });
  });

  describe('DELETE /streams/:id', () => {
    const media = [
      `open/p/${STREAM_ID}/index.m3u8`,
      `open/s/${STREAM_ID}/1-aaaaaaa1/source/0.ts`,
      `open/s/${STREAM_ID}/1-aaaaaaa1/source/1.ts`,
    ];
    const neighbour = `open/s/${NOWHERE}/1-aaaaaaa1/source/0.ts`;
    const write = (store: MemoryObjectStore, name: string) =>
      store.write(name, 'x', { contentType: 'x', cacheControl: 'x', metadata: {}, ifGenerationMatch: '0' });

    beforeEach(async () => {
      await deps.streamStore.createStream(publishedStream());
      await write(buckets.ingest, `${STREAM_ID}/1-aaaaaaa1/source.m3u8`);
      for (const name of [...media, neighbour]) await write(buckets.open, name);
    });

    it('removes the stream and all its media, and nothing of another', async () => {
      expect((await ask('DELETE', `/streams/${STREAM_ID}`)).status).toBe(204);
      expect(await deps.streamStore.getStream(STREAM_ID)).toBeUndefined();
      expect((await buckets.open.list('')).map(({ name }) => name)).toEqual([neighbour]);
      expect(await buckets.ingest.list('')).toEqual([]);
      expect((await ask('DELETE', `/streams/${STREAM_ID}`)).status).toBe(404);
    });

    it('removes what would write playlists first, and segments after the playlists that name them', async () => {
      const removed: string[] = [];
      for (const store of Object.values(buckets)) {
        const { remove } = store;
        store.remove = (name) => {
          removed.push(name);
          return remove(name);
        };
      }
      await ask('DELETE', `/streams/${STREAM_ID}`);
      const mark = takenDownMark({ policy: 'open', streamId: STREAM_ID, broadcastId: 'b1-aaaaaaaa' });
      expect(removed).toEqual([`${STREAM_ID}/1-aaaaaaa1/source.m3u8`, ...media, mark]);
    });

    it('takes from viewers at once, and waits until its node is done to take what came late', async () => {
      const beat = (sessions: ReturnType<typeof reported>[]) =>
        deps.streamStore.changeNode('node-1', (node) => ({
          node: { ...(node ?? nodeOf()), heartbeatAt: deps.clock.now(), sessions },
          result: undefined,
        }));
      await beat([reported(sessionOf(1))]);
      const deleting = ask('DELETE', `/streams/${STREAM_ID}`);
      await deps.clock.advance(500);
      expect((await deps.streamStore.getNode('node-1'))?.kicks).toMatchObject([
        { streamId: STREAM_ID, reason: 'deleted' },
      ]);
      expect((await deps.streamStore.getStream(STREAM_ID))?.session).toMatchObject({ endReason: 'deleted' });
      expect((await buckets.open.list('')).map(({ name }) => name)).toEqual([neighbour]);
      await beat([reported(sessionOf(1), { publishing: false, pendingSegments: 1 })]);
      await write(buckets.open, `open/s/${STREAM_ID}/1-aaaaaaa1/source/2.ts`);
      await deps.clock.advance(500);
      expect(await deps.streamStore.getStream(STREAM_ID)).toBeDefined();
      await beat([]);
      await deps.clock.advance(500);
      expect((await deleting).status).toBe(204);
      expect(await buckets.open.list(`open/s/${STREAM_ID}/`)).toEqual([]);
    });

    it('waits for a publisher whom its node has not named yet', async () => {
      const beat = (sessions: ReturnType<typeof reported>[]) =>
        deps.streamStore.changeNode('node-1', (node) => ({
          node: { ...(node ?? nodeOf()), heartbeatAt: deps.clock.now(), sessions },
          result: undefined,
        }));
      await beat([]);
      const deleting = ask('DELETE', `/streams/${STREAM_ID}`);
      await deps.clock.advance(500);
      expect((await deps.streamStore.getNode('node-1'))?.kicks).toMatchObject([
        { streamId: STREAM_ID, reason: 'deleted' },
      ]);
      await beat([reported(sessionOf(1))]);
      await deps.clock.advance(500);
      expect(await deps.streamStore.getStream(STREAM_ID)).toBeDefined();
      await beat([]);
      await deps.clock.advance(500);
      expect((await deleting).status).toBe(204);
    });

    it('can be asked for again when it failed half-way', async () => {
      const { remove } = buckets.open;
      buckets.open.remove = () => Promise.reject(new Error('storage'));
      expect((await ask('DELETE', `/streams/${STREAM_ID}`)).status).toBe(500);
      expect((await deps.streamStore.getStream(STREAM_ID))?.keyHash).toBe('0'.repeat(64));
      buckets.open.remove = remove;
      expect((await ask('DELETE', `/streams/${STREAM_ID}`)).status).toBe(204);
    });
  });

  describe('GET /health', () => {
    const heardOf = (role: 'origin' | 'edge' = 'origin') =>
      deps.streamStore.changeNode('node-1', () => ({
        node: nodeOf({ role, heartbeatAt: deps.clock.now() }),
        result: 0,
      }));
    const ok = { state: 'ok', latencyMs: 0 };

    it('says that everything answers, to anybody', async () => {
      await heardOf();
      const answer = await ask('GET', '/health', {});
      expect(answer.status).toBe(200);
      expect(await answer.json()).toEqual({
        status: 'ok',
        checks: { firestore: ok, storage: ok, nodes: { ...ok, up: 1 }, rtmp: ok, hls: { ...ok, state: 'idle' } },
      });
    });

    it.each([
      ['no origin was heard of', 'nodes', () => heardOf('edge')],
      [
        'the RTMP server says nothing',
        'rtmp',
        () => withDeps(rig, { probes: { ...deps.probes, rtmp: () => Promise.reject(new Error('x')) } }),
      ],
    ] as const)('is degraded when %s', async (_name, check, happen) => {
      await heardOf();
      await happen();
      const answer = await ask('GET', '/health', {});
      expect(answer.status).toBe(200);
      expect(await answer.json()).toMatchObject({ status: 'degraded', checks: { [check]: { state: 'down' } } });
    });

    it('reads the newest live open stream through the CDN', async () => {
      const read: string[] = [];
      withDeps(rig, { probes: { ...deps.probes, hls: async (url) => void read.push(url) } });
      const startedAt = deps.clock.now() - 60_000;
      const sessions = [reported(sessionOf(1)), { ...reported(sessionOf(1)), streamId: NOWHERE }];
      const node = nodeOf({ heartbeatAt: deps.clock.now(), sessions });
      await deps.streamStore.changeNode('node-1', () => ({ node, result: 0 }));
      await deps.streamStore.createStream(publishedStream({ startedAt }));
      await deps.streamStore.createStream(
        publishedStream({ startedAt: startedAt + 1, streamId: NOWHERE }, { id: NOWHERE, policy: 'gated' }),
      );
      expect(await json(ask('GET', '/health', {}))).toMatchObject({ status: 'ok', checks: { hls: ok } });
      expect(read).toEqual([`https://live.example.com/open/p/${STREAM_ID}/index.m3u8`]);
    });

    it('looks once in a few seconds, however many ask', async () => {
      const looks: string[] = [];
      withDeps(rig, { probes: { ...deps.probes, rtmp: async (server) => void looks.push(server) } });
      await Promise.all([1, 2, 3].map(() => ask('GET', '/health', {})));
      expect(looks).toHaveLength(1);
      await deps.clock.advance(3000);
      await ask('GET', '/health', {});
      expect(looks).toHaveLength(2);
    });

    it('answers 503 when one fails, and keeps why to itself', async () => {
      buckets.open.stat = () => Promise.reject(new Error('inner reason'));
      const answer = await ask('GET', '/health', {});
      expect(answer.status).toBe(503);
      const text = await answer.text();
      expect(JSON.parse(text)).toMatchObject({
        status: 'down',
        checks: { firestore: { state: 'ok' }, storage: { state: 'down' } },
      });
      expect(text).not.toContain('inner');
      expect(lines[0]).toContain('inner reason');
    });

    it('answers 503 when one hangs', async () => {
      withDeps(rig, { streamStore: { ...deps.streamStore, getNode: () => new Promise(() => undefined) } });
      const asking = ask('GET', '/health', {});
      await deps.clock.advance(0);
      await deps.clock.advance(2000);
      expect(await json(asking)).toMatchObject({
        checks: { firestore: { state: 'down', latencyMs: 2000 }, storage: { state: 'ok' } },
      });
    });
  });

  describe('other origins', () => {
    it('may call with a key in a header', async () => {
      const headers = {
        Origin: 'https://studio.example',
        'Access-Control-Request-Method': 'GET',
        'Access-Control-Request-Headers': 'authorization',
      };
      const preflight = await ask('OPTIONS', '/streams', headers);
      expect(preflight.status).toBe(204);
      expect(Object.fromEntries(preflight.headers)).toMatchObject({
        'access-control-allow-origin': '*',
        'access-control-allow-methods': 'GET, HEAD, POST, PUT, PATCH, DELETE',
        'access-control-allow-headers':
          'Authorization, Content-Type, Idempotency-Key, If-Match, Last-Event-ID, Srs-Live-Session',
      });
      expect(preflight.headers.get('access-control-allow-credentials')).toBeNull();
    });

    it('may not call where the environment names others', async () => {
      withDeps(rig, { allowedOrigins: ['https://studio.example'] });
      for (const [method, headers] of [
        ['GET', {}],
        ['OPTIONS', { 'Access-Control-Request-Method': 'GET' }],
      ] as const) {
        const allowed = await ask(method, '/health', { ...headers, Origin: 'https://studio.example' });
        expect(allowed.headers.get('access-control-allow-origin')).toBe('https://studio.example');
        const other = await ask(method, '/health', { ...headers, Origin: 'https://evil.example' });
        expect(other.headers.get('access-control-allow-origin')).toBeNull();
        expect(other.headers.get('vary')).toBe('Origin');
      }
    });

    it('may follow a stream to its playlist where the stream allows them', async () => {
      await deps.streamStore.createStream(streamOf({ allowedOrigins: ['https://show.example'] }));
      const originOf = async (origin: string) =>
        (await ask('GET', `/hls/${STREAM_ID}`, { Origin: origin })).headers.get('access-control-allow-origin');
      expect(await originOf('https://show.example')).toBe('https://show.example');
      expect(await originOf('https://evil.example')).toBeNull();
    });

    it('may read errors too', async () => {
      expect(
        (await ask('GET', '/streams', { Origin: 'https://studio.example' })).headers.get('access-control-allow-origin'),
      ).toBe('*');
    });
  });

  it('its reference for people refuses frames, scripts and referrers', async () => {
    const { headers } = await ask('GET', '/docs');
    const names = ['content-security-policy', 'referrer-policy', 'x-frame-options', 'x-content-type-options'];
    expect(names.map((name) => headers.get(name))).toEqual([
      expect.stringMatching(/^default-src 'none'; .*frame-ancestors 'none'$/),
      ...['no-referrer', 'DENY', 'nosniff'],
    ]);
  });

  it.each([
    ['PUT', '/streams', 405, 'POST, GET, HEAD'],
    ['PUT', `/streams/${STREAM_ID}`, 405, 'GET, HEAD, PATCH, DELETE'],
    ['GET', `/streams/${STREAM_ID}/key`, 405, 'POST'],
    ['POST', '/health', 405, 'GET, HEAD'],
    ['GET', '/nowhere', 404, null],
    ['GET', `/streams/${STREAM_ID}/keys`, 404, null],
  ])('%s %s answers %d', async (method, path, status, allow) => {
    const answer = await ask(method, path);
    expect([answer.status, answer.headers.get('allow')]).toEqual([status, allow]);
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
  });
});
