import { ViewersAnswer } from '../../../functions/contract/api/viewers';
import { ADMIN, type ApiRig, apiRig } from '../../support/api-rig';
import { FakeNodes } from '../../support/fake-media-nodes';
import { broadcastOf, nodeOf, publishedStream, STREAM_ID } from '../../support/streams';

const NODE_URL = 'http://node-1:8086';
let rig: ApiRig;
let nodes: FakeNodes;

beforeEach(async () => {
  nodes = new FakeNodes();
  rig = apiRig({ media: { nodes } });
  const { streamStore, clock } = rig.deps;
  await streamStore.createStream(
    publishedStream({ startedAt: clock.now() }, { owner: 'ann', unfinished: [broadcastOf()] }),
  );
  await beat();
});

const beat = () => {
  const node = nodeOf({ heartbeatAt: rig.deps.clock.now(), reach: { agentUrl: NODE_URL } });
  return rig.deps.streamStore.changeNode('node-1', () => ({ node, result: 0 }));
};

const beaconOf = (n: number, more: object = {}) => ({
  viewing: `viewing${String(n).padStart(12, '0')}`,
  number: 1,
  way: 'hls',
  playedSeconds: 0,
  stalls: 0,
  stalledSeconds: 0,
  startupMs: 900,
  ...more,
});
const send = (body: object, id = STREAM_ID) => rig.ask('POST', `/streams/${id}/beacons`, { headers: {}, body });
const viewers = async (headers: Record<string, string> = ADMIN) => {
  const answer = await rig.ask('GET', `/streams/${STREAM_ID}/viewers`, { headers });
  return ViewersAnswer.parse(await answer.json());
};

describe('the viewers of a stream', () => {
  it('are none before anybody sent a beacon', async () => {
    expect(await viewers()).toEqual({
      viewers: 0,
      methods: { beacons: {}, connections: { webrtc: 0, flv: 0, rtmp: 0 } },
      estimated: false,
      lastHour: [],
    });
  });

  it('are those of beacons and of connections, each once, with peak, minutes, start-up and stalls', async () => {
    const { clock } = rig.deps;
    for (const n of [1, 2, 3]) expect((await send(beaconOf(n))).status).toBe(200);
    await send(beaconOf(4, { way: 'webrtc' }));
    nodes.playing.set(NODE_URL, [
      { id: 'playplayplay0000', kind: 'whep', since: 0 },
      { id: 'playplayplay0001', kind: 'whep', since: 0 },
      { id: 'playplayplay0002', kind: 'rtmp', since: 0 },
    ]);
    await clock.advance(30_000);
    await beat();
    await send(beaconOf(1, { number: 2, playedSeconds: 30, stalls: 1, stalledSeconds: 3 }));
    await clock.advance(10_000);
    await beat();
    const seen = await viewers(await rig.caller({ role: 'publisher', subject: 'ann' }));
    expect(seen).toMatchObject({
      viewers: 6,
      methods: { beacons: { hls: 3, webrtc: 1 }, connections: { webrtc: 2, flv: 0, rtmp: 1 } },
      broadcast: { id: broadcastOf().id, viewings: 4, startupMs: 900, peak: { viewers: 4 } },
      lastHour: [{ viewers: 4 }],
    });
    expect(seen.broadcast?.minutesWatched).toBe(2.67);
    expect(seen.broadcast?.stalledPercent).toBeGreaterThan(0);
  });

  it('are told from beacons alone while a node is silent', async () => {
    nodes.plays = () => Promise.reject(new Error('silent'));
    await send(beaconOf(1));
    expect(await viewers()).toMatchObject({ viewers: 1, methods: { beacons: { hls: 1 } } });
    expect((await viewers()).methods.connections).toBeUndefined();
  });

  it('are gone with the stream, and no beacon brings them back', async () => {
    await send(beaconOf(1));
    await rig.deps.audiences.remove(STREAM_ID);
    await rig.deps.streamStore.deleteStream(STREAM_ID);
    await send(beaconOf(2));
    await rig.deps.clock.advance(11_000);
    expect((await send(beaconOf(3))).status).toBe(404);
    expect(await rig.deps.audiences.get(STREAM_ID)).toBeUndefined();
  });

  it.each([
    ['viewing', 'short'],
    ['number', 0],
    ['way', 'vlc'],
    ['playedSeconds', -1],
    ['startupMs', 'soon'],
  ])('refuse a beacon with a wrong %s, by name', async (field, value) => {
    const answer = await send(beaconOf(1, { [field]: value }));
    expect(answer.status).toBe(422);
    expect(await answer.json()).toMatchObject({ errors: [{ field }] });
  });

  it('refuse a beacon with a field that nobody asked for, as an address would be', async () => {
    expect((await send(beaconOf(1, { address: '192.0.2.1' }))).status).toBe(422);
  });
});
