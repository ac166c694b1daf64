import { API, KEY, Rig, STREAM } from '../../rig';

/** An edge: whom it lets in, and what it tells of it. */
const param = (letter: string) => `?push=sle_${letter.repeat(32)}`;
const FIRST = { sessionId: '1-aaaaaaaa', policy: 'open' } as const;
const SECOND = { sessionId: '2-bbbbbbbb', policy: 'open' } as const;

let rig: Rig;
beforeEach(() => {
  rig = new Rig({ env: { role: 'edge' } });
  rig.cloud.pushes.set(param('a'), FIRST).set(param('b'), SECOND);
});
afterEach(() => rig.dispose());

const push = (client: string, letter: string) => rig.publish(client, { param: param(letter) });
const lastBeat = () => rig.cloud.heartbeats().at(-1);
const refused = (error: string) => ({ body: { code: 1, error } });

describe('an edge', () => {
  it('takes what an origin pushes, and says so at once', async () => {
    await rig.run(1000);
    const before = rig.cloud.heartbeats().length;
    expect(await push('push1', 'a')).toMatchObject({ status: 200, body: { code: 0 } });
    await rig.run(10);
    expect(rig.cloud.heartbeats()).toHaveLength(before + 1);
    const copy = { streamId: STREAM, sessionId: FIRST.sessionId, viewers: 0 };
    expect(lastBeat()).toMatchObject({ role: 'edge', sessions: [], copies: [copy], viewers: { playing: 0, most: 5 } });
  });

  it('plays it to viewers by HTTP-FLV, counts them, and has no session or segment of its own', async () => {
    await push('push1', 'a');
    await rig.run(2000);
    expect(await rig.call('GET', `/live/${STREAM}.flv`)).toMatchObject({ status: 200 });
    rig.srs.segment();
    await rig.onHls(rig.srs.segment(), 'push1');
    await rig.run(10_000);
    expect(lastBeat()).toMatchObject({
      copies: [{ viewers: 1 }],
      viewers: { playing: 1 },
      sessions: [],
      spoolBytes: 0,
    });
    expect(rig.agent.sessions.all()).toEqual([]);
    expect(rig.uploaded(FIRST.sessionId)).toEqual([]);
    expect(rig.events('segment_ignored')).toEqual([]);
    expect(rig.events('stranger_kicked')).toEqual([]);
  });

  it('tells nobody of the end of a copy but by its heartbeat', async () => {
    await push('push1', 'a');
    await rig.unpublish('push1', { param: param('a') });
    await rig.run(3000);
    expect(rig.cloud.clients('on_unpublish')).toEqual([]);
    expect(lastBeat()).toMatchObject({ copies: [] });
  });

  it.each<[string, string]>([
    ['the key of the stream', `?key=${KEY}`],
    ['nothing', ''],
    ['a token of another form', '?push=sle_short'],
    ['a play token', `?token=slp_${'a'.repeat(16)}`],
  ])('refuses a publisher with %s, without asking anybody', async (_what, shown) => {
    expect(await rig.publish('stranger', { param: shown })).toMatchObject(refused('pushes_only'));
    expect(rig.cloud.clients('on_publish')).toEqual([]);
  });

  it('refuses a push that srs-hooks refuses, and one that it admits as a publisher', async () => {
    expect(await push('push1', 'c')).toMatchObject(refused('wrong_key'));
    expect(await rig.publish('push2', { param: `${param('c')}?key=${KEY}` })).toMatchObject(refused('bad_answer'));
    expect(rig.agent.sessions.all()).toEqual([]);
  });

  it('has the newest session, whichever of two origins comes last', async () => {
    await push('push1', 'a');
    await push('push2', 'b');
    expect(rig.srs.kicked).toEqual(['push1']);
    rig.cloud.pushes.set(param('d'), FIRST);
    expect(await push('push3', 'd')).toMatchObject(refused('superseded'));
    expect(rig.srs.kicked).toEqual(['push1']);
    await rig.run(2500);
    expect(lastBeat()).toMatchObject({ copies: [{ sessionId: SECOND.sessionId }] });
  });

  it('forgets copies that are gone without a word, and those of an SRS that has restarted', async () => {
    await push('push1', 'a');
    rig.srs.left('push1');
    await rig.run(8000);
    expect(lastBeat()).toMatchObject({ copies: [] });
  });

  it('ends a publisher that nobody let in, as after a restart of its agent: its origin pushes again', async () => {
    await push('push1', 'a');
    await rig.crash();
    rig.restart();
    await rig.run(5000);
    expect(rig.srs.kicked).toEqual(['push1']);
  });

  it('takes no publisher by WebRTC', async () => {
    const body = JSON.stringify({ kind: 'publish', streamId: STREAM, address: '192.0.2.1', sdp: 'v=0' });
    expect(await rig.call('POST', '/rtc/offer', { caller: API, body })).toMatchObject({ status: 503 });
  });

  it('cuts nothing for low latency: what is asked of it goes to the origin', async () => {
    await push('push1', 'a');
    await rig.run(2000);
    rig.cloud.locations = [{ streamId: STREAM, agentUrl: 'http://10.0.0.7:8086' }];
    await rig.call('GET', `/live/${STREAM}/index.m3u8`);
    expect(rig.cloud.heard.some(({ path }) => path.endsWith('/locations'))).toBe(true);
  });
});

describe('an origin', () => {
  it('is pushed to by nobody: a push token is no key', async () => {
    const origin = new Rig();
    expect(await origin.publish('push1', { param: param('a') })).toMatchObject(refused('wrong_key'));
    origin.dispose();
  });
});
