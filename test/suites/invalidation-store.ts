import type { Invalidation } from '../../functions/contract/state';
import type { InvalidationStore } from '../../functions/ports/stores';
import { STREAM_ID } from '../support/streams';

const OTHER_STREAM = 'zzzzzzzzzzzzzzzz';

const invalidationOf = (n: number, more: Partial<Invalidation> = {}): Invalidation => ({
  id: `${n}`.padStart(64, '0'),
  path: `/open/p/${STREAM_ID}/${n}/*`,
  streamId: STREAM_ID,
  state: 'queued',
  requestedAt: n,
  changedAt: n,
  attempts: 0,
  ...more,
});

/** Tests the contract of every `InvalidationStore`. `open` answers an empty store at each call. */
export function invalidationStoreSuite(name: string, open: () => InvalidationStore): void {
  let store: InvalidationStore;
  const idsOf = (found: readonly Invalidation[]) => found.map(({ id }) => Number(id));

  beforeEach(() => {
    store = open();
  });

  describe(`InvalidationStore: ${name}`, () => {
    it('reads back exactly what was put', async () => {
      const full = invalidationOf(1, {
        owner: 'customer-1',
        state: 'running',
        operation: 'op-1',
        detail: 'later',
        attempts: 2,
      });
      await store.put(full);
      expect(await store.ofStream(STREAM_ID)).toStrictEqual([full]);
      expect(await store.listOpen(10)).toStrictEqual([full]);
    });

    it('puts the same path in its own place again', async () => {
      await store.put(invalidationOf(1));
      await store.put(invalidationOf(1, { attempts: 1, state: 'running', operation: 'op-1' }));
      expect(await store.listOpen(10)).toStrictEqual([
        invalidationOf(1, { attempts: 1, state: 'running', operation: 'op-1' }),
      ]);
    });

    it('lists those of a stream, the first asked for first, also when they are done', async () => {
      for (const each of [
        invalidationOf(3),
        invalidationOf(1, { state: 'done' }),
        invalidationOf(2, { streamId: OTHER_STREAM }),
      ])
        await store.put(each);
      expect(idsOf(await store.ofStream(STREAM_ID))).toEqual([1, 3]);
      expect(await store.ofStream('nobodynobodynobo')).toEqual([]);
    });

    it('lists as open what waits or runs, the longest waiting first, and no more than was asked for', async () => {
      for (const n of [4, 2, 3, 1])
        await store.put(invalidationOf(n, n === 3 ? { state: 'running', operation: 'op' } : {}));
      expect(idsOf(await store.listOpen(10))).toEqual([1, 2, 3, 4]);
      expect(idsOf(await store.listOpen(2))).toEqual([1, 2]);
    });

    it('lists as open no longer what is done, and again what was asked for again', async () => {
      await store.put(invalidationOf(1));
      await store.put(invalidationOf(1, { state: 'done', changedAt: 9 }));
      expect(await store.listOpen(10)).toEqual([]);
      await store.put(invalidationOf(1, { requestedAt: 20 }));
      expect(idsOf(await store.listOpen(10))).toEqual([1]);
    });
  });
}
