import { reconcileSession } from '../../../functions/core/publish/reconcile';
import { type ApiRig, apiRig, HOOK_SECRET, hurried, withDeps } from '../../support/api-rig';
import { KEY, publishedStream, STREAM_ID, streamOf } from '../../support/streams';

let rig: ApiRig;
beforeEach(() => {
  rig = apiRig();
});

describe('publishers', () => {
  const idsOf = async (headers: Record<string, string>, query = '') => {
    const { streams } = await (await rig.ask('GET', `/streams${query}`, { headers })).json();
    return streams.map(({ title }: { title: string }) => title);
  };

  it('have streams of their own, and see no others; the operator sees all', async () => {
    const ann = await rig.caller({ role: 'publisher', subject: 'ann' });
    const bob = await rig.caller({ role: 'publisher', subject: 'bob' });
    for (const [title, headers] of [
      ['of ann', ann],
      ['of bob', bob],
      ['of nobody', undefined],
    ] as const)
      await rig.ask('POST', '/streams', { body: { title }, ...(headers && { headers }) });
    expect(await idsOf(ann)).toEqual(['of ann']);
    expect(await idsOf(bob)).toEqual(['of bob']);
    expect((await idsOf({ Authorization: 'Bearer admin-key-of-at-least-32-characters' })).sort()).toEqual([
      'of ann',
      'of bob',
      'of nobody',
    ]);
  });

  it('find theirs by status, policy and title', async () => {
    const ann = await rig.caller({ role: 'publisher', subject: 'ann' });
    await rig.deps.streamStore.createStream(
      publishedStream({ startedAt: rig.deps.clock.now() }, { owner: 'ann', title: 'Town hall' }),
    );
    await rig.ask('POST', '/streams', { headers: ann, body: { title: 'Town fair', policy: 'gated' } });
    expect(await idsOf(ann, '?status=live')).toEqual(['Town hall']);
    expect(await idsOf(ann, '?status=idle')).toEqual(['Town fair']);
    expect(await idsOf(ann, '?policy=gated')).toEqual(['Town fair']);
    expect(await idsOf(ann, '?title=Town%20h')).toEqual(['Town hall']);
  });

  it('who watch see the streams they are told', async () => {
    await rig.deps.streamStore.createStream(streamOf());
    await rig.deps.streamStore.createStream(streamOf({ id: 'zzzzzzzzzzzzzzzz', title: 'another' }));
    expect(await idsOf(await rig.caller({ role: 'viewer', subject: 'v', streams: [STREAM_ID] }))).toEqual(['a stream']);
  });
});

describe('a viewer', () => {
  const path = `/streams/${STREAM_ID}`;
  beforeEach(async () => {
    const startedAt = rig.deps.clock.now();
    const settings = { owner: 'shop', publisherAddresses: ['192.0.2.7'], maxBitrateBps: 500_000 };
    const stream = publishedStream(
      { startedAt },
      { ...settings, suspended: { at: startedAt, reason: 'a complaint by Mallory' } },
    );
    await rig.deps.streamStore.changeStream(STREAM_ID, () => ({ change: { stream }, result: 0 }));
  });

  it('a viewer cannot see the publisher of a stream, its addresses, or why it is suspended', async () => {
    const headers = await rig.caller({ role: 'viewer', subject: 'fan', streams: [STREAM_ID] });
    const shown = await (await rig.ask('GET', path, { headers })).json();
    expect(shown).toMatchObject({
      id: STREAM_ID,
      session: { broadcastId: 'b1-aaaaaaaa' },
      playback: { hls: expect.any(String) },
    });
    expect((await (await rig.ask('GET', '/streams', { headers })).json()).streams).toEqual([shown]);
    expect(JSON.stringify(shown)).not.toMatch(/shop|192\.0\.2|500000|Mallory|node-1|ingest|owner|publisherAddresses/);
  });

  it('is shown less than the operator', async () => {
    const shown = await (await rig.ask('GET', path)).json();
    expect(shown).toMatchObject({ owner: 'shop', session: { nodeId: 'node-1' }, ingest: { rtmp: {} } });
  });
});

describe('a request with a name', () => {
  const create = (headers: Record<string, string>, name: string, body: unknown = { title: 't' }) =>
    rig.ask('POST', '/streams', { headers: { ...headers, 'Idempotency-Key': name }, body });

  it('belongs to its caller: another one with the same name is another request', async () => {
    const ann = await rig.caller({ role: 'publisher', subject: 'ann' });
    const bob = await rig.caller({ role: 'publisher', subject: 'bob' });
    const first = await (await create(ann, 'same-name')).json();
    const second = await (await create(bob, 'same-name')).json();
    expect(second.id).not.toBe(first.id);
    expect(second.owner).toBe('bob');
  });

  it('makes one stream, and gives its key each time, which is stored nowhere in clear', async () => {
    const records: unknown[] = [];
    const { streamStore, idempotency } = rig.deps;
    const create_: typeof idempotency.create = (record) => {
      records.push(record);
      return idempotency.create(record);
    };
    const replace: typeof idempotency.replace = (record, version) => {
      records.push(record);
      return idempotency.replace(record, version);
    };
    withDeps(rig, { idempotency: { ...idempotency, create: create_, replace } });
    const ann = await rig.caller({ role: 'publisher', subject: 'ann' });
    const first = await (await create(ann, 'my-first-stream')).json();
    const again = await (await create(ann, 'my-first-stream')).json();
    expect(again).toEqual(first);
    expect(await streamStore.listStreams({ limit: 10 })).toHaveLength(1);
    expect(JSON.stringify(records)).toContain('sealed');
    expect(JSON.stringify(records)).not.toMatch(/sk_|my-first-stream/);
  });

  it('is told to nobody with another key, were it of the same subject', async () => {
    const wide = await rig.caller({ role: 'publisher', subject: 'ann' });
    const narrow = await rig.caller({ role: 'publisher', subject: 'ann', scopes: ['streams.create'] });
    const first = await (await create(wide, 'same-name')).json();
    const second = await (await create(narrow, 'same-name')).json();
    expect(second.id).not.toBe(first.id);
    expect(JSON.stringify(second)).not.toContain(first.key);
  });

  it('about a stream is told to nobody who does not reach it any more', async () => {
    const ann = await rig.caller({ role: 'publisher', subject: 'ann' });
    const { id } = await (await create(ann, 'a-new-name')).json();
    const rotate = () =>
      rig.ask('POST', `/streams/${id}/key`, { headers: { ...ann, 'Idempotency-Key': 'rotate-it' }, body: {} });
    expect((await rotate()).status).toBe(200);
    await rig.deps.streamStore.changeStream(id, (stream) =>
      stream === undefined ? { result: 0 } : { change: { stream: { ...stream, owner: 'bob' } }, result: 0 },
    );
    expect(await (await rotate()).json()).toMatchObject({ status: 404, code: 'stream_not_found' });
  });

  it('is forgotten when it failed, and after a day', async () => {
    const ann = await rig.caller({ role: 'publisher', subject: 'ann' });
    expect((await create(ann, 'a-new-name', { title: '' })).status).toBe(422);
    const first = await (await create(ann, 'a-new-name')).json();
    await rig.deps.clock.advance(86_400_000);
    expect((await (await create(ann, 'a-new-name')).json()).id).not.toBe(first.id);
  });

  it('cut off is taken over after a minute, by one; what comes of the first afterwards is not kept', async () => {
    const { idempotency } = rig.deps;
    let late = () => {};
    const held = new Promise<void>((resolve) => {
      late = resolve;
    });
    withDeps(rig, {
      idempotency: { ...idempotency, replace: (...kept) => held.then(() => idempotency.replace(...kept)) },
    });
    const ann = await rig.caller({ role: 'publisher', subject: 'ann' });
    const first = create(ann, 'cut-off-name');
    while ((await rig.deps.streamStore.listStreams({ limit: 1 })).length === 0) await rig.deps.clock.advance(0);
    withDeps(rig, { idempotency });
    expect((await create(ann, 'cut-off-name')).status).toBe(409);
    await rig.deps.clock.advance(60_000);
    const answers = await Promise.all([1, 2, 3].map(() => create(ann, 'cut-off-name')));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409]);
    const takenOver = answers.find(({ status }) => status === 201);
    late();
    const { id } = await (await first).json();
    const again = await (await create(ann, 'cut-off-name')).json();
    expect(again).toEqual(await takenOver?.json());
    expect(again.id).not.toBe(id);
  });

  it.each(['short', 'with space in it', 'x'.repeat(129)])('is refused as %j', async (name) => {
    const answer = await create({ Authorization: 'Bearer admin-key-of-at-least-32-characters' }, name);
    expect(await answer.json()).toMatchObject({
      status: 400,
      detail: expect.stringContaining('Idempotency-Key: use 8-128'),
    });
  });
});

describe('a media server of somebody else', () => {
  const hook = {
    server_id: 'their-srs',
    service_id: 's',
    client_id: 'c-1',
    ip: '192.0.2.1',
    vhost: '',
    app: 'live',
    tcUrl: '',
    pageUrl: '',
  };
  const srs = (action: string, more = {}, secret = HOOK_SECRET) =>
    rig.ask('POST', `/srs/${action}?secret=${secret}`, {
      headers: {},
      body: { ...hook, action, stream: STREAM_ID, param: `?key=${KEY}`, ...more },
    });
  const nginx = (fields: Record<string, string>) =>
    rig.ask('POST', `/rtmp/publish?secret=${HOOK_SECRET}`, { headers: {}, body: `${new URLSearchParams(fields)}` });
  const session = async () => (await rig.deps.streamStore.getStream(STREAM_ID))?.session;

  beforeEach(() => rig.deps.streamStore.createStream(streamOf()));

  it('is answered as SRS wants it: a number that says go on, a status that says no', async () => {
    const yes = await srs('on_publish');
    expect([yes.status, await yes.json()]).toEqual([200, { code: 0 }]);
    expect(await session()).toMatchObject({ nodeId: 'their-srs', clientId: 'c-1' });
    expect((await srs('on_unpublish')).status).toBe(200);
    expect(await session()).toMatchObject({ endReason: 'unpublished' });
    const no = await srs('on_publish', { client_id: 'c-2', param: '?key=sk_wrong' });
    expect([no.status, await no.json()]).toEqual([403, { code: 403, error: 'wrong_key', message: expect.any(String) }]);
  });

  it.each(['on_connect', 'on_play', 'on_stop'])('may do %s', async (action) => {
    expect(await (await srs(action)).json()).toEqual({ code: 0 });
  });

  it('may say on_close and on_hls, which change nothing', async () => {
    expect((await srs('on_close', { send_bytes: 1, recv_bytes: 2 })).status).toBe(200);
    const segment = { duration: 2, cwd: '/', file: 'a.ts', url: 'a.ts', m3u8: 'a.m3u8', m3u8_url: 'a.m3u8', seq_no: 0 };
    expect((await srs('on_hls', segment)).status).toBe(200);
    expect(await session()).toBeUndefined();
  });

  it('has to know the secret, even of hooks that change nothing', async () => {
    for (const action of ['on_publish', 'on_connect']) expect((await srs(action, {}, 'wrong')).status).toBe(401);
    expect((await srs('on_publish', {}, '')).status).toBe(401);
    expect(await session()).toBeUndefined();
    expect(rig.lines.join()).not.toContain(HOOK_SECRET);
  });

  it('is told where to send its hooks by the operator', async () => {
    const { srs: addresses, onPlay } = await (await rig.ask('GET', '/hooks')).json();
    expect(addresses.on_publish).toBe(`https://live.example.com/api/v1/srs/on_publish?secret=${HOOK_SECRET}`);
    expect(onPlay).toBe(`https://live.example.com/api/callback/on_play?secret=${HOOK_SECRET}`);
  });

  it('may be nginx-rtmp', async () => {
    const fields = { app: 'live', name: STREAM_ID, addr: '192.0.2.1', clientid: '7', key: KEY };
    expect((await nginx({ call: 'publish', ...fields })).status).toBe(200);
    expect(await session()).toMatchObject({ nodeId: 'nginx-rtmp', clientId: '7' });
    expect((await nginx({ call: 'publish_done', ...fields })).status).toBe(200);
    expect(await session()).toMatchObject({ endReason: 'unpublished' });
    expect((await nginx({ ...fields, clientid: '8', key: 'wrong' })).status).toBe(403);
    expect((await nginx({ ...fields, app: '../live' })).status).toBe(403);
  });

  it('has its publisher live until it says otherwise: no heartbeat will', async () => {
    const fields = { app: 'live', name: STREAM_ID, addr: '192.0.2.1', clientid: '7', key: KEY };
    const nginx = (call: string) =>
      rig.ask('POST', `/rtmp/publish?secret=${HOOK_SECRET}`, {
        headers: {},
        body: `${new URLSearchParams({ call, ...fields })}`,
      });
    const status = async () => (await (await rig.ask('GET', `/streams/${STREAM_ID}`)).json()).status;
    await nginx('publish');
    await rig.deps.clock.advance(3 * 3_600_000);
    const stream = streamOf(await rig.deps.streamStore.getStream(STREAM_ID));
    expect([await status(), reconcileSession(stream, undefined, rig.deps.clock.now())]).toEqual(['live', undefined]);
    await nginx('publish_done');
    expect(await status()).toBe('reconnecting');
  });

  it('asks whether a viewer may play', async () => {
    const ask = (stream: string) =>
      rig.ask('POST', `/api/callback/on_play?secret=${HOOK_SECRET}`, {
        headers: {},
        body: {
          action: 'on_play',
          client_id: 'n3785582',
          ip: '192.168.65.1',
          vhost: '__defaultVhost__',
          app: 'live',
          stream,
        },
      });
    expect(await (await ask(STREAM_ID)).json()).toEqual({ code: 0, message: 'Viewer connected successfully' });
    await rig.deps.streamStore.createStream(streamOf({ id: 'zzzzzzzzzzzzzzzz', policy: 'gated' }));
    for (const stream of ['zzzzzzzzzzzzzzzz', 'yyyyyyyyyyyyyyyy']) expect((await ask(stream)).status).toBe(403);
  });
});

describe('anyone who asks for a playlist', () => {
  it('is sent to the CDN when the stream is open', async () => {
    await rig.deps.streamStore.createStream(streamOf());
    const answer = await rig.ask('GET', `/hls/${STREAM_ID}`, { headers: {} });
    expect([answer.status, answer.headers.get('location')]).toEqual([
      302,
      `https://live.example.com/open/p/${STREAM_ID}/index.m3u8`,
    ]);
  });

  it('hears of a gated stream what is heard of none', async () => {
    await rig.deps.streamStore.createStream(streamOf({ policy: 'gated' }));
    const [gated, none] = await Promise.all(
      [STREAM_ID, 'zzzzzzzzzzzzzzzz'].map((id) => rig.ask('GET', `/hls/${id}`, { headers: {} })),
    );
    const said = async (answer?: Response) => ({ ...(await answer?.json()), requestId: '' });
    expect(await said(gated)).toEqual(await said(none));
  });
});

describe('anyone who guesses stream keys', () => {
  it('ten thousand guesses are slowed and reported to the operator; the right key is never slowed', async () => {
    await rig.deps.streamStore.createStream(streamOf());
    const hook = {
      action: 'on_publish',
      server_id: 'srs',
      service_id: 's',
      vhost: '',
      app: 'live',
      tcUrl: '',
      stream: STREAM_ID,
    };
    const guess = (n: number, key: string) =>
      rig.ask('POST', `/srs/on_publish?secret=${HOOK_SECRET}`, {
        headers: {},
        body: { ...hook, client_id: `c-${n}`, ip: '192.0.2.66', param: `?key=${key}` },
      });
    const waits = hurried(rig);
    const letters = (n: number) => n.toString(2).padStart(32, '0').replaceAll('0', 'a').replaceAll('1', 'b');
    for (let n = 0; n < 10_000; n += 1) {
      const answer = await guess(n, `sk_${letters(n)}`);
      if (answer.status !== 403) throw new Error(`try ${n} answers ${answer.status}`);
    }
    expect(waits.length).toBeGreaterThan(9990);
    expect(Math.max(...waits)).toBeGreaterThanOrEqual(1000);
    const alerts = rig.lines.filter((line) => line.includes('stream_key_guesses'));
    expect(alerts.length).toBeGreaterThan(0);
    expect(alerts.length).toBeLessThan(20);
    expect(rig.lines.join()).not.toMatch(/sk_[a-z2-7]{16}/);
    const before = waits.length;
    expect((await guess(10_001, KEY)).status).toBe(200);
    expect(waits).toHaveLength(before);
  });
});
