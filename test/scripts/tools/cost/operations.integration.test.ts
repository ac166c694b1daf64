import type { ObjectStore } from '../../../../functions/ports/stores';
import { storageOperations } from '../../../../scripts/tools/cost/operations';
import { Rig } from '../../../srs-image/agent/rig';
import { meteredBroadcast, meteredList } from './metered-broadcast';

/** Segments of two seconds, a reconciler every minute. */
const reconcilesOf = (segments: number): number => Math.floor(((segments + 1) * 2) / 60);

describe('the operations the estimate counts', () => {
  it.each([1, 2, 3, 30, 75])('are those that the object store meters: %d segments', async (segments) => {
    const { classA, classB } = await meteredBroadcast(segments);
    expect({ classA, classB }).toEqual(storageOperations({ segments, reconciles: reconcilesOf(segments) }));
  });

  it('count a list by its pages, as Cloud Storage does', async () => {
    const listed = await meteredList(1001);
    expect(listed).toBe(2);
    const grown = (segments: number) => storageOperations({ segments, reconciles: 0 }).classA - 3 * segments;
    expect(grown(1001) - grown(1000)).toBe(1);
  }, 60_000);

  it('are what the agent itself writes: a segment and a playlist, and the playlist once more at the end', async () => {
    let writes = 0;
    let reads = 0;
    const counting = (store: ObjectStore): ObjectStore => ({
      ...store,
      write: (...call) => {
        writes++;
        return store.write(...call);
      },
      read: (name) => {
        reads++;
        return store.read(name);
      },
      stat: (name) => {
        reads++;
        return store.stat(name);
      },
    });
    const rig = new Rig({ through: counting });
    await rig.publish();
    for (let segment = 0; segment < 20; segment++) {
      await rig.run(2000);
      await rig.segment();
    }
    rig.srs.left('client1');
    await rig.hook('on_unpublish');
    await rig.run(5000);
    rig.dispose();
    expect({ writes, reads }).toEqual({ writes: 20 * 2 + 1, reads: 0 });
  });
});
