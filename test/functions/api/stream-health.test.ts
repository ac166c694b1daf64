import { StreamHealthAnswer } from '../../../functions/contract/api/stream-health';
import type { HealthMinute, SessionHealth } from '../../../functions/contract/hooks/session-health';
import { ADMIN, type ApiRig, apiRig } from '../../support/api-rig';
import { FakeNodes } from '../../support/fake-media-nodes';
import { broadcastOf, nodeOf, publishedStream, reported, STREAM_ID, sessionOf } from '../../support/streams';

const ONE = 'http://node-1:8086';
const TWO = 'http://node-2:8086';
const NOW: SessionHealth = { inBitsPerSecond: 2_000_000, framesPerSecond: 30, keyframeSeconds: 2, lostSegments: 0 };
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

const beat = async (health: SessionHealth = NOW) => {
  const heartbeatAt = rig.deps.clock.now();
  const sessions = [reported(sessionOf(1), { health })];
  const node = nodeOf({ heartbeatAt, sessions, reach: { agentUrl: ONE } });
  const other = nodeOf({ id: 'node-2', heartbeatAt, reach: { agentUrl: TWO } });
  for (const each of [node, other]) await rig.deps.streamStore.changeNode(each.id, () => ({ node: each, result: 0 }));
};
const minute = (n: number, inBitsPerSecond: number): HealthMinute => ({
  at: Date.UTC(2026, 10, 20, 10, n),
  inBitsPerSecond,
  lostSegments: 0,
});
const health = async (headers: Record<string, string> = ADMIN) => {
  const answer = await rig.ask('GET', `/streams/${STREAM_ID}/health`, { headers });
  return StreamHealthAnswer.parse(await answer.json());
};

describe('the health of a stream', () => {
  it('is what its node said last, for its owner too', async () => {
    expect(await health(await rig.caller({ role: 'publisher', subject: 'ann' }))).toEqual({
      now: NOW,
      warnings: [],
      lastHour: [],
    });
    const stream: unknown = await (await rig.ask('GET', `/streams/${STREAM_ID}`, { headers: ADMIN })).json();
    expect(stream).toMatchObject({ health: NOW });
  });

  it('has the minutes of every node that had the stream, in order, and each minute once', async () => {
    nodes.measured.set(TWO, [minute(1, 100), minute(2, 10)]);
    nodes.measured.set(ONE, [minute(2, 200), minute(3, 300)]);
    const { lastHour } = await health();
    expect(lastHour?.map(({ at, inBitsPerSecond }) => [at.slice(14, 16), inBitsPerSecond])).toEqual([
      ['01', 100],
      ['02', 200],
      ['03', 300],
    ]);
  });

  it('has no hour while a node is silent, rather than half of one', async () => {
    nodes.measured.set(ONE, [minute(2, 200)]);
    nodes.away.add(TWO);
    expect(await health()).toEqual({ now: NOW, warnings: [] });
  });

  it('says in words which problem the node sees', async () => {
    await beat({ ...NOW, problems: ['slow_arrival'] });
    const { now, warnings } = await health();
    expect(now).toEqual(NOW);
    expect(warnings).toMatchObject([{ code: 'slow_arrival', setting: expect.stringContaining('Bitrate') }]);
  });

  it('is nothing once no heartbeat names the stream', async () => {
    await rig.deps.clock.advance(120_000);
    expect(await health()).toEqual({ warnings: [], lastHour: [] });
  });

  it('is not for viewers, nor for the owner of another stream', async () => {
    const ask = async (caller: Parameters<ApiRig['caller']>[0]) =>
      (await rig.ask('GET', `/streams/${STREAM_ID}/health`, { headers: await rig.caller(caller) })).status;
    expect(await ask({ role: 'viewer', subject: 'eve', streams: [STREAM_ID] })).toBe(403);
    expect(await ask({ role: 'publisher', subject: 'eve' })).toBe(404);
  });
});
