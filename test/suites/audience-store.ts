import type { Audience } from '../../functions/contract/viewers/audience';
import { emptyAudience } from '../../functions/core/viewers/audience';
import type { AudienceStore } from '../../functions/ports/stores';
import { STREAM_ID } from '../support/streams';

const EMPTY = emptyAudience(STREAM_ID, 'b1-aaaaaaaa');
const FULL: Audience = {
  ...EMPTY,
  level: 3,
  viewings: JSON.stringify([['0123456789ab', 1, 1, 2, 3, 'hls', 4.5, 0, 0, 900]]),
  countedAt: 7,
  peak: { viewers: 8, at: 7 },
  totals: { viewings: 8, playedSeconds: 36.5, stalls: 0, stalledSeconds: 0, startupMs: 7200 },
  minutes: [{ at: 0, viewers: 8 }],
};
/** Google's emulator lets transactions wait for each other by the second. */
const CONTENDED_MS = 30_000;

/** Tests the contract of every `AudienceStore`. `open` answers an empty one. */
export function audienceStoreSuite(name: string, open: () => AudienceStore): void {
  describe(`AudienceStore: ${name}`, () => {
    it('keeps one audience a stream, whole, until it is removed', async () => {
      const store = open();
      expect(await store.get(STREAM_ID)).toBeUndefined();
      expect(await store.change(STREAM_ID, (found) => ({ audience: FULL, result: found }))).toBeUndefined();
      expect(await store.get(STREAM_ID)).toStrictEqual(FULL);
      expect(await store.get('zzzzzzzzzzzzzzzz')).toBeUndefined();
      await store.change(STREAM_ID, () => ({ audience: EMPTY, result: 0 }));
      expect(await store.get(STREAM_ID)).toStrictEqual(EMPTY);
      await store.remove(STREAM_ID);
      await store.remove(STREAM_ID);
      expect(await store.get(STREAM_ID)).toBeUndefined();
    });

    it('writes nothing that it could not read', async () => {
      const store = open();
      const change = store.change(STREAM_ID, () => ({ audience: { ...FULL, level: -1 }, result: 0 }));
      await expect(change).rejects.toThrow('level');
      expect(await store.get(STREAM_ID)).toBeUndefined();
    });

    it(
      'loses none of many changes at the same time',
      async () => {
        const store = open();
        const add = () =>
          store.change(STREAM_ID, (audience = EMPTY) => ({
            audience: { ...audience, countedAt: audience.countedAt + 1 },
            result: 0,
          }));
        await Promise.all(Array.from({ length: 4 }, add));
        expect(await store.get(STREAM_ID)).toMatchObject({ countedAt: 4 });
      },
      CONTENDED_MS,
    );
  });
}
