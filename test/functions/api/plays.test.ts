import { takeHeartbeat } from '../../../functions/app/publish/take-heartbeat';
import { mintToken } from '../../../functions/core/signing/token';
import { type ApiRig, apiRig } from '../../support/api-rig';
import { FakeNodes } from '../../support/fake-media-nodes';
import { offerOf } from '../../support/network/sdp';
import { FOREIGN } from '../../support/signing-keys';
import { heartbeatOf, nodeOf, publishedStream, reported, STREAM_ID, sessionOf } from '../../support/streams';

let rig: ApiRig;
let nodes: FakeNodes;
const PLAY = { id: 'p'.repeat(16), kind: 'flv' as const, since: 1000, grantId: 'g'.repeat(16) };

beforeEach(async () => {
  nodes = new FakeNodes();
  rig = apiRig({ media: { nodes } });
  const startedAt = rig.deps.clock.now() - 60_000;
  await rig.deps.streamStore.createStream(publishedStream({ startedAt }, { policy: 'gated', owner: 'shop' }));
  for (const id of ['node-1', 'node-2']) {
    const reach = { agentUrl: `http://${id}:8086` };
    const node = nodeOf({ id, heartbeatAt: rig.deps.clock.now(), reach, sessions: [reported(sessionOf(1))] });
    await rig.deps.streamStore.changeNode(id, () => ({ node, result: 0 }));
  }
});

const commandsOf = async (nodeId: string) =>
  (await takeHeartbeat(heartbeatOf({ nodeId, sessions: [reported(sessionOf(1))] }), rig.deps)).commands;
const grant = async () => (await rig.ask('POST', `/streams/${STREAM_ID}/grants`, { body: {} })).json();
const play = (token: string) => {
  const headers = { 'Content-Type': 'application/sdp', Authorization: `Bearer ${token}` };
  return rig.ask('POST', `/whep/${STREAM_ID}`, { headers, body: offerOf() });
};

describe('a grant that is revoked', () => {
  it('opens nothing any more from that moment, and says why only to who holds its token', async () => {
    const { id, playToken } = await grant();
    expect((await play(playToken)).status).toBe(201);
    await rig.ask('DELETE', `/streams/${STREAM_ID}/grants/${id}`);
    const refused = await play(playToken);
    expect([refused.status, (await refused.json()).code]).toEqual([410, 'grant_ended']);
    const forged = mintToken('play', { streamId: STREAM_ID, grantId: id, expires: 9_999_999_999 }, FOREIGN);
    expect((await play(forged)).status).toBe(404);
  });

  it('is told to every node at its next heartbeats, for 24 s, and then no longer', async () => {
    const { id } = await grant();
    await rig.ask('DELETE', `/streams/${STREAM_ID}/grants/${id}`);
    await rig.ask('DELETE', `/streams/${STREAM_ID}/grants/${id}`);
    const order = { kind: 'end_plays', streamId: STREAM_ID, grantId: id, reason: 'grant_revoked' };
    expect(await commandsOf('node-1')).toEqual([order]);
    expect(await commandsOf('node-2')).toEqual([order]);
    await rig.deps.clock.advance(24_000);
    expect(await commandsOf('node-1')).toEqual([order]);
    await rig.deps.clock.advance(1000);
    expect(await commandsOf('node-1')).toEqual([]);
  });
});

describe("a stream's connections", () => {
  const path = `/streams/${STREAM_ID}/plays`;
  beforeEach(() => {
    nodes.playing.set('http://node-1:8086', [PLAY]);
    nodes.playing.set('http://node-2:8086', [{ id: 'q'.repeat(16), kind: 'whep', since: 500 }]);
  });

  it('are listed from every node, the oldest first', async () => {
    const { plays } = await (await rig.ask('GET', path)).json();
    expect(plays).toEqual([
      { id: 'q'.repeat(16), kind: 'whep', since: '1970-01-01T00:00:00.500Z', nodeId: 'node-2' },
      { ...PLAY, since: '1970-01-01T00:00:01.000Z', nodeId: 'node-1' },
    ]);
  });

  it('end one by one, and all at once', async () => {
    expect(await (await rig.ask('DELETE', `${path}/${PLAY.id}`)).json()).toEqual({ ended: 1 });
    expect((await rig.ask('DELETE', `${path}/${PLAY.id}`)).status).toBe(404);
    expect(await (await rig.ask('DELETE', path)).json()).toEqual({ ended: 1 });
  });

  it('are no half list when a node does not answer', async () => {
    nodes.away.add('http://node-2:8086');
    expect((await rig.ask('GET', path)).status).toBe(503);
  });

  it.each<[string, Parameters<ApiRig['caller']>[0], number]>([
    ['their owner', { role: 'publisher', subject: 'shop' }, 200],
    ['another publisher', { role: 'publisher', subject: 'other' }, 404],
    ['a viewer of the stream', { role: 'viewer', subject: 'fan', streams: [STREAM_ID] }, 403],
  ])('are the business of the operator and the owner: %s', async (_who, caller, status) => {
    const headers = await rig.caller(caller);
    expect((await rig.ask('GET', path, { headers })).status).toBe(status);
    expect((await rig.ask('DELETE', `${path}/${PLAY.id}`, { headers })).status).toBe(status);
  });

  it('have ids of their own shape', async () => {
    expect((await rig.ask('DELETE', `${path}/nonsense`)).status).toBe(404);
  });
});
