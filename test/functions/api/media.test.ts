import type { Node } from '../../../functions/contract/state';
import { mintToken } from '../../../functions/core/signing/token';
import { type ApiRig, apiRig } from '../../support/api-rig';
import {
  SDP_ANSWER as ANSWER,
  FakeNodes,
  markOf as mark,
  MEDIA_SESSION as SESSION,
} from '../../support/fake-media-nodes';
import { offerOf } from '../../support/network/sdp';
import { NEWEST } from '../../support/signing-keys';
import {
  KEY,
  nodeOf,
  OTHER_KEY,
  publishedStream,
  reported,
  STREAM_ID,
  sessionOf,
  streamOf,
} from '../../support/streams';

const NODE_1 = 'http://node-1:8086';
const NODE_2 = 'http://node-2:8086';
let rig: ApiRig;
let nodes: FakeNodes;

const addNode = (id: string, more: Partial<Node> = {}): Promise<number> =>
  rig.deps.streamStore.changeNode(id, () => {
    const reach = { agentUrl: `http://${id}:8086` };
    return { node: nodeOf({ id, heartbeatAt: rig.deps.clock.now(), reach, ...more }), result: 0 };
  });

beforeEach(async () => {
  nodes = new FakeNodes();
  const turn = {
    urls: ['turn:turn.example.com?transport=udp', 'turn:turn.example.com:443?transport=tcp'],
    secret: 'x'.repeat(32),
  };
  rig = apiRig({ media: { nodes, turn } });
  await rig.deps.streamStore.createStream(streamOf());
  await addNode('node-1', { sessions: [reported(sessionOf(7, { streamId: 'z'.repeat(16) }))] });
  await addNode('node-2');
});
afterEach(() => expect(rig.lines.join('\n')).not.toMatch(/sk_[a-z2-7]{16}/));

const SDP = { 'Content-Type': 'application/sdp', 'X-Forwarded-For': '198.51.100.9, 203.0.113.1' };
const bearer = (secret: string) => ({ Authorization: `Bearer ${secret}` });
const whip = (headers: Record<string, string> = bearer(KEY), body: unknown = offerOf({ direction: 'sendonly' })) =>
  rig.ask('POST', `/whip/${STREAM_ID}`, { headers: { ...SDP, ...headers }, body });
const whep = (headers: Record<string, string> = {}, body: unknown = offerOf({ direction: 'recvonly' })) =>
  rig.ask('POST', `/whep/${STREAM_ID}`, { headers: { ...SDP, ...headers }, body });
const problem = async (answer: Promise<Response>) => {
  const response = await answer;
  const { status, code, detail } = await response.json();
  return { status, code, detail, retryAfter: response.headers.get('retry-after') };
};

async function goLive(more: Parameters<typeof streamOf>[0] = {}): Promise<void> {
  const startedAt = rig.deps.clock.now() - 60_000;
  const stream = publishedStream({ nodeId: 'node-1', startedAt }, more);
  await rig.deps.streamStore.changeStream(STREAM_ID, () => ({ change: { stream }, result: 0 }));
  await addNode('node-1', { sessions: [reported(sessionOf(1))] });
}

describe('WHIP', () => {
  it('opens a session on the node with the fewest publishers', async () => {
    const answer = await whip();
    expect([answer.status, answer.headers.get('content-type'), await answer.text()]).toEqual([
      201,
      'application/sdp',
      ANSWER,
    ]);
    expect(answer.headers.get('location')).toBe(`/api/v1/whip/${STREAM_ID}/${mark('node-2')}-${SESSION}`);
    expect(answer.headers.get('etag')).toBe('"nnrlyl49"');
    expect(nodes.offers).toEqual([
      {
        url: NODE_2,
        offer: {
          kind: 'publish',
          streamId: STREAM_ID,
          secret: KEY,
          address: '198.51.100.9',
          sdp: offerOf({ direction: 'sendonly' }),
        },
      },
    ]);
  });

  it('names the session, and a publisher that lost it replaces its own ghost by that name', async () => {
    const name = (await whip()).headers.get('srs-live-session');
    expect(name).toBe('1-abcdefgh');
    await goLive();
    expect((await whip({ ...bearer(KEY), 'Srs-Live-Session': String(name) })).status).toBe(201);
  });

  it.each([
    ['once', []],
    ['so often that nobody may any more', [1, 2, 3]],
  ])('does not give a stream back to a publisher that reconnects after it was taken over %s', async (_what, ago) => {
    const now = rig.deps.clock.now();
    await goLive({ ordinal: 2, session: sessionOf(2), takeovers: ago.map((seconds) => now - seconds * 1000) });
    const reconnects = whip({ ...bearer(KEY), 'Srs-Live-Session': '1-abcdefgh' });
    expect(await problem(reconnects)).toMatchObject({ status: 409, code: 'publisher_replaced' });
    expect(nodes.offers).toEqual([]);
  });

  it('lets a publisher come back to a stream that another one had taken and left', async () => {
    await goLive({ ordinal: 2, session: { ...sessionOf(2), endedAt: rig.deps.clock.now(), endReason: 'unpublished' } });
    expect((await whip({ ...bearer(KEY), 'Srs-Live-Session': '1-abcdefgh' })).status).toBe(201);
  });

  it('says nothing about who publishes to a wrong key with the name of a session', async () => {
    await goLive({ ordinal: 2, session: sessionOf(2) });
    const headers = { ...bearer(OTHER_KEY), 'Srs-Live-Session': '1-abcdefgh' };
    expect(await problem(whip(headers))).toMatchObject({ status: 401, code: 'unauthenticated' });
  });

  it('refuses a name that no session has', async () => {
    expect(await problem(whip({ ...bearer(KEY), 'Srs-Live-Session': '1-' }))).toMatchObject({ status: 400 });
  });

  it('tells the TURN servers, with credentials', async () => {
    const link = (await whip()).headers.get('link') ?? '';
    expect(link).toContain('<turn:turn.example.com:443?transport=tcp>; rel="ice-server"; username="');
    expect(link.match(/rel="ice-server"/g)).toHaveLength(2);
  });

  it('goes to the next node when one drains or does not answer', async () => {
    nodes.refusals.set(NODE_2, { error: 'draining', message: 'this node takes no new publisher' });
    expect((await whip()).status).toBe(201);
    nodes.away.add(NODE_2);
    expect((await whip()).status).toBe(201);
    expect(nodes.offers.map(({ url }) => url)).toEqual([NODE_2, NODE_1, NODE_2, NODE_1]);
  });

  it('is unavailable while no node takes publishers', async () => {
    await addNode('node-1', { draining: true });
    await addNode('node-2', { heartbeatAt: 0 });
    expect(await problem(whip())).toMatchObject({ status: 503, code: 'unavailable' });
  });

  it.each([
    ['no key', {}],
    ['another key', bearer(OTHER_KEY)],
    ['a malformed key', bearer('sk_short')],
    ['a key with a query in it', bearer(`${KEY}&ice-ufrag=abcd1234`)],
    ['basic credentials', { Authorization: 'Basic eDp5' }],
  ])('refuses %s before any node hears of it', async (_what, headers) => {
    expect(await problem(whip(headers))).toMatchObject({ status: 401, code: 'unauthenticated' });
    expect(nodes.offers).toEqual([]);
  });

  it('asks for no more than SRS would be asked: the query of the client goes nowhere', async () => {
    await rig.ask('POST', `/whip/${STREAM_ID}?ice-ufrag=abcd1234&ice-pwd=0123456789abcdef01234567&eip=192.0.2.1`, {
      headers: { ...SDP, ...bearer(KEY) },
      body: offerOf(),
    });
    expect(JSON.stringify(nodes.offers)).not.toMatch(/abcd1234|192\.0\.2\.1/);
  });

  it('of no stream says what it says to a wrong key: nobody learns which streams there are', async () => {
    const nowhere = rig.ask('POST', `/whip/${'q'.repeat(16)}`, {
      headers: { ...SDP, ...bearer(KEY) },
      body: offerOf(),
    });
    expect(await problem(nowhere)).toEqual(await problem(whip(bearer(OTHER_KEY))));
  });

  it('of a suspended stream is refused', async () => {
    await rig.deps.streamStore.changeStream(STREAM_ID, (stream) => ({
      change: { stream: { ...streamOf(stream), suspended: { at: 1 } } },
      result: 0,
    }));
    expect(await problem(whip())).toMatchObject({ code: 'stream_suspended' });
  });

  it.each<[string, unknown, Record<string, string>, number, string]>([
    ['garbage', 'hello', {}, 400, 'bad_request'],
    ['nothing', '', {}, 400, 'bad_request'],
    ['70 KB', `v=0\r\n${'a=x\r\n'.repeat(15_000)}`, {}, 413, 'body_too_large'],
    ['an unknown codec', offerOf({ codecs: { video: ['VP8'] } }), {}, 422, 'media_unsupported'],
    ['JSON', '{}', { 'Content-Type': 'application/json' }, 415, 'unsupported_type'],
  ])('refuses %s', async (_what, body, headers, status, code) => {
    expect(await problem(whip({ ...bearer(KEY), ...headers }, body))).toMatchObject({ status, code });
    expect(nodes.offers).toEqual([]);
  });

  it.each([
    ['wrong_key', 401, 'unauthenticated'],
    ['busy', 409, 'publisher_busy'],
    ['address_not_allowed', 403, 'forbidden'],
    ['offer_refused', 422, 'media_unsupported'],
    ['not_here', 503, 'unavailable'],
  ])('passes on that the node says %s', async (error, status, code) => {
    for (const url of [NODE_1, NODE_2]) nodes.refusals.set(url, { error, message: 'why' });
    expect(await problem(whip())).toMatchObject({ status, code, detail: 'why' });
  });
});

describe('WHEP', () => {
  it('plays from the node that has the stream', async () => {
    await goLive();
    const answer = await whep();
    expect(answer.status).toBe(201);
    expect(answer.headers.get('location')).toBe(`/api/v1/whep/${STREAM_ID}/${mark('node-1')}-${SESSION}`);
    expect(nodes.offers.map(({ url }) => url)).toEqual([NODE_1]);
  });

  it('of a stream nobody publishes says when to ask again', async () => {
    expect(await problem(whep())).toMatchObject({ status: 409, code: 'not_live', retryAfter: '2' });
  });

  const tokenOf = (more: { streamId?: string; expires?: number } = {}): string => {
    const expires = Math.floor(rig.deps.clock.now() / 1000) + 60;
    return mintToken('play', { streamId: STREAM_ID, grantId: 'g'.repeat(16), expires, ...more }, NEWEST);
  };

  const giveGrant = () => {
    const now = rig.deps.clock.now();
    const times = { createdAt: now, expiresAt: now + 60_000, endsAt: now + 60_000, lifetimeSeconds: 60 };
    const grant = { id: 'g'.repeat(16), streamId: STREAM_ID, subject: 'shop', ...times, origins: [], renewals: 0 };
    return rig.deps.grants.store.add(grant, { max: 9, nowMs: now });
  };

  it('of a gated stream takes the play token of a grant, and hands it on to the node', async () => {
    await goLive({ policy: 'gated' });
    await giveGrant();
    const token = tokenOf();
    expect((await whep(bearer(token))).status).toBe(201);
    expect(nodes.offers[0]?.offer.secret).toBe(token);
    nodes.refusals.set(NODE_1, { error: 'not_playable', message: 'the hook says no' });
    expect(await problem(whep(bearer(token)))).toMatchObject({
      status: 403,
      code: 'forbidden',
      detail: 'the hook says no',
    });
  });

  it.each<[string, () => Record<string, string>]>([
    ['no token', () => ({})],
    ['a forged token', () => bearer(`${tokenOf().slice(0, -1)}x`)],
    ['an expired token', () => bearer(tokenOf({ expires: Math.floor(rig.deps.clock.now() / 1000) - 1 }))],
    ['the token of another stream', () => bearer(tokenOf({ streamId: 'z'.repeat(16) }))],
    ['the stream key', () => bearer(KEY)],
  ])('of a gated stream with %s answers as if there were none, live or not', async (_what, headers) => {
    const nowhere = await problem(rig.ask('POST', `/whep/${'q'.repeat(16)}`, { headers: SDP, body: offerOf() }));
    for (const happen of [() => goLive({ policy: 'gated' }), () => goLive({ policy: 'gated', suspended: { at: 1 } })]) {
      await happen();
      expect(await problem(whep(headers()))).toEqual(nowhere);
    }
    expect(nodes.offers).toEqual([]);
  });

  it('of a suspended stream is refused', async () => {
    await goLive({ suspended: { at: 1 } });
    expect(await problem(whep())).toMatchObject({ code: 'stream_suspended' });
  });
});

describe('the session of an answer', () => {
  const at = (id: string, kind = 'whip') => `/${kind}/${STREAM_ID}/${id}`;

  it('is ended with the key it was opened with', async () => {
    const answer = await rig.ask('DELETE', at(`${mark('node-2')}-${SESSION}`), { headers: bearer(KEY) });
    expect(answer.status).toBe(200);
    expect(nodes.ends).toEqual([
      { url: NODE_2, end: { kind: 'publish', streamId: STREAM_ID, session: SESSION, secret: KEY } },
    ]);
  });

  it('of a publisher takes its broadcast with it: no reconnect window', async () => {
    await goLive();
    nodes.ended = { sessionId: sessionOf(1).id };
    expect((await rig.ask('DELETE', at(`${mark('node-1')}-${SESSION}`), { headers: bearer(KEY) })).status).toBe(200);
    const stream = await rig.deps.streamStore.getStream(STREAM_ID);
    expect(stream?.session).toMatchObject({ endReason: 'stopped' });
    expect(stream?.unfinished.map(({ state }) => state)).toEqual(['closing']);
    const shown = await (await rig.ask('GET', `/streams/${STREAM_ID}`)).json();
    expect(shown.status).toBe('ended');
    // And the node may say so in its playlist: nobody joins the broadcast any more.
    expect(nodes.finals).toEqual([{ streamId: STREAM_ID, sessionId: sessionOf(1).id }]);
  });

  it('of a publisher is over too when the node does not hear that nothing follows', async () => {
    await goLive();
    nodes.ended = { sessionId: sessionOf(1).id };
    nodes.finalSession = async () => Promise.reject(new Error('connect ECONNREFUSED'));
    expect((await rig.ask('DELETE', at(`${mark('node-1')}-${SESSION}`), { headers: bearer(KEY) })).status).toBe(200);
    expect(rig.lines.join('\n')).toContain('node_not_told_of_stop');
  });

  it.each([
    ['of a publisher whom another one followed', 'whip', { sessionId: sessionOf(2).id }],
    ['of a viewer', 'whep', { sessionId: sessionOf(1).id }],
    ['on a node of an older image, which names no publish', 'whip', {}],
  ])('%s leaves the broadcast alone', async (_name, kind, ended) => {
    await goLive();
    nodes.ended = ended;
    expect((await rig.ask('DELETE', at(`${mark('node-1')}-${SESSION}`, kind), { headers: bearer(KEY) })).status).toBe(
      200,
    );
    expect((await rig.deps.streamStore.getStream(STREAM_ID))?.unfinished.map(({ state }) => state)).toEqual(['open']);
    expect(nodes.finals).toEqual([]);
  });

  it("that is somebody else's stays", async () => {
    nodes.refusals.set(NODE_2, { error: 'forbidden', message: 'the session was opened with another key or token' });
    expect(
      await problem(rig.ask('DELETE', at(`${mark('node-2')}-${SESSION}`), { headers: bearer(OTHER_KEY) })),
    ).toMatchObject({
      status: 403,
      code: 'forbidden',
    });
  });

  it.each(['nothing', `00000000-${SESSION}`, `${mark('node-2')}-short`])('%s is not there', async (id) => {
    expect(await problem(rig.ask('DELETE', at(id, 'whep'), { headers: {} }))).toMatchObject({
      status: 404,
      code: 'session_not_found',
    });
  });

  it('takes no PATCH: neither trickle ICE nor ICE restarts', async () => {
    const answer = await rig.ask('PATCH', at(`${mark('node-2')}-${SESSION}`), { headers: bearer(KEY), body: 'a=x' });
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'OPTIONS, DELETE']);
  });
});

describe('browsers', () => {
  it('may post an offer from another page, and read what they need of the answer', async () => {
    const preflight = await rig.ask('OPTIONS', `/whip/${STREAM_ID}`, {
      headers: { Origin: 'https://page.example', 'Access-Control-Request-Method': 'POST' },
    });
    expect([preflight.status, preflight.headers.get('access-control-allow-origin')]).toEqual([204, '*']);
    expect(preflight.headers.get('access-control-allow-headers')).toMatch(/Authorization.*Content-Type/);
    const answer = await whip({ ...bearer(KEY), Origin: 'https://page.example' });
    expect(answer.headers.get('access-control-expose-headers')).toMatch(/ETag.*Link.*Location/);
  });

  it('are told what an endpoint takes', async () => {
    const answer = await rig.ask('OPTIONS', `/whep/${STREAM_ID}`, { headers: {} });
    expect([answer.status, answer.headers.get('accept-post')]).toEqual([204, 'application/sdp']);
  });

  it('read the answer of a stream that names its pages from those only', async () => {
    await goLive({ allowedOrigins: ['https://ours.example'] });
    const allowed = async (origin: string) =>
      (await whep({ Origin: origin })).headers.get('access-control-allow-origin');
    expect([await allowed('https://ours.example'), await allowed('https://other.example')]).toEqual([
      'https://ours.example',
      null,
    ]);
  });
});

describe("SRS's own SDK", () => {
  const sdk = (path: string, body: object) =>
    rig.handler(new Request(`http://function/rtc/v1/${path}/`, { method: 'POST', body: JSON.stringify(body) }));

  it('publishes and plays by webrtc:// URLs', async () => {
    const streamurl = `webrtc://live.example.com/live/${STREAM_ID}`;
    const published = await sdk('publish', {
      streamurl: `${streamurl}?key=${KEY}&eip=192.0.2.1`,
      sdp: offerOf(),
      clientip: null,
    });
    expect(await published.json()).toEqual({
      code: 0,
      server: 'srs-live',
      sdp: ANSWER,
      sessionid: `${mark('node-2')}-${SESSION}`,
    });
    await goLive();
    expect((await sdk('play', { api: 'x', tid: '1', streamurl, sdp: offerOf() })).status).toBe(200);
    expect(nodes.offers.map(({ offer }) => [offer.kind, offer.secret])).toEqual([
      ['publish', KEY],
      ['play', undefined],
    ]);
  });

  it.each<[string, object, number, string]>([
    ['another URL', { streamurl: `rtmp://h/live/${STREAM_ID}`, sdp: offerOf() }, 400, 'bad_request'],
    ['no offer', { streamurl: `webrtc://h/live/${STREAM_ID}` }, 422, 'invalid_field'],
    ['garbage', { streamurl: `webrtc://h/live/${STREAM_ID}?key=${KEY}`, sdp: 'x' }, 400, 'bad_request'],
  ])('is refused with %s, by a code it takes for a failure', async (_what, body, status, code) => {
    const answer = await sdk('publish', body);
    expect([answer.status, (await answer.json()).code]).toEqual([status, code]);
  });
});

describe('a stream', () => {
  const show = async () => (await rig.ask('GET', `/streams/${STREAM_ID}`)).json();
  const srt = { host: '203.0.113.7', port: 10_080 };

  it('has SRT where a node takes it, and with its key all an encoder needs', async () => {
    expect((await show()).ingest.srt).toBeUndefined();
    await addNode('node-2', { reach: { agentUrl: NODE_2, srt } });
    expect((await show()).ingest.srt).toEqual({ server: 'srt://203.0.113.7:10080' });
    const made = await (await rig.ask('POST', '/streams', { body: { title: 't' } })).json();
    const streamId = `#!::r=live/${made.id},m=publish,key=${made.key}`;
    expect(made.ingest.srt).toEqual({
      server: 'srt://203.0.113.7:10080',
      streamId,
      url: `srt://203.0.113.7:10080?streamid=${streamId}`,
    });
  });

  it('that is live says what its publisher sends, and what to change', async () => {
    await goLive();
    expect(await show()).not.toHaveProperty('media');
    const media = { video: { codec: 'H264', keyframeSeconds: 10, bFrames: true }, segmentSeconds: 2 };
    await addNode('node-1', { sessions: [reported(sessionOf(1), { media })] });
    const shown = await show();
    expect(shown.media).toEqual(media);
    expect(shown.warnings.map(({ code }: { code: string }) => code)).toEqual([
      'keyframe_interval',
      'b_frames',
      'no_audio',
    ]);
  });
});

describe('HTTP-FLV', () => {
  it('is found at the nodes, with the token of a grant, whether anybody is live or not', async () => {
    const moved = async (file: string) => {
      const answer = await rig.ask('GET', `/flv/${file}`, { headers: {} });
      return [answer.status, answer.headers.get('location'), answer.headers.get('cache-control')];
    };
    expect(await moved(`${STREAM_ID}.flv?token=slp_x`)).toEqual([
      307,
      `/live/${STREAM_ID}.flv?token=slp_x`,
      'no-store',
    ]);
    expect(await moved(`${STREAM_ID}.flv`)).toEqual([307, `/live/${STREAM_ID}.flv`, 'no-store']);
  });

  it('of what is no stream is not found', async () => {
    for (const file of ['nothing.flv', STREAM_ID, '..%2fx.flv'])
      expect(await problem(rig.ask('GET', `/flv/${file}`, { headers: {} }))).toMatchObject({ status: 404 });
  });
});
