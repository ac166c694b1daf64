import type { ApiKey } from '../../functions/contract/identity';
import type { ApiKeyStore } from '../../functions/ports/identity';

/** Google's emulator makes each wait for its lock. */
const CONTENTION_LIMIT_MS = 30_000;

export const apiKeyOf = (n: number, more: Partial<ApiKey> = {}): ApiKey => ({
  prefix: `prefix0${n}`,
  name: `key ${n}`,
  hash: `${n}`.repeat(64),
  role: 'publisher',
  subject: 'customer-1',
  createdAt: n,
  ...more,
});

/** Tests the contract of every `ApiKeyStore`. `open` answers an empty store at each call. */
export function apiKeyStoreSuite(name: string, open: () => ApiKeyStore): void {
  let store: ApiKeyStore;

  beforeEach(() => {
    store = open();
  });

  describe(`ApiKeyStore: ${name}`, () => {
    it('writes nothing that it could not read', async () => {
      const key = apiKeyOf(1);
      await expect(store.create({ ...key, createdAt: -1 })).rejects.toThrow('createdAt');
      expect(await store.get(key.prefix)).toBeUndefined();
      await store.create(key);
      await expect(store.change(key.prefix, () => ({ key: { ...key, hash: 'x' }, result: 0 }))).rejects.toThrow('hash');
      expect(await store.get(key.prefix)).toStrictEqual(key);
    });

    it('answers undefined for a key which is not there', async () => {
      expect(await store.get('prefix00')).toBeUndefined();
    });

    it('reads back exactly what was created', async () => {
      const key = apiKeyOf(1, {
        scopes: ['streams.read', 'grants.create'],
        role: 'viewer',
        streams: ['abcdefgh01234567'],
        expiresAt: 9,
        lastUsedAt: 8,
        revokedAt: 7,
      });
      expect(await store.create(key)).toBe(true);
      expect(await store.get(key.prefix)).toStrictEqual(key);
    });

    it('refuses a prefix that is taken and keeps the first key, also when several ask at once', async () => {
      const created = await Promise.all([1, 2, 3].map((n) => store.create(apiKeyOf(1, { name: `${n}` }))));
      expect(created.filter(Boolean)).toHaveLength(1);
      expect(await store.create(apiKeyOf(1))).toBe(false);
      expect((await store.get('prefix01'))?.name).toBe(`${created.indexOf(true) + 1}`);
    });

    it('hands out copies: what the caller changes stays with the caller', async () => {
      const key = apiKeyOf(1, { scopes: ['streams.read'] });
      await store.create(key);
      key.name = 'changed by the creator';
      (await store.get(key.prefix))?.scopes?.push('grants.create');
      expect(await store.get(key.prefix)).toStrictEqual(apiKeyOf(1, { scopes: ['streams.read'] }));
    });

    it('lists newest first, those of the same millisecond by prefix downwards, page by page', async () => {
      for (const n of [1, 2, 3, 4]) await store.create(apiKeyOf(n, { createdAt: n === 1 ? 50 : 100 }));
      const first = await store.list({ limit: 2 });
      const [last] = first.slice(-1);
      const second = await store.list({ limit: 2, ...(last && { after: last }) });
      expect([...first, ...second].map(({ prefix }) => prefix)).toEqual([
        'prefix04',
        'prefix03',
        'prefix02',
        'prefix01',
      ]);
    });

    it('counts the good keys of a subject only, and forgets one that is removed', async () => {
      await store.create(apiKeyOf(1, { subject: 'ann' }));
      await store.create(apiKeyOf(2, { subject: 'ann', expiresAt: 100 }));
      await store.create(apiKeyOf(3, { subject: 'ann', revokedAt: 1 }));
      await store.create(apiKeyOf(4, { subject: 'bob' }));
      expect([await store.countGood('ann', 99), await store.countGood('ann', 100)]).toEqual([2, 1]);
      expect([await store.remove('prefix01'), await store.remove('prefix01')]).toEqual([true, false]);
      expect(await store.countGood('ann', 99)).toBe(1);
    });

    it('changes a key, and leaves it where nothing is given back', async () => {
      await store.create(apiKeyOf(1));
      const change = await store.change('prefix01', (key) => ({
        key: { ...apiKeyOf(1), revokedAt: 5 },
        result: key?.name,
      }));
      expect(change).toBe('key 1');
      expect(await store.change('prefix01', (key) => ({ result: key?.revokedAt }))).toBe(5);
      expect(await store.get('prefix01')).toStrictEqual(apiKeyOf(1, { revokedAt: 5 }));
      expect(await store.change('prefix02', (key) => ({ result: key }))).toBeUndefined();
    });

    it(
      'loses none of several changes at once',
      async () => {
        await store.create(apiKeyOf(1, { lastUsedAt: 0 }));
        const increment = () =>
          store.change('prefix01', (key) => ({
            key: { ...apiKeyOf(1), lastUsedAt: (key?.lastUsedAt ?? 0) + 1 },
            result: undefined,
          }));
        await Promise.all(Array.from({ length: 5 }, increment));
        expect((await store.get('prefix01'))?.lastUsedAt).toBe(5);
      },
      CONTENTION_LIMIT_MS,
    );
  });
}
