import { jsonLog } from '../../../../functions/adapters/log';
import { memoryStreamStore } from '../../../../functions/adapters/memory/stream-store';
import { randomId } from '../../../../functions/adapters/system';
import { sha256Hex } from '../../../../functions/core/signing/hash';
import { srsHooksHandler } from '../../../../functions/srs-hooks/handler';
import { streamOf } from '../../../support/streams';
import { virtualClock } from '../../../support/virtual-clock';
import { KEY, Rig, STREAM } from '../rig';

const AFTER_SECONDS = 60;
const streamId = (n: number): string => `stream00000000${String(n).padStart(2, '0')}`;

describe('a draining node', () => {
  let rig: Rig;
  beforeEach(() => {
    rig = new Rig({ env: { evacuateAfterSeconds: AFTER_SECONDS } });
  });
  afterEach(() => rig.dispose());

  const drain = async (): Promise<void> => {
    rig.cloud.commands = [{ kind: 'drain' }];
    await rig.run(3000);
  };

  it('leaves the load balancer, and is not taken for a broken one', async () => {
    await rig.run(2000);
    await drain();
    expect(await rig.get('/healthz')).toMatchObject({ status: 503, body: 'draining\n' });
    expect(await rig.get('/livez')).toMatchObject({ status: 200 });
  });

  it('is a broken one when SRS is gone', async () => {
    await drain();
    rig.srs.up = false;
    await rig.run(5000);
    expect(await rig.get('/livez')).toMatchObject({ status: 503 });
  });

  it('lets those who publish go on until the deadline, uploads included', async () => {
    await rig.publish();
    await drain();
    const segment = await rig.segment();
    await rig.run((AFTER_SECONDS - 10) * 1000);
    expect([rig.srs.kicked, rig.uploaded('1-aaaaaaaa')]).toEqual([[], [segment.name]]);
  });

  it('sends the rest on, a few a second, the one that stays once more', async () => {
    const clients = Array.from({ length: 12 }, (_, n) => `client${n}`);
    for (const [n, client] of clients.entries()) await rig.publish(client, { stream: streamId(n) });
    rig.srs.obeys = false;
    await drain();
    await rig.run((AFTER_SECONDS - 5) * 1000);
    const before = rig.srs.kicked.length;
    await rig.run(1000);
    expect(rig.srs.kicked.length - before).toBeLessThanOrEqual(10);
    await rig.run(10_000);
    expect(new Set(rig.srs.kicked)).toEqual(new Set(clients));
    expect(rig.srs.kicked.length).toBeGreaterThan(clients.length);
  });

  it('says once that it is empty, and goes on saying so to the cloud', async () => {
    await rig.publish();
    await drain();
    await rig.unpublish();
    await rig.run(5000);
    expect(rig.events('node_empty')).toHaveLength(1);
    expect(rig.cloud.heartbeats().at(-1)).toMatchObject({ draining: true, sessions: [] });
  });
});

describe('two nodes, one of which drains', () => {
  const clock = virtualClock();
  const streamStore = memoryStreamStore();
  const log = jsonLog(() => undefined);
  const handler = srsHooksHandler({ streamStore, clock, randomId, log });
  const hooks = {
    post: async (path: string, body: object) => {
      const answer = await handler(new Request(`http://hooks${path}`, { method: 'POST', body: JSON.stringify(body) }));
      return { status: answer.status, body: await answer.json() };
    },
  };
  const nodes = ['node-1', 'node-2'].map(
    (nodeId) => new Rig({ clock, nodeId, hooks, env: { evacuateAfterSeconds: AFTER_SECONDS } }),
  );
  const [first, second] = nodes as [Rig, Rig];
  first.srs.serviceId = 'service1';
  second.srs.serviceId = 'service2';
  afterAll(() => {
    for (const node of nodes) node.dispose();
  });

  /** Opens a node as a load balancer does: one that reports that it takes publishers. */
  const balanced = async (): Promise<Rig> => {
    for (const node of nodes) if ((await node.get('/healthz')).status === 200) return node;
    throw new Error('no node takes publishers');
  };

  it('sends the encoder to the other node, where it goes on in the same broadcast', async () => {
    await streamStore.createStream(streamOf({ id: STREAM, keyHash: sha256Hex(KEY), createdAt: clock.now() }));
    await first.run(3000);
    expect(await balanced()).toBe(first);
    await first.publish('client1');
    await first.segment('client1');
    const { broadcastId } = (await streamStore.getStream(STREAM))?.session ?? {};

    await streamStore.changeNode('node-1', (node) => ({
      ...(node && { node: { ...node, draining: true } }),
      result: undefined,
    }));
    await first.run(3000);
    expect(await balanced()).toBe(second);
    expect(await first.publish('client2', { stream: 'zzzzzzzzzz012345' })).toMatchObject({
      body: { error: 'draining' },
    });

    await first.run(AFTER_SECONDS * 1000);
    expect(first.srs.kicked).toEqual(['client1']);
    await first.unpublish('client1');
    await (await balanced()).publish('client3');
    await second.segment('client3');
    await second.run(5000);

    expect((await streamStore.getStream(STREAM))?.session).toMatchObject({ nodeId: 'node-2', ordinal: 2, broadcastId });
    expect(await streamStore.listNodes()).toMatchObject([
      { id: 'node-1', draining: true, sessions: [] },
      { id: 'node-2', draining: false, sessions: [{ publishing: true, pendingSegments: 0 }] },
    ]);
    const [session1, session2] = await streamStore.listSessions(STREAM);
    expect(first.uploaded(session1?.id ?? '')).toHaveLength(1);
    expect(second.uploaded(session2?.id ?? '')).toHaveLength(1);
  });
});
