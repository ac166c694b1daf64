import type { IdempotencyRecord } from '../../functions/contract/state';
import type { IdempotencyStore } from '../../functions/ports/idempotency';

const id = 'cd'.repeat(32);
const record: IdempotencyRecord = { id, requestHash: 'ef'.repeat(32), startedAt: 1, expiresAt: 2_000_000_000_000 };
const answered = { ...record, sealed: 'text' };
const other = { ...record, startedAt: 2 };

/** Tests the contract of every `IdempotencyStore`. `open` answers an empty store at each call. */
export function idempotencyStoreSuite(name: string, open: () => IdempotencyStore): void {
  let store: IdempotencyStore;

  beforeEach(() => {
    store = open();
  });

  const created = async (): Promise<string> => {
    const version = await store.create(record);
    if (version === undefined) throw new Error('there was one already');
    return version;
  };

  describe(`IdempotencyStore: ${name}`, () => {
    it('writes nothing that it could not read', async () => {
      await expect((async () => store.create({ ...record, startedAt: -1 }))()).rejects.toThrow('startedAt');
      const version = await created();
      await expect((async () => store.replace({ ...record, startedAt: 0.5 }, version))()).rejects.toThrow('startedAt');
      expect((await store.get(id))?.record).toStrictEqual(record);
    });

    it('answers undefined for what is not there', async () => {
      expect(await store.get(id)).toBeUndefined();
    });

    it('reads back what was created, with its version', async () => {
      const version = await created();
      expect(await store.get(id)).toStrictEqual({ record, version });
    });

    it('creates nothing where there is one', async () => {
      await created();
      expect(await store.create(other)).toBeUndefined();
      expect((await store.get(id))?.record).toStrictEqual(record);
    });

    it('lets one of several be the first', async () => {
      const versions = await Promise.all([1, 2, 3, 4].map((startedAt) => store.create({ ...record, startedAt })));
      expect(versions.filter((version) => version !== undefined)).toHaveLength(1);
      const kept = await store.get(id);
      expect(kept?.record.startedAt).toBe(versions.findIndex((version) => version !== undefined) + 1);
      expect(versions).toContain(kept?.version);
    }, 30_000);

    it('replaces what has not changed, and gives a new version', async () => {
      const version = await created();
      const next = await store.replace(answered, version);
      expect(next).not.toBe(version);
      expect(await store.get(id)).toStrictEqual({ record: answered, version: next });
      expect(await store.replace(other, next ?? '')).toBeDefined();
      expect((await store.get(id))?.record).toStrictEqual(other);
    });

    it('replaces nothing that has changed, or is gone', async () => {
      const version = await created();
      const next = await store.replace(answered, version);
      expect(await store.replace(other, version)).toBeUndefined();
      expect((await store.get(id))?.record).toStrictEqual(answered);
      await store.remove(id, next ?? '');
      expect(await store.replace(other, next ?? '')).toBeUndefined();
      expect(await store.get(id)).toBeUndefined();
    });

    it('lets one of several replace the same', async () => {
      const version = await created();
      const versions = await Promise.all(
        [2, 3, 4].map((startedAt) => store.replace({ ...record, startedAt }, version)),
      );
      expect(versions.filter((one) => one !== undefined)).toHaveLength(1);
    }, 30_000);

    it('removes what has not changed, and nothing else', async () => {
      const version = await created();
      const next = await store.replace(answered, version);
      await store.remove(id, version);
      expect((await store.get(id))?.record).toStrictEqual(answered);
      await store.remove(id, next ?? '');
      expect(await store.get(id)).toBeUndefined();
      await store.remove(id, next ?? '');
    });
  });
}
