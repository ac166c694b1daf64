import { once } from 'node:events';
import { Readable } from 'node:stream';
import { type AgentReply, replyTo } from '../../../../srs-image/agent/http/listener';
import { offerOf } from '../../../support/network/sdp';
import { API, requestOf as asked, KEY, NODE, Rig, STREAM } from '../rig';

/** Two nodes and their viewers by HTTP-FLV, as the load balancer sends them: to any node. */
const FLV = `/live/${STREAM}.flv`;
const PEER_URL = 'http://10.0.0.3:8086';

let rig: Rig;
/** The node that publishes the stream, once a test has one. */
let other: Rig | undefined;
const passedOn: string[] = [];
/** Nodes that do not answer. */
let away: string[] = [];

beforeEach(() => {
  passedOn.length = 0;
  other = undefined;
  away = [];
  rig = new Rig({
    peers: {
      ask: async (agentUrl, request) => {
        passedOn.push(`${agentUrl} ${request.path}?${request.query} for ${request.address}`);
        if (other === undefined || away.includes(agentUrl)) throw new Error('connect ECONNREFUSED');
        const path = `/passed-on${request.path}?${request.query}`;
        const headers = { authorization: `Bearer ${NODE}` };
        return replyTo(
          other.agent.publicHandler(),
          asked(request.method, path, { headers, address: request.address }),
          {
            info: () => undefined,
            warn: () => undefined,
            error: () => undefined,
          },
        );
      },
    },
  });
});
afterEach(() => {
  rig.dispose();
  other?.dispose();
});

const view = (path = FLV, address = '192.0.2.1', headers: Record<string, string> = {}): Promise<AgentReply> =>
  rig.call('GET', path, { address, headers });
const mediaOf = ({ body }: AgentReply): Readable => {
  if (body instanceof Readable) return body;
  throw new Error(`no media: ${JSON.stringify(body)}`);
};
async function leave(reply: AgentReply): Promise<void> {
  const media = mediaOf(reply);
  const closed = once(media, 'close');
  media.destroy();
  await closed;
}
const NOWHERE = { status: 404, body: { error: 'stream_not_found' } };
const locations = (): number => rig.cloud.heard.filter(({ path }) => path.endsWith('/locations')).length;

describe('HTTP-FLV of a stream that this node has', () => {
  it('is media without end, for anybody, that no cache keeps', async () => {
    await rig.publish();
    const { status, body, headers } = await view();
    expect([status, body instanceof Readable, headers]).toEqual([
      200,
      true,
      { 'content-type': 'video/x-flv', 'cache-control': 'no-store', 'access-control-allow-origin': '*' },
    ]);
    expect(locations()).toBe(0);
  });

  it('of a gated stream needs a token, and without one looks as if there were no stream', async () => {
    rig.cloud.grant = { policy: 'gated' };
    await rig.publish();
    rig.cloud.playToken = 'slp_good';
    const nowhere = await view('/live/nowhere000000000.flv');
    expect(nowhere).toMatchObject(NOWHERE);
    expect(await view()).toEqual(nowhere);
    expect(await rig.call('HEAD', FLV)).toEqual(nowhere);
    expect(await view(`${FLV}?token=slp_other`)).toEqual(nowhere);
    expect(await view(`${FLV}?token=slp_good`)).toMatchObject({ status: 200 });
    expect(await view(FLV, '192.0.2.2', { authorization: 'Bearer slp_good' })).toMatchObject({ status: 200 });
  });

  it.each(['slp_x&ticket=1', 'slp_x?key=1', 'x'.repeat(600), 'slp x'])(
    'never hands SRS the token %j',
    async (token) => {
      await rig.publish();
      await view(`${FLV}?${new URLSearchParams({ token })}`);
      expect(rig.srs.queries.join()).not.toContain('token');
      expect(rig.cloud.heard.find(({ path }) => path.endsWith('on_play'))?.body.param).toMatch(
        /^\?ticket=[a-z0-9]{32}$/,
      );
    },
  );

  it('may be read by the pages that the stream names, and by no others', async () => {
    await rig.publish();
    rig.cloud.allowedOrigins = ['https://shop.example'];
    const from = async (origin: string, address: string) => (await view(FLV, address, { origin })).headers;
    expect(await from('https://shop.example', '192.0.2.1')).toMatchObject({
      'access-control-allow-origin': 'https://shop.example',
      vary: 'Origin',
    });
    expect(await from('https://other.example', '192.0.2.2')).not.toHaveProperty('access-control-allow-origin');
  });

  it('has as many viewers of an address and of a stream as it may, and a seat again once one left', async () => {
    await rig.publish();
    const first = await view();
    await view();
    expect(await view()).toMatchObject({
      status: 429,
      body: { error: 'viewer_limit' },
      headers: { 'retry-after': '10' },
    });
    expect(await view(FLV, '192.0.2.2')).toMatchObject({ status: 200 });
    expect(await view(FLV, '192.0.2.3')).toMatchObject({ status: 429, body: { error: 'viewer_limit' } });
    await leave(first);
    expect(await view(FLV, '192.0.2.3')).toMatchObject({ status: 200 });
  });

  it('that is refused, or asked for by HEAD, takes no seat', async () => {
    await rig.publish();
    rig.cloud.playToken = 'slp_good';
    for (let times = 0; times < 5; times += 1) {
      await view();
      expect(await rig.call('HEAD', FLV)).toMatchObject({ status: 200, body: '' });
    }
    expect(await view(`${FLV}?token=slp_good`)).toMatchObject({ status: 200 });
  });

  it('tells only the holder of a genuine token that its grant is over', async () => {
    rig.cloud.grant = { policy: 'gated' };
    rig.cloud.playToken = 'slp_good';
    rig.cloud.playRefusal = 'grant_ended';
    await rig.publish();
    expect(await view(`${FLV}?token=slp_revoked`)).toMatchObject({ status: 410 });
  });
});

describe('HTTP-FLV of a stream that another node has', () => {
  beforeEach(async () => {
    other = new Rig({ clock: rig.clock, nodeId: 'node-2' });
    await other.publish();
    rig.cloud.locations = [{ streamId: STREAM, agentUrl: PEER_URL }];
  });

  it('comes from there, with the token and the address of the viewer', async () => {
    const reply = await view(`${FLV}?token=slp_x`, '198.51.100.9');
    expect([reply.status, (await mediaOf(reply).toArray()).join('')]).toEqual([200, 'FLV']);
    expect(passedOn).toEqual([`${PEER_URL} ${FLV}?token=slp_x for 198.51.100.9`]);
    expect(rig.srs.queries).toEqual([]);
  });

  it('comes from the edge that is named, else from another edge, and from the origin in the end', async () => {
    const copies = ['a', 'b'].map((name) => ({ edge: `${name}`.repeat(8), agentUrl: `http://edge-${name}:8086` }));
    rig.cloud.locations = [{ streamId: STREAM, agentUrl: PEER_URL, copies }];
    away = ['http://edge-b:8086', 'http://edge-a:8086'];
    expect(await view(`${FLV}?edge=bbbbbbbb`)).toMatchObject({ status: 200 });
    expect(passedOn.map((line) => line.split(' ')[0])).toEqual(['http://edge-b:8086', 'http://edge-a:8086', PEER_URL]);
    away = [];
    expect(await view(FLV, '192.0.2.9')).toMatchObject({ status: 200 });
    expect(passedOn.at(-1)).toMatch(/^http:\/\/edge-a:8086 /);
  });

  it('takes a seat here too, which is free again once the viewer left', async () => {
    const first = await view();
    await view();
    expect(await view()).toMatchObject({ status: 429 });
    await leave(first);
    expect(await view()).toMatchObject({ status: 200 });
  });

  it('is asked of one other node, never of a third', async () => {
    await other?.unpublish();
    if (other !== undefined) other.cloud.locations = [{ streamId: STREAM, agentUrl: 'http://10.0.0.4:8086' }];
    expect(await view()).toMatchObject(NOWHERE);
    expect(passedOn).toHaveLength(1);
    expect(other?.cloud.heard.some(({ path }) => path.endsWith('/locations'))).toBe(false);
  });

  it('is refused with 503 while that node does not answer, and the next request asks again', async () => {
    const gone = other;
    other = undefined;
    expect(await view()).toMatchObject({ status: 503, body: { error: 'unavailable' } });
    other = gone;
    expect(await view()).toMatchObject({ status: 200 });
  });

  it('is found within a second of where it went', async () => {
    rig.cloud.locations = [];
    expect(await view()).toMatchObject(NOWHERE);
    rig.cloud.locations = [{ streamId: STREAM, agentUrl: PEER_URL }];
    await rig.run(500);
    expect(await view()).toMatchObject({ status: 200 });
  });

  it('is still found ten seconds after srs-hooks went away, and not for ever', async () => {
    await view(FLV, '192.0.2.1');
    rig.cloud.away = true;
    await rig.run(5000);
    expect(await view(FLV, '192.0.2.2')).toMatchObject({ status: 200 });
    await rig.run(6000);
    expect(await view(FLV, '192.0.2.3')).toMatchObject(NOWHERE);
  });
});

describe('the listener for other nodes', () => {
  const from = (caller?: string) => rig.call('GET', `/passed-on${FLV}`, caller === undefined ? {} : { caller });

  it('is answered to nodes only', async () => {
    await rig.publish();
    expect(await from()).toMatchObject({ status: 401 });
    expect(await from('somebody@project.iam.gserviceaccount.com')).toMatchObject({ status: 403 });
    expect(await from(NODE)).toMatchObject({ status: 200 });
  });

  it('opens no other door: a node may not ask what the API may', async () => {
    for (const path of ['/metrics', '/passed-on/metrics', `/plays/${STREAM}`, `/passed-on/passed-on${FLV}`])
      expect((await rig.get(path, NODE)).status).toBeGreaterThanOrEqual(400);
  });
});

it('a thousand requests for streams that do not exist ask srs-hooks twice a second', async () => {
  for (let second = 0; second < 2; second += 1) {
    const requests = Array.from({ length: 500 }, (_, index) =>
      view(`/live/${`nowhere${second}${index}`.padEnd(16, '0')}.flv`, `198.51.${second}.${index % 250}`),
    );
    const answers = await Promise.all(requests);
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([404]));
    await rig.run(500);
  }
  expect(locations()).toBeLessThanOrEqual(4);
  expect(rig.events('request_refused')).toEqual([]);
});

it.each([
  '/live/',
  '/live/x.flv',
  `/live/${STREAM}`,
  `/live/${STREAM}.flv/x`,
  `/live/..%2f${STREAM}.flv`,
  '/live//.flv',
])('%s is no stream', async (path) => expect(await view(path)).toMatchObject({ status: 404 }));

it('a request that is no GET is refused, with the methods that are allowed', async () => {
  expect(await rig.call('POST', FLV, { body: KEY })).toMatchObject({ status: 405, headers: { allow: 'GET, HEAD' } });
});

describe('HTTP-FLV of which SRS gives nothing', () => {
  const ended = (): Promise<Readable> =>
    new Promise((_, reject) => {
      const look = () => (rig.srs.kicked.length > 0 ? reject(new Error('other side closed')) : undefined);
      void rig.clock.sleep(14_000).then(look);
      void rig.clock.sleep(20_000).then(() => reject(new Error('SRS sent nothing for 20 s')));
    });
  beforeEach(() => {
    rig.srs.media = ended;
  });

  it('has its publisher kicked once where segments go on, because SRS lost the stream from its table', async () => {
    await rig.publish();
    const viewers = [view(), view(FLV, '192.0.2.2')];
    for (let segment = 0; segment < 8; segment += 1) await rig.segment();
    for (const reply of await Promise.all(viewers))
      expect(reply).toMatchObject({ status: 503, body: { error: 'unavailable' } });
    expect(rig.srs.kicked).toEqual(['client1']);
    expect(rig.events('silent_publisher_kicked')).toMatchObject([{ fields: { streamId: STREAM } }]);
  });

  it('has nobody kicked where no media comes in either', async () => {
    await rig.publish();
    const viewer = view();
    await rig.run(25_000);
    expect((await viewer).status).toBe(503);
    expect(rig.srs.kicked).toEqual([]);
  });

  it('has no browser kicked: SRS waits for the sender reports of its tracks', async () => {
    const offer = { kind: 'publish', streamId: STREAM, secret: KEY, address: '198.51.100.9', sdp: offerOf() };
    const begun = await rig.call('POST', '/rtc/offer', { caller: API, body: JSON.stringify(offer) });
    expect(begun.status).toBe(201);
    const viewer = view();
    for (let segment = 0; segment < 12; segment += 1) await rig.segment('media1');
    expect((await viewer).status).toBe(503);
    expect(rig.srs.kicked).toEqual([]);
  });
});
