import { receiverConcurrencyOf } from '../../../../functions/core/webhooks/receiver-concurrency';

describe('places at receivers', () => {
  it('are limited for one receiver, and beyond the total a receiver still gets its equal share', () => {
    const receiverConcurrency = receiverConcurrencyOf(4, 10);
    const taken = ['a', 'b', 'c'].map(
      (id) => Array.from({ length: 6 }, () => receiverConcurrency.take(id)).filter(Boolean).length,
    );
    expect(taken).toEqual([4, 4, 3]);
    const good = Array.from({ length: 4 }, () => receiverConcurrency.take('good'));
    expect(good.filter(Boolean)).toHaveLength(2);
  });

  it('include a first one for every receiver, however many there are', () => {
    const receiverConcurrency = receiverConcurrencyOf(4, 10);
    const receivers = Array.from({ length: 30 }, (_, index) => `receiver-${index}`);
    expect(receivers.filter((id) => receiverConcurrency.take(id))).toHaveLength(30);
    expect(receivers.filter((id) => receiverConcurrency.take(id))).toEqual([]);
  });

  it('are free again, once each', () => {
    const receiverConcurrency = receiverConcurrencyOf(1, 1);
    const free = receiverConcurrency.take('a');
    free?.();
    free?.();
    expect([receiverConcurrency.take('a'), receiverConcurrency.take('a')]).toEqual([expect.any(Function), undefined]);
  });
});
