import { isUnseen, newestOnAir } from '../../../../functions/core/delivery/unseen';
import { sessionOf } from '../../../support/delivery';

/** The broadcast of an encoder that failed so often: each backup had the numbers 10 to 19 on air. */
const failed = (times: number) => ({
  sessions: Array.from({ length: times + 1 }, (_, index) => ({
    id: sessionOf(index + 1),
    role: index === 0 ? ('primary' as const) : ('backup' as const),
  })),
  onAir: newestOnAir(
    Array.from({ length: times + 1 }, (_, index) => ({ session: sessionOf(index + 1), from: 10, to: 19 })),
  ),
});

describe('the segments of a backup that viewers saw', () => {
  it('are those that the live playlist names, and none of a backup that it does not name', () => {
    const { sessions, onAir } = failed(2);
    const never = { id: sessionOf(9), role: 'backup' as const };
    const isSeen = (sessionId: string, number: number): boolean =>
      !isUnseen({ sessionId, number }, { sessions: [...sessions, never], onAir });
    expect([9, 10, 19, 20].map((number) => isSeen(sessionOf(2), number))).toEqual([false, true, true, false]);
    expect(isSeen(never.id, 10)).toBe(false);
  });

  it('are kept of a backup that was on air before the oldest change which is still listed', () => {
    const { sessions, onAir } = failed(150);
    const isSeen = (ordinal: number, number: number): boolean =>
      !isUnseen({ sessionId: sessionOf(ordinal), number }, { sessions, onAir });
    expect(isSeen(2, 10)).toBe(true);
    expect(isSeen(151, 9)).toBe(false);
  });
});
