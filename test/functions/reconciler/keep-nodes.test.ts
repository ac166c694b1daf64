import { jsonLog } from '../../../functions/adapters/log';
import { type MemoryEventBus, memoryEventBus } from '../../../functions/adapters/memory/event-bus';
import { memoryObjectStore } from '../../../functions/adapters/memory/object-store';
import { memoryStreamStore } from '../../../functions/adapters/memory/stream-store';
import { randomId } from '../../../functions/adapters/system';
import type { Heartbeat } from '../../../functions/contract/hooks/srs';
import { commandDrain, decideHeartbeat } from '../../../functions/core/publish/heartbeat';
import type { NodeGroup } from '../../../functions/ports/node-group';
import type { StreamStore } from '../../../functions/ports/stores';
import { reconcilerHandler } from '../../../functions/reconciler/handler';
import { noTakeDown } from '../../support/fake-cdn';
import { manualClock } from '../../support/manual-clock';
import { type MemoryNodeGroup, memoryNodeGroup } from '../../support/memory-node-group';
import { heartbeatOf, reported, sessionOf } from '../../support/streams';

const POLICY = {
  name: 'nodes',
  region: 'europe-west1',
  minNodes: 1,
  publishersPerNode: 100,
  idleSeconds: 600,
  drainSeconds: 3600,
};
const MINUTE_MS = 60_000;

describe('the reconciler, about nodes', () => {
  let streamStore: StreamStore;
  let clock: ReturnType<typeof manualClock>;
  let group: MemoryNodeGroup;
  let lines: string[];
  let bus: MemoryEventBus;
  /** The heartbeats of an agent, and the commands it has obeyed. */
  let agents: Map<string, Partial<Heartbeat>>;

  beforeEach(() => {
    streamStore = memoryStreamStore();
    clock = manualClock();
    group = memoryNodeGroup(['node-1', 'node-2'], 1);
    bus = memoryEventBus();
    lines = [];
    agents = new Map([
      ['node-1', { sessions: [reported(sessionOf(1))] }],
      ['node-2', {}],
    ]);
  });

  const reconciler = (nodeGroup: NodeGroup = group) =>
    reconcilerHandler({
      streamStore,
      bus,
      clock,
      randomId,
      log: jsonLog((line) => lines.push(line)),
      ingest: memoryObjectStore({ clock }),
      delivery: () => memoryObjectStore({ clock }),
      nodeGroup: { group: nodeGroup, policy: POLICY },
      ...noTakeDown(),
    });
  const pass = async (handler = reconciler()): Promise<{ takenAway: number }> =>
    (await handler(new Request('http://function/', { method: 'POST' }))).json();
  const beat = async () => {
    for (const [nodeId, said] of agents) {
      const commands = await streamStore.changeNode(nodeId, (node) => {
        const decision = decideHeartbeat(node, heartbeatOf({ nodeId, ...said }), clock.now());
        return { node: decision.node, result: decision.commands };
      });
      if (commands.some(({ kind }) => kind === 'drain')) agents.set(nodeId, { ...said, draining: true });
    }
  };
  /** Minutes of a platform with a heartbeat before each pass. */
  const minutes = async (count: number) => {
    for (let minute = 0; minute < count; minute += 1) {
      await clock.advance(MINUTE_MS);
      await beat();
      await beat();
      await pass();
    }
  };

  it('drains a node nobody needs for ten minutes, and removes it once it says that it drains', async () => {
    await minutes(10);
    expect(agents.get('node-2')).toEqual({});
    await minutes(1);
    expect(await streamStore.getNode('node-2')).toMatchObject({ draining: true });
    expect(group.size).toBe(2);
    await minutes(1);
    expect(agents.get('node-2')).toEqual({ draining: true });
    expect(group.members).toEqual([
      { id: 'node-1', state: 'running' },
      { id: 'node-2', state: 'leaving' },
    ]);
    expect(group.size).toBe(1);
  });

  it('never tells of the node it took away as lost, and forgets it after a day', async () => {
    await minutes(12);
    expect(group.size).toBe(1);
    agents.delete('node-2');
    group.members.splice(1, 1);
    await minutes(5);
    expect(bus.events.map(({ type }) => type)).not.toContain('node.lost');
    expect(await streamStore.getNode('node-2')).toBeDefined();
    await clock.advance(24 * 60 * MINUTE_MS);
    await minutes(1);
    expect((await streamStore.listNodes()).map(({ id }) => id)).toEqual(['node-1']);
  });

  it('replaces the last node an operator drains, and lets the new one of its name begin afresh', async () => {
    group = memoryNodeGroup(['node-1'], 1);
    agents = new Map([['node-1', {}]]);
    await minutes(1);
    await streamStore.changeNode('node-1', (node) => (node ? { node: commandDrain(node), result: 0 } : { result: 0 }));
    await minutes(1);
    expect(group).toMatchObject({ size: 1, members: [{ id: 'node-1', state: 'moving' }] });
    agents.set('node-1', { serviceId: 'service-2' });
    await minutes(1);
    expect(await streamStore.getNode('node-1')).toMatchObject({ draining: false, serviceId: 'service-2' });
    expect(await streamStore.getNode('node-1')).not.toHaveProperty('removedAt');
  });

  it('gives each order once, however many passes run at once', async () => {
    await minutes(11);
    const orders: string[] = [];
    const counted: NodeGroup = {
      read: () => group.read(),
      remove: async (id) => {
        orders.push(`remove ${id}`);
        return group.remove(id);
      },
      replace: async (id) => {
        orders.push(`replace ${id}`);
        return group.replace(id);
      },
    };
    await beat();
    await beat();
    const counts = await Promise.all([1, 2, 3].map(() => pass(reconciler(counted))));
    expect(orders).toEqual(['remove node-2']);
    expect(counts.filter(({ takenAway }) => takenAway === 1)).toHaveLength(1);
  });

  it('says that the group cannot be read, does everything else, and goes on with the next pass', async () => {
    const broken: NodeGroup = {
      ...group,
      read: () => Promise.reject(new Error('403: compute.instanceGroupManagers.get')),
    };
    await beat();
    const answer = await reconciler(broken)(new Request('http://function/', { method: 'POST' }));
    expect(answer.status).toBe(500);
    expect(await answer.json()).toMatchObject({ failed: 1, drained: 0 });
    expect(lines.join('\n')).toContain('compute.instanceGroupManagers.get');
    await minutes(1);
    expect(lines.at(-1)).toContain('"failed":0');
  });
});
