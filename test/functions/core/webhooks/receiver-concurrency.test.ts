import { slotsOf } from '../../../../functions/core/webhooks/receiver-concurrency';

describe('places at receivers', () => {
  it('are so many for one, and beyond all of them a receiver still gets its first', () => {
    const slots = slotsOf(4, 10);
    const taken = ['a', 'b', 'c'].map((id) => Array.from({ length: 6 }, () => slots.take(id)).filter(Boolean).length);
    expect(taken).toEqual([4, 4, 2]);
    expect(slots.take('good')).toBeDefined();
    expect(slots.take('good')).toBeUndefined();
  });

  it('are free again, once each', () => {
    const slots = slotsOf(1, 1);
    const free = slots.take('a');
    free?.();
    free?.();
    expect([slots.take('a'), slots.take('a')]).toEqual([expect.any(Function), undefined]);
  });
});
