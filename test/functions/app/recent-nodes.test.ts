import { memoryStreamStore } from '../../../functions/adapters/memory/stream-store';
import { withRecentNodes } from '../../../functions/app/recent-nodes';
import { registrySuite } from '../../suites/registry';
import { manualClock } from '../../support/manual-clock';
import { nodeOf } from '../../support/streams';

registrySuite('memory, nodes kept for no time', () =>
  withRecentNodes(memoryStreamStore(), { clock: manualClock(), maxAgeMs: 0 }),
);

describe('withRecentNodes', () => {
  const setUp = () => {
    const streamStore = memoryStreamStore();
    const clock = manualClock();
    const reads: number[] = [];
    const counted = {
      ...streamStore,
      listNodes: () => {
        reads.push(clock.now());
        return streamStore.listNodes();
      },
    };
    return { streamStore, clock, reads, counted, recent: withRecentNodes(counted, { clock, maxAgeMs: 1000 }) };
  };

  it('reads once for all who ask within its time, then again', async () => {
    const { streamStore, clock, reads, recent } = setUp();
    await Promise.all([recent.listNodes(), recent.listNodes()]);
    await streamStore.changeNode('node-1', () => ({ node: nodeOf(), result: 0 }));
    expect(await recent.listNodes()).toEqual([]);
    expect(reads).toHaveLength(1);
    await clock.advance(1000);
    expect(await recent.listNodes()).toEqual([nodeOf()]);
  });

  it('keeps no failure, and hands out copies', async () => {
    const { streamStore, counted, recent } = setUp();
    const { listNodes } = counted;
    counted.listNodes = () => Promise.reject(new Error('away'));
    await expect(recent.listNodes()).rejects.toThrow('away');
    counted.listNodes = listNodes;
    await streamStore.changeNode('node-1', () => ({ node: nodeOf(), result: 0 }));
    const [node] = await recent.listNodes();
    if (node !== undefined) node.spoolBytes = 99;
    expect(await recent.listNodes()).toEqual([nodeOf()]);
  });
});
