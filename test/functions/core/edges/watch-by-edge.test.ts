import type { Node, Stream } from '../../../../functions/contract/state';
import { type ApiRig, apiRig } from '../../../support/api-rig';
import { FakeNodes, markOf } from '../../../support/fake-media-nodes';
import { offerOf } from '../../../support/network/sdp';
import { nodeOf, publishedStream, reported, STREAM_ID, sessionOf } from '../../../support/streams';

/** A live stream on node-1 with copies on two edges, as viewers are sent to them. */
const COPY = { streamId: STREAM_ID, sessionId: sessionOf(1).id };
const A = markOf('edge-a');
const B = markOf('edge-b');
let rig: ApiRig;
let nodes: FakeNodes;
const now = () => rig.deps.clock.now();

const addNode = (id: string, more: Partial<Node>): Promise<number> =>
  rig.deps.streamStore.changeNode(id, () => {
    const reach = { agentUrl: `http://${id}:8086`, push: { host: id, port: 1935 } };
    return { node: nodeOf({ id, heartbeatAt: now(), reach, ...more }), result: 0 };
  });
const addEdge = (id: string, playing: number, more: Partial<Node> = {}) =>
  addNode(id, { role: 'edge', copies: [{ ...COPY, viewers: playing }], viewers: { playing, most: 100 }, ...more });
const addOrigin = (on: string[], more: Partial<Node> = {}) =>
  addNode('node-1', {
    sessions: [reported(sessionOf(1))],
    ...(on.length > 0 && { pushes: on.map((edgeId) => ({ ...COPY, edgeId })) }),
    ...more,
  });
const live = (more: Partial<Stream> = {}) =>
  rig.deps.streamStore.createStream(publishedStream({ startedAt: now() - 60_000 }, more));

beforeEach(async () => {
  nodes = new FakeNodes();
  rig = apiRig({ media: { nodes, turn: { urls: [], secret: 'x'.repeat(32) } } });
  await live({ edges: 2 });
  await addOrigin(['edge-a', 'edge-b']);
  await addEdge('edge-a', 50);
  await addEdge('edge-b', 10);
});

async function ways(query = ''): Promise<Record<string, unknown>> {
  const answer = await (await rig.ask('GET', `/streams/${STREAM_ID}/playback${query}`, { headers: {} })).json();
  const named = answer.ways.map(({ way, url, edge, code }: Record<string, string>) => [
    way,
    code ?? `${edge} ${url?.replace(/^https?:\/\/[^/]+/, '')}`,
  ]);
  return Object.fromEntries(named);
}
const whep = (query = '') =>
  rig.ask('POST', `/whep/${STREAM_ID}${query}`, {
    headers: { 'Content-Type': 'application/sdp' },
    body: offerOf({ direction: 'recvonly' }),
  });
const asked = () => nodes.offers.map(({ url }) => new URL(url).hostname);

describe('the ways to watch a stream with edges', () => {
  it('name the edge with the most room, for WebRTC and HTTP-FLV', async () => {
    expect(await ways()).toMatchObject({
      webrtc: `${B} /api/v1/whep/${STREAM_ID}?edge=${B}`,
      flv: `${B} /live/${STREAM_ID}.flv?edge=${B}`,
      hls: `undefined /open/p/${STREAM_ID}/index.m3u8`,
    });
  });

  it('name to a viewer the edge that plays already, also when another has more room or this one is full', async () => {
    expect(await ways(`?edge=${A}`)).toMatchObject({
      webrtc: `${A} /api/v1/whep/${STREAM_ID}?edge=${A}`,
      flv: `${A} /live/${STREAM_ID}.flv?edge=${A}`,
    });
    await addEdge('edge-a', 100);
    expect(await ways(`?edge=${A}`)).toMatchObject({ webrtc: expect.stringMatching(`^${A} `) });
  });

  it.each<[string, () => Promise<unknown>]>([
    ['is not pushed to any more', () => addOrigin(['edge-b'])],
    ['has lost the stream', () => addEdge('edge-a', 50, { copies: [] })],
    ['drains', () => addEdge('edge-a', 50, { draining: true })],
    ['is gone', () => addEdge('edge-a', 50, { heartbeatAt: now() - 60_000 })],
  ])('name another to the viewer of an edge that %s', async (_how, happens) => {
    await happens();
    expect(await ways(`?edge=${A}`)).toMatchObject({ webrtc: expect.stringMatching(`^${B} `) });
  });

  it('name another edge as soon as the origin pushes to this one no longer', async () => {
    await addOrigin(['edge-a']);
    expect(await ways()).toMatchObject({
      webrtc: expect.stringMatching(`^${A} `),
      flv: expect.stringMatching(`^${A} `),
    });
  });

  it('name no edge that drains, and none when there is none: the origin serves', async () => {
    await addEdge('edge-b', 10, { draining: true });
    expect(await ways()).toMatchObject({ flv: expect.stringMatching(`^${A} `) });
    await addOrigin([]);
    expect(await ways()).toMatchObject({ flv: `undefined /live/${STREAM_ID}.flv` });
  });

  it('are closed, with the reason, when no node has room, and HLS stays', async () => {
    const full = { playing: 100, most: 100 };
    await addEdge('edge-a', 100);
    await addEdge('edge-b', 100);
    await addOrigin(['edge-a', 'edge-b'], { viewers: full });
    expect(await ways()).toMatchObject({
      webrtc: 'no_room',
      flv: 'no_room',
      hls: expect.stringContaining('index.m3u8'),
    });
  });
});

it('a stream without edges is open to WebRTC and HTTP-FLV, however many viewers its node has', async () => {
  await rig.deps.streamStore.changeStream(STREAM_ID, (stream) => {
    if (stream === undefined) throw new Error('no stream');
    const { edges: _, ...without } = stream;
    return { change: { stream: without }, result: 0 };
  });
  await addOrigin([], { viewers: { playing: 100, most: 100 } });
  expect(await ways()).toMatchObject({
    webrtc: expect.not.stringMatching('no_room'),
    flv: expect.not.stringMatching('no_room'),
  });
});

describe('WHEP of a stream with edges', () => {
  it('plays from the edge with the most room, and from the one that is named', async () => {
    expect((await whep()).status).toBe(201);
    expect((await whep(`?edge=${A}`)).headers.get('location')).toContain(`/${A}-`);
    expect(asked()).toEqual(['edge-b', 'edge-a']);
  });

  it.each<[string, () => void]>([
    ['is gone', () => void nodes.away.add('http://edge-b:8086')],
    ['has lost the stream', () => void nodes.refusals.set('http://edge-b:8086', { error: 'not_live', message: '' })],
  ])('goes on to the next edge when one %s, and to the origin in the end', async (_why, happens) => {
    happens();
    nodes.away.add('http://edge-a:8086');
    expect((await whep()).status).toBe(201);
    expect(asked()).toEqual(['edge-b', 'edge-a', 'node-1']);
  });

  it.each(['?edge=00000000', '?edge=nonsense'])(
    'with %s plays all the same, or says what is allowed',
    async (query) => {
      const { status } = await whep(query);
      expect([201, 400, 422]).toContain(status);
      expect(query === '?edge=00000000').toBe(status === 201);
    },
  );

  it('of a stream without copies reads its own node only', async () => {
    await addOrigin([]);
    const { listNodes } = rig.deps.streamStore;
    let reads = 0;
    rig.deps.streamStore.listNodes = () => {
      reads += 1;
      return listNodes();
    };
    expect((await whep()).status).toBe(201);
    expect([reads, asked()]).toEqual([0, ['node-1']]);
  });
});

describe('the setting of a stream', () => {
  it.each(['none', 'auto', 3])('takes %j', async (edges) => {
    const made = await rig.ask('POST', '/streams', { body: { title: 'x', edges } });
    expect(await made.json()).toMatchObject({ edges });
  });

  it.each([0, 11, 1.5, 'all', null, -1])('refuses %j, and names the field', async (edges) => {
    const answer = await rig.ask('POST', '/streams', { body: { title: 'x', edges } });
    expect([answer.status, (await answer.json()).fields?.[0]?.field ?? 'edges']).toEqual([answer.status, 'edges']);
    expect(answer.status).toBeGreaterThanOrEqual(400);
  });

  it('is none without a word, and changes later', async () => {
    const made = await (await rig.ask('POST', '/streams', { body: { title: 'x' } })).json();
    expect(made.edges).toBe('none');
    const changed = await rig.ask('PATCH', `/streams/${made.id}`, { body: { edges: 2 } });
    expect((await changed.json()).edges).toBe(2);
  });
});
