import { Seats } from '../../../functions/core/limits/seats';
import { type ApiRig, apiRig, FLV_LIMITS } from '../../support/api-rig';
import { FakeNodes } from '../../support/fake-media-nodes';
import { nodeOf, publishedStream, reported, STREAM_ID, sessionOf } from '../../support/streams';

/** A viewer by HTTP-FLV stays: how many may, and what happens to the seat of who left. */
const OTHER_STREAM = 'other00000000000';
let rig: ApiRig;
let media: { opened: number; ended: number };

/** Nodes that play without end. */
class EndlessNodes extends FakeNodes {
  override async flv() {
    media.opened += 1;
    const stream = new ReadableStream<Uint8Array<ArrayBuffer>>({
      pull: (controller) => controller.enqueue(new Uint8Array(10)),
      cancel() {
        media.ended += 1;
      },
    });
    return { kind: 'playing' as const, media: stream };
  }
}

beforeEach(async () => {
  media = { opened: 0, ended: 0 };
  rig = apiRig({ media: { nodes: new EndlessNodes(), flv: FLV_LIMITS } });
  const now = rig.deps.clock.now();
  for (const id of [STREAM_ID, OTHER_STREAM]) {
    const stream = { ...publishedStream({ nodeId: 'node-1', startedAt: now - 60_000, streamId: id }), id };
    await rig.deps.streamStore.createStream(stream);
  }
  const sessions = [STREAM_ID, OTHER_STREAM].map((streamId) => reported(sessionOf(1, { streamId })));
  const node = nodeOf({ id: 'node-1', heartbeatAt: now, reach: { agentUrl: 'http://node-1:8086' }, sessions });
  await rig.deps.streamStore.changeNode('node-1', () => ({ node, result: 0 }));
});

const play = (address: string, id = STREAM_ID, method = 'GET') =>
  rig.ask(method, `/flv/${id}.flv`, { headers: { 'X-Forwarded-For': address } });
const codeOf = async (answer: Response): Promise<unknown> => (answer.status === 200 ? 200 : (await answer.json()).code);
const codes = async (...asked: Promise<Response>[]) => Promise.all((await Promise.all(asked)).map(codeOf));

it('an address plays as many streams as it may, and others play on', async () => {
  expect(await codes(play('192.0.2.1'), play('192.0.2.1'), play('192.0.2.1'))).toEqual([200, 200, 'viewer_limit']);
  expect(await codes(play('192.0.2.2'))).toEqual([200]);
});

it('a stream has as many viewers as it may, and other streams go on', async () => {
  expect(await codes(play('192.0.2.1'), play('192.0.2.2'), play('192.0.2.3'))).toEqual([200, 200, 200]);
  const refused = await play('192.0.2.4');
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '10']);
  expect(await codes(play('192.0.2.4', OTHER_STREAM))).toEqual([200]);
});

it('an instance has room for others: more viewers than it may have are sent elsewhere', async () => {
  await codes(play('192.0.2.1'), play('192.0.2.2'), play('192.0.2.3'), play('192.0.2.4', OTHER_STREAM));
  expect(await codes(play('192.0.2.5', OTHER_STREAM))).toEqual(['unavailable']);
});

it('a leaving viewer of HTTP-FLV gives the seat back, and the node is told', async () => {
  const [first, second] = await Promise.all([play('192.0.2.1'), play('192.0.2.1')]);
  await first?.body?.cancel();
  expect(media.ended).toBe(1);
  expect(await codes(play('192.0.2.1'), play('192.0.2.1'))).toEqual([200, 'viewer_limit']);
  await second?.body?.cancel();
});

it('HEAD says whether one may play, and opens nothing', async () => {
  for (let asked = 0; asked < 20; asked += 1) expect((await play('192.0.2.1', STREAM_ID, 'HEAD')).status).toBe(200);
  expect((await play('192.0.2.1', 'nowhere000000000', 'HEAD')).status).toBe(404);
  expect(media.opened).toBe(0);
});

it('nobody plays where nobody may', () => {
  const seats = new Seats({ perInstance: 0, perStream: 0, perAddress: 0 });
  expect(() => seats.take({ streamId: STREAM_ID, address: '192.0.2.1' })).toThrow('0 viewers');
});

it('a seat that is given back twice is one seat', () => {
  const seats = new Seats({ perInstance: 2, perStream: 2, perAddress: 2 });
  const leave = seats.take({ streamId: STREAM_ID, address: '192.0.2.1' });
  seats.take({ streamId: STREAM_ID, address: '192.0.2.1' });
  leave();
  leave();
  seats.take({ streamId: STREAM_ID, address: '192.0.2.1' });
  expect(() => seats.take({ streamId: STREAM_ID, address: '192.0.2.1' })).toThrow('2 viewers');
});
