import type { Grant } from '../../functions/contract/grants';
import type { GrantStore } from '../../functions/ports/grants';
import { STREAM_ID } from '../support/streams';

/** Google's emulator makes each wait for its lock. */
const CONTENTION_LIMIT_MS = 30_000;

export const grantOf = (n: number, more: Partial<Grant> = {}): Grant => ({
  id: `grant${String(n).padStart(11, '0')}`,
  streamId: STREAM_ID,
  subject: 'customer-1',
  createdAt: 0,
  expiresAt: 60_000,
  endsAt: 3_600_000,
  lifetimeSeconds: 60,
  origins: [],
  renewals: 0,
  ...more,
});

const OTHER_STREAM = 'zzzzzzzzzzzzzzzz';
const limit = (max: number, nowMs = 0) => ({ max, nowMs });

/** Tests the contract of every `GrantStore`. `open` answers an empty store at each call. */
export function grantStoreSuite(name: string, open: () => GrantStore): void {
  let store: GrantStore;

  beforeEach(() => {
    store = open();
  });

  describe(`GrantStore: ${name}`, () => {
    it('writes nothing that it could not read', async () => {
      const grant = grantOf(1);
      await expect(store.add({ ...grant, expiresAt: 0.5 }, limit(1))).rejects.toThrow('expiresAt');
      expect(await store.get(STREAM_ID, grant.id)).toBeUndefined();
      await store.add(grant, limit(1));
      const change = store.change(STREAM_ID, grant.id, () => ({ grant: { ...grant, renewals: -1 }, result: 0 }));
      await expect(change).rejects.toThrow('renewals');
      expect(await store.get(STREAM_ID, grant.id)).toStrictEqual(grant);
    });

    it('answers undefined for a grant which is not there, or is of another stream', async () => {
      await store.add(grantOf(1), limit(1));
      expect(await store.get(STREAM_ID, grantOf(2).id)).toBeUndefined();
      expect(await store.get(OTHER_STREAM, grantOf(1).id)).toBeUndefined();
    });

    it('reads back exactly what was added', async () => {
      const grant = grantOf(1, { viewer: 'v', origins: ['https://a.example'], revokedAt: 3, renewals: 2 });
      expect(await store.add(grant, limit(1))).toBe(true);
      expect(await store.get(STREAM_ID, grant.id)).toStrictEqual(grant);
    });

    it('takes in as many as the limit says, and leaves nothing of who was one too many', async () => {
      expect([await store.add(grantOf(1), limit(2)), await store.add(grantOf(2), limit(2))]).toEqual([true, true]);
      expect(await store.add(grantOf(3), limit(2))).toBe(false);
      expect(await store.get(STREAM_ID, grantOf(3).id)).toBeUndefined();
      expect(await store.add(grantOf(4), limit(3))).toBe(true);
    });

    it('counts neither expired grants nor those of other streams', async () => {
      await store.add(grantOf(1, { expiresAt: 1000 }), limit(1));
      await store.add(grantOf(2, { streamId: OTHER_STREAM }), limit(1));
      expect(await store.add(grantOf(3), limit(1, 999))).toBe(false);
      expect(await store.add(grantOf(4), limit(1, 1000))).toBe(true);
    });

    it('counts a grant by what it was renewed to', async () => {
      await store.add(grantOf(1, { expiresAt: 1000 }), limit(1));
      await store.change(STREAM_ID, grantOf(1).id, () => ({
        grant: grantOf(1, { expiresAt: 5000 }),
        result: undefined,
      }));
      expect(await store.add(grantOf(2), limit(1, 4999))).toBe(false);
      expect(await store.add(grantOf(2), limit(1, 5000))).toBe(true);
    });

    it('never takes in more, however many ask at once', async () => {
      const asked = Array.from({ length: 12 }, (_, n) => store.add(grantOf(n), limit(5)));
      const taken = (await Promise.all(asked)).filter(Boolean).length;
      expect(taken).toBeLessThanOrEqual(5);
      const left = await Promise.all(Array.from({ length: 12 }, (_, n) => store.get(STREAM_ID, grantOf(n).id)));
      expect(left.filter((grant) => grant !== undefined)).toHaveLength(taken);
    });

    it('counts the unexpired grants of an owner, over all their streams and nobody else', async () => {
      const ofAnn = { owner: 'ann', expiresAt: 1000 };
      for (const grant of [
        grantOf(1, ofAnn),
        grantOf(2, { ...ofAnn, streamId: OTHER_STREAM }),
        grantOf(3, { ...ofAnn, owner: 'anna' }),
        grantOf(4, { ...ofAnn, owner: 'ann!' }),
        grantOf(5, { expiresAt: 1000 }),
      ])
        await store.add(grant, limit(10));
      expect(await Promise.all([999, 1000].map((at) => store.countOfOwner('ann', at)))).toEqual([2, 0]);
      await store.change(STREAM_ID, grantOf(1).id, () => ({
        grant: grantOf(1, { ...ofAnn, expiresAt: 5000 }),
        result: 0,
      }));
      expect(await store.countOfOwner('ann', 1000)).toBe(1);
      await store.remove(STREAM_ID, grantOf(1).id);
      expect([await store.countOfOwner('ann', 0), await store.get(STREAM_ID, grantOf(1).id)]).toEqual([1, undefined]);
    });

    it('changes a grant, and leaves it where nothing is given back', async () => {
      await store.add(grantOf(1), limit(1));
      const renewals = await store.change(STREAM_ID, grantOf(1).id, (grant) => ({
        grant: grantOf(1, { renewals: 1 }),
        result: grant?.renewals,
      }));
      expect(renewals).toBe(0);
      expect(await store.change(STREAM_ID, grantOf(1).id, (grant) => ({ result: grant?.renewals }))).toBe(1);
      expect(await store.change(STREAM_ID, grantOf(2).id, (grant) => ({ result: grant }))).toBeUndefined();
    });

    it(
      'loses none of several changes at once',
      async () => {
        await store.add(grantOf(1), limit(1));
        const renew = () =>
          store.change(STREAM_ID, grantOf(1).id, (grant) => ({
            grant: grantOf(1, { renewals: (grant?.renewals ?? 0) + 1 }),
            result: undefined,
          }));
        await Promise.all(Array.from({ length: 5 }, renew));
        expect((await store.get(STREAM_ID, grantOf(1).id))?.renewals).toBe(5);
      },
      CONTENTION_LIMIT_MS,
    );
  });
}
