import { receiverConcurrencyOf } from '../../../../functions/core/webhooks/receiver-concurrency';

describe('places at receivers', () => {
  it('are so many for one, and beyond all of them a receiver still gets its first', () => {
    const receiverConcurrency = receiverConcurrencyOf(4, 10);
    const taken = ['a', 'b', 'c'].map(
      (id) => Array.from({ length: 6 }, () => receiverConcurrency.take(id)).filter(Boolean).length,
    );
    expect(taken).toEqual([4, 4, 2]);
    expect(receiverConcurrency.take('good')).toBeDefined();
    expect(receiverConcurrency.take('good')).toBeUndefined();
  });

  it('are free again, once each', () => {
    const receiverConcurrency = receiverConcurrencyOf(1, 1);
    const free = receiverConcurrency.take('a');
    free?.();
    free?.();
    expect([receiverConcurrency.take('a'), receiverConcurrency.take('a')]).toEqual([expect.any(Function), undefined]);
  });
});
