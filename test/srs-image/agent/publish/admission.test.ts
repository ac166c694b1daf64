import { KEY, Rig, STREAM } from '../rig';

let rig: Rig;
beforeEach(() => {
  rig = new Rig();
});
afterEach(() => rig.dispose());

describe('on_publish', () => {
  it('admits what the cloud admits', async () => {
    expect(await rig.publish()).toEqual({ status: 200, body: { code: 0 } });
    expect(rig.cloud.clients('on_publish')).toEqual(['client1']);
  });

  it('refuses what the cloud refuses, without asking again and without the key in the log', async () => {
    const wrong = `sk_${'b'.repeat(32)}`;
    expect(await rig.publish('client1', { param: `?key=${wrong}` })).toMatchObject({
      status: 200,
      body: { code: 1, error: 'wrong_key' },
    });
    expect(rig.cloud.clients('on_publish')).toHaveLength(1);
    expect(rig.events('publisher_refused')).toHaveLength(1);
    expect(JSON.stringify(rig.log)).not.toContain(wrong);
  });

  it.each([
    ['another app', { app: 'admin' }, 'wrong_app'],
    ['an app that leaves the folder', { app: '../../etc' }, 'wrong_app'],
    ['a stream that leaves the folder', { stream: '../../../etc/passwd' }, 'malformed_stream'],
    ['a stream of another form', { stream: 'Stream1' }, 'malformed_stream'],
    ['no stream', { stream: '' }, 'malformed_stream'],
  ])('refuses %s and asks nobody', async (_what, fields, error) => {
    expect(await rig.publish('client1', fields)).toMatchObject({ status: 200, body: { code: 1, error } });
    expect(rig.cloud.heard.filter(({ path }) => path.includes('publish'))).toEqual([]);
    expect(rig.agent.sessions.all()).toEqual([]);
  });

  it('never writes the key to the disk', async () => {
    await rig.publish();
    expect(rig.spooled(`${STREAM}/1-aaaaaaaa/journal.jsonl`)).not.toContain(KEY);
  });

  it('tries again while the cloud hiccups', async () => {
    rig.cloud.away = true;
    const reply = rig.publish();
    setImmediate(() => {
      rig.cloud.away = false;
    });
    expect(await reply).toMatchObject({ body: { code: 0 } });
  });

  it('ends a refused WHIP client, whom SRS lets publish all the same', async () => {
    await rig.hook('on_publish', { tcUrl: '', param: 'app=live&stream=x&key=no' }, 'whip1');
    await rig.run(1000);
    expect(rig.srs.kicked).toEqual(['whip1']);
  });
});

describe('35 strangers with wrong keys on a public id', () => {
  const wrong = `sk_${'b'.repeat(32)}`;
  const stranger = (n: number, ip = `198.51.100.${n}`) => rig.publish(`stranger${n}`, { param: `?key=${wrong}`, ip });

  it('are each held back by themselves, while the right key is answered at once', async () => {
    rig.cloud.holdMs = 1000;
    let answered = 0;
    const from = rig.clock.now();
    for (let n = 0; n < 35; n += 1) {
      void stranger(n).then(() => {
        answered += 1;
      });
    }
    expect(await rig.publish('right')).toEqual({ status: 200, body: { code: 0 } });
    expect(rig.clock.now() - from).toBeLessThanOrEqual(50);
    expect(answered).toBe(0);
    // All at once, not one after the other.
    await rig.run(1500);
    expect(answered).toBe(35);
  });

  it('do not overrun the cloud: parties take turns, and the right key’s comes before anybody’s second', async () => {
    rig.cloud.slowMs = 100;
    for (let n = 0; n < 70; n += 1) void stranger(n, `198.51.100.${n % 35}`);
    const from = rig.clock.now();
    expect(await rig.publish('right', { ip: '192.0.2.1' })).toEqual({ status: 200, body: { code: 0 } });
    expect(rig.clock.now() - from).toBeLessThanOrEqual(450);
    expect(rig.cloud.most).toBe(12);
  });

  it('at one address have a short line; a key that was right here before does not stand in it', async () => {
    await rig.publish('right');
    await rig.unpublish('right');
    rig.cloud.slowMs = 500;
    const replies = Array.from({ length: 100 }, (_, n) => stranger(n, '127.0.0.1'));
    const from = rig.clock.now();
    expect(await rig.publish('right again')).toEqual({ status: 200, body: { code: 0 } });
    expect(rig.clock.now() - from).toBeLessThanOrEqual(550);
    const errors = (await Promise.all(replies))
      .map(({ body }) => JSON.stringify(body))
      .filter((body) => body.includes('too_many'));
    expect(errors).toHaveLength(100 - 4 - 24);
  });

  it('who leave are taken out of the line, and the cloud is not asked for them', async () => {
    rig.cloud.slowMs = 500;
    const leaving = new AbortController();
    for (let n = 0; n < 4; n += 1) void stranger(n, '127.0.0.1');
    for (let n = 4; n < 30; n += 1) void rig.hook('on_publish', { ip: '127.0.0.1' }, `left${n}`, leaving.signal);
    await rig.run(100);
    leaving.abort();
    const from = rig.clock.now();
    expect(await rig.publish('right')).toEqual({ status: 200, body: { code: 0 } });
    expect(rig.clock.now() - from).toBeLessThanOrEqual(1000);
    expect(rig.cloud.clients('on_publish')).toHaveLength(5);
  });
});

describe('a second publisher of a stream', () => {
  it('whose answer comes before that of the first stays, whatever the first is told', async () => {
    const post = rig.cloud.hooks.post;
    rig.cloud.hooks.post = async (path, body) => {
      const answer = await post(path, body);
      if (JSON.stringify(body).includes('client1') && path.endsWith('on_publish')) await rig.clock.sleep(1000);
      return answer;
    };
    const first = rig.publish('client1');
    const second = rig.publish('client2');
    expect(await second).toMatchObject({ body: { code: 0 } });
    expect(await first).toMatchObject({ body: { code: 1, error: 'superseded' } });
    expect(rig.srs.kicked).toEqual([]);
    expect(rig.agent.sessions.open().map(({ state }) => state.client.clientId)).toEqual(['client2']);
    await rig.run(1000);
    expect(rig.cloud.clients('on_unpublish')).toEqual(['client1']);
  });

  it('who has left before its turn takes nothing over', async () => {
    await rig.publish('client1');
    rig.cloud.slowMs = 500;
    const leaving = new AbortController();
    const reply = rig.hook('on_publish', {}, 'client2', leaving.signal);
    leaving.abort();
    expect(await reply).toMatchObject({ body: { code: 1, error: 'gone' } });
    await rig.run(1000);
    expect(rig.srs.kicked).toEqual([]);
    expect(rig.cloud.clients('on_unpublish')).toEqual(['client2']);
  });

  it('takes over once SRS has let go of the first, whose last segment is kept', async () => {
    await rig.publish('client1');
    await rig.segment('client1');
    await rig.run(1500);
    const last = rig.srs.segment();
    expect(await rig.publish('client2')).toMatchObject({ body: { code: 0 } });
    await rig.run(3000);

    expect(rig.srs.kicked).toEqual(['client1']);
    expect(rig.uploaded('1-aaaaaaaa')).toContain(last.name);
    expect((await rig.playlist('1-aaaaaaaa'))?.metadata.ended).toBe('true');
    expect(rig.cloud.clients('on_unpublish')).toEqual(['client1']);
    expect(rig.agent.sessions.ofClient('client2')?.ref.sessionId).toBe('2-aaaaaaaa');
  });

  it('is refused when SRS does not let go, and the cloud hears of it', async () => {
    await rig.publish('client1');
    rig.srs.obeys = false;
    expect(await rig.publish('client2')).toMatchObject({ body: { code: 1, error: 'busy' } });
    await rig.run(3000);
    expect(rig.cloud.clients('on_unpublish')).toEqual(['client2']);
    expect(rig.agent.sessions.ofClient('client1')?.open).toBe(true);
  });

  it('does not end the first when the cloud refuses it', async () => {
    await rig.publish('client1');
    await rig.publish('client2', { param: '?key=wrong' });
    expect(rig.srs.kicked).toEqual([]);
  });

  it('is decided one after the other when two come at once', async () => {
    const [a, b] = await Promise.all([rig.publish('client1'), rig.publish('client2')]);
    expect([a, b]).toMatchObject([{ body: { code: 0 } }, { body: { code: 0 } }]);
    expect(rig.agent.sessions.open().map(({ state }) => state.client.clientId)).toEqual(['client2']);
  });
});

describe('the agent while the cloud is away', () => {
  it('refuses a publisher nobody admitted before', async () => {
    rig.cloud.away = true;
    expect(await rig.publish()).toMatchObject({ body: { code: 1, error: 'unavailable' } });
  });

  it('lets an admitted key go on in its session, within the window', async () => {
    await rig.publish('client1');
    await rig.segment('client1');
    rig.cloud.away = true;
    await rig.unpublish('client1');
    await rig.run(20_000);
    expect(await rig.publish('client2')).toMatchObject({ body: { code: 0 } });
    await rig.segment('client2', { seqNo: 0 });
    await rig.run(2000);

    const session = await rig.playlist('1-aaaaaaaa');
    expect(session?.playlist.segments.map(({ uri, discontinuity }) => [uri, discontinuity])).toEqual([
      ['0.ts', false],
      ['1.ts', true],
    ]);
    expect(session?.metadata.ended).toBe('false');
  });

  it('refuses it after the window, and another key at once', async () => {
    await rig.publish('client1');
    await rig.unpublish('client1');
    await rig.run(1000);
    rig.cloud.away = true;
    expect(await rig.publish('client2', { param: `?key=sk_${'b'.repeat(32)}` })).toMatchObject({ body: { code: 1 } });
    await rig.run(70_000);
    expect(await rig.publish('client3')).toMatchObject({ body: { code: 1, error: 'unavailable' } });
  });

  it('remembers an admitted key over its own restart', async () => {
    await rig.publish('client1');
    await rig.unpublish('client1');
    await rig.crash();
    rig.cloud.away = true;
    rig.restart();
    expect(await rig.publish('client2')).toMatchObject({ body: { code: 0 } });
  });

  it('asks afterwards, and goes on in the session the cloud then gives', async () => {
    await rig.publish('client1');
    await rig.segment('client1');
    rig.cloud.away = true;
    await rig.unpublish('client1');
    await rig.publish('client2');
    await rig.segment('client2', { seqNo: 0 });
    rig.cloud.away = false;
    await rig.run(15_000);
    await rig.segment('client2');
    await rig.run(2000);

    expect(rig.cloud.clients('on_publish')).toEqual(['client1', 'client2']);
    expect((await rig.playlist('1-aaaaaaaa'))?.metadata.ended).toBe('true');
    expect(rig.uploaded('1-aaaaaaaa')).toHaveLength(2);
    expect(rig.uploaded('2-aaaaaaaa')).toHaveLength(1);
  });

  it('ends a resumed publisher whom the cloud then refuses', async () => {
    await rig.publish('client1');
    rig.cloud.away = true;
    await rig.unpublish('client1');
    await rig.publish('client2');
    rig.cloud.hooks.post = async () => ({ status: 403, body: { code: 403, error: 'suspended', message: 'suspended' } });
    rig.cloud.away = false;
    await rig.run(15_000);
    expect(rig.srs.kicked).toEqual(['client2']);
  });

  it('lets people watch a running open stream', async () => {
    await rig.publish('client1');
    rig.cloud.away = true;
    expect(await rig.hook('on_play', {}, 'viewer1')).toMatchObject({ body: { code: 0 } });
    expect(await rig.hook('on_play', { stream: 'zzzzzzzzzz012345' }, 'viewer2')).toMatchObject({ body: { code: 1 } });
  });
});

describe('on_unpublish', () => {
  it('is answered at once and told until the cloud has heard it, once', async () => {
    await rig.publish();
    rig.cloud.away = true;
    expect(await rig.unpublish()).toEqual({ status: 200, body: { code: 0 } });
    await rig.run(60_000);
    rig.cloud.away = false;
    await rig.run(30_000);
    expect(rig.cloud.clients('on_unpublish')).toEqual(['client1']);
  });

  it('takes what SRS wrote and no on_hls told of', async () => {
    await rig.publish();
    await rig.segment();
    await rig.run(1500);
    const last = rig.srs.segment({ listed: false, durationMs: 1500 });
    await rig.unpublish();
    await rig.run(3000);
    expect(rig.uploaded('1-aaaaaaaa')).toContain(last.name);
    expect((await rig.playlist('1-aaaaaaaa'))?.playlist.segments[1]?.durationMs).toBe(1490);
  });

  it('of a client that was never admitted changes nothing here', async () => {
    await rig.publish('client1');
    await rig.hook('on_unpublish', {}, 'client9');
    await rig.run(1000);
    expect(rig.agent.sessions.ofClient('client1')?.open).toBe(true);
    expect(rig.cloud.clients('on_unpublish')).toEqual(['client9']);
  });
});
