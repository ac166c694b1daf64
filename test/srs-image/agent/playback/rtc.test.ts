import { z } from 'zod';
import type { AgentReply } from '../../../../srs-image/agent/http/listener';
import { Tickets } from '../../../../srs-image/agent/srs/tickets';
import { offerOf } from '../../../support/network/sdp';
import { API, KEY, Rig, STREAM } from '../rig';

let rig: Rig;
beforeEach(() => {
  rig = new Rig();
});
afterEach(() => rig.dispose());

const OTHER = 'otherother012345';
const Answer = z.object({ session: z.string(), sdp: z.string(), sessionId: z.string().optional() });

const ask = (path: string, body: object): Promise<AgentReply> =>
  rig.call('POST', path, { caller: API, body: JSON.stringify(body) });
const offer = (fields: object = {}): Promise<AgentReply> =>
  ask('/rtc/offer', {
    kind: 'publish',
    streamId: STREAM,
    secret: KEY,
    address: '198.51.100.9',
    sdp: offerOf(),
    ...fields,
  });
const play = (fields: object = {}): Promise<AgentReply> => offer({ kind: 'play', secret: undefined, ...fields });
const end = (fields: object): Promise<AgentReply> =>
  ask('/rtc/end', { kind: 'publish', streamId: STREAM, secret: KEY, ...fields });

describe('a WHIP offer', () => {
  it('opens a session, and the answer has the address of the node', async () => {
    const { status, body } = await offer();
    expect(status).toBe(201);
    expect(Answer.parse(body).sdp).toContain('203.0.113.7 8000 typ host');
    const [session] = rig.agent.sessions.open();
    expect(session?.ref.streamId).toBe(STREAM);
    expect(Answer.parse(body).sessionId).toBe(session?.ref.sessionId);
  });

  it('gives SRS app, stream, key and ticket, the address of the client, and nothing else', async () => {
    await offer();
    expect(rig.srs.queries).toEqual([`app=live&stream=${STREAM}&key=${KEY}&ticket=${'1'.padStart(32, '0')}`]);
    expect(rig.cloud.heard.find(({ path }) => path.endsWith('on_publish'))?.body).toMatchObject({ ip: '198.51.100.9' });
  });

  it('with a wrong key is refused with the reason, and the client SRS knows is kicked', async () => {
    expect(await offer({ secret: 'wrong' })).toMatchObject({ status: 403, body: { error: 'wrong_key' } });
    await rig.run(1000);
    expect(rig.srs.kicked).toEqual(['media1']);
  });

  it('may take fifteen seconds to connect: a way through TURN is found last', async () => {
    rig.srs.isConnecting = true;
    await offer();
    await rig.run(14_000);
    expect(rig.agent.sessions.open()).toHaveLength(1);
    rig.srs.publishing('media1', STREAM);
    await rig.run(10_000);
    expect(rig.agent.sessions.open()).toHaveLength(1);
    expect(rig.srs.kicked).toEqual([]);
  });

  it('that never connects is over then', async () => {
    rig.srs.isConnecting = true;
    await offer();
    await rig.run(19_000);
    expect(rig.agent.sessions.open()).toEqual([]);
    expect(rig.cloud.clients('on_unpublish')).toEqual(['media1']);
    expect(rig.srs.kicked).toEqual(['media1']);
  });

  it('ends the one before that still looks for its way: a page that was loaded again', async () => {
    rig.srs.isConnecting = true;
    await offer();
    expect(await offer()).toMatchObject({ status: 201 });
    expect(rig.srs.kicked).toEqual(['media1']);
    expect(rig.agent.sessions.open().map(({ state }) => state.client.clientId)).toEqual(['media2']);
  });

  it.each(['ice-ufrag', 'ice-pwd', 'eip', 'candidate', 'app'])('cannot bring %s', async (field) => {
    expect(await offer({ [field]: 'x' })).toMatchObject({ status: 400, body: { error: 'bad_request' } });
    expect(rig.srs.queries).toEqual([]);
  });

  it('cannot smuggle a query in its key', async () => {
    expect(await offer({ secret: 'x&ice-ufrag=abcd1234' })).toMatchObject({ status: 400 });
  });

  it('of a stream that is live ends the publisher before: SRS would turn it away unasked', async () => {
    await rig.publish('rtmp1');
    expect(await offer()).toMatchObject({ status: 201 });
    expect(rig.srs.kicked).toEqual(['rtmp1']);
    expect(rig.agent.sessions.open().map(({ state }) => state.client.clientId)).toEqual(['media1']);
  });

  it('is busy while the publisher before does not go', async () => {
    await rig.publish('rtmp1');
    rig.srs.obeys = false;
    expect(await offer()).toMatchObject({ status: 409, body: { error: 'busy' } });
  });

  it('is not taken by a draining node', async () => {
    rig.agent.drain();
    expect(await offer()).toMatchObject({ status: 503, body: { error: 'draining' } });
  });

  it('SRS can make nothing of is refused', async () => {
    expect(await offer({ sdp: 'hello' })).toMatchObject({ status: 400, body: { error: 'offer_refused' } });
  });

  it('that is too long, or no JSON, is refused with the field', async () => {
    expect(await offer({ sdp: 'v'.repeat(50_000) })).toMatchObject({
      status: 400,
      body: { message: expect.stringContaining('sdp: ') },
    });
    expect(await rig.call('POST', '/rtc/offer', { caller: API, body: '{' })).toMatchObject({ status: 400 });
  });

  it('needs an ID token', async () => {
    expect(await rig.call('POST', '/rtc/offer', { body: '{}' })).toMatchObject({ status: 401 });
    expect(await rig.call('POST', '/rtc/offer', { caller: 'x@y.iam.gserviceaccount.com', body: '{}' })).toMatchObject({
      status: 403,
    });
  });
});

describe('WebRTC that does not come through the agent', () => {
  it('is refused and kicked, with the right key too', async () => {
    const param = `app=live&stream=${STREAM}&key=${KEY}&ice-ufrag=abcd1234&ice-pwd=0123456789abcdef01234567`;
    const reply = await rig.hook('on_publish', { tcUrl: '', param }, 'intruder');
    expect(reply).toMatchObject({ body: { code: 1, error: 'not_proxied' } });
    await rig.run(1000);
    expect(rig.srs.kicked).toEqual(['intruder']);
    expect(rig.cloud.heard.filter(({ path }) => path.endsWith('on_publish'))).toEqual([]);
  });

  it('does not play either', async () => {
    await rig.publish();
    expect(await rig.hook('on_play', { tcUrl: '', param: `app=live&stream=${STREAM}` }, 'v')).toMatchObject({
      body: { error: 'not_proxied' },
    });
  });
});

describe('a WHEP offer', () => {
  it('of a live stream is answered', async () => {
    await rig.publish();
    expect(await play()).toMatchObject({ status: 201 });
  });

  it('of a stream nobody publishes is refused: SRS would let the viewer wait', async () => {
    expect(await play()).toMatchObject({ status: 409, body: { error: 'not_live' } });
  });

  it('of a gated stream needs the play token', async () => {
    await rig.publish();
    rig.cloud.playToken = 'slp_good';
    expect(await play()).toMatchObject({ status: 403, body: { error: 'not_playable' } });
    expect(await play({ secret: 'slp_good' })).toMatchObject({ status: 201 });
  });
});

describe('the end of a session', () => {
  const opened = async (): Promise<string> => Answer.parse((await offer()).body).session;

  it('kicks the client it is of, once, and says which publish it was', async () => {
    const session = await opened();
    const [publish] = rig.agent.sessions.open();
    expect(await end({ session })).toMatchObject({ status: 200, body: { sessionId: publish?.ref.sessionId } });
    expect(rig.srs.kicked).toEqual(['media1']);
    expect(await end({ session })).toMatchObject({ status: 404 });
  });

  it("is not for somebody else's key, stream or kind", async () => {
    const session = await opened();
    expect(await end({ session, secret: 'other' })).toMatchObject({ status: 403, body: { error: 'forbidden' } });
    expect(await end({ session, streamId: OTHER })).toMatchObject({
      status: 404,
      body: { error: 'session_not_found' },
    });
    expect(await end({ session, kind: 'play' })).toMatchObject({ status: 404 });
    expect(rig.srs.kicked).toEqual([]);
  });

  it('of a viewer names no publish', async () => {
    await rig.publish('rtmp1');
    const { session } = Answer.parse((await play()).body);
    expect(await end({ session, kind: 'play', secret: undefined })).toMatchObject({ status: 200, body: {} });
  });

  it('a beacon of a closing page is accepted for a minute after SRS said that the client left', async () => {
    const session = await opened();
    const [publish] = rig.agent.sessions.open();
    await rig.unpublish('media1', { tcUrl: '', param: '' });
    expect(await end({ session, secret: 'other' })).toMatchObject({ status: 403 });
    expect(await end({ session })).toMatchObject({ status: 200, body: { sessionId: publish?.ref.sessionId } });
    expect(rig.srs.kicked).toEqual([]);
    expect(await end({ session })).toMatchObject({ status: 404 });
  });

  it('is there no more a minute after the client left', async () => {
    const session = await opened();
    await rig.unpublish('media1', { tcUrl: '', param: '' });
    await rig.run(61_000);
    expect(await end({ session })).toMatchObject({ status: 404 });
  });
});

describe('the heartbeat', () => {
  it('says where the node is reached', async () => {
    await rig.run(3000);
    expect(rig.cloud.heartbeats()[0]).toMatchObject({ reach: { agentUrl: 'http://10.0.0.2:8086' } });
  });
});

describe('a ticket', () => {
  it('counts once, for its kind and stream, while its request is open', () => {
    const tickets = new Tickets((length) => 'a'.repeat(length));
    const ticket = tickets.issue('publish', STREAM);
    const param = `app=live&stream=${STREAM}&ticket=${ticket.id}`;
    expect(tickets.claim('play', STREAM, param)).toBeUndefined();
    expect(tickets.claim('publish', OTHER, param)).toBeUndefined();
    expect(tickets.claim('publish', STREAM, `x=${param}`)).toBe(ticket);
    expect(tickets.claim('publish', STREAM, param)).toBeUndefined();
    const late = tickets.issue('play', STREAM);
    tickets.close(late);
    expect(tickets.claim('play', STREAM, `?ticket=${late.id}`)).toBeUndefined();
  });
});
