import { Backlog, type BacklogOptions } from '../../../../scripts/emulators/pubsub/backlog';

const HOUR = 3_600_000;
const LEASE = { max: 10, leaseMs: 1000 };
const textOf = ({ message }: { message: { data?: Buffer } }): string => String(message.data);

function open(options: Partial<BacklogOptions> = {}) {
  const given: { text: string; attempts: number }[] = [];
  const backlog = new Backlog(
    { ordered: false, backoff: { minMs: 0, maxMs: 0 }, retentionMs: HOUR, ...options },
    (message, attempts) => given.push({ text: String(message.data), attempts }),
  );
  const add = (text: string, orderingKey = '', delayMs = 0) =>
    backlog.add({ data: Buffer.from(text), orderingKey }, 0, delayMs);
  const take = (nowMs: number, more: { max?: number; onePerKey?: boolean; onEnd?: () => void } = {}) =>
    backlog.take(nowMs, { ...LEASE, ...more });
  return { backlog, add, take, given };
}

describe('a backlog', () => {
  it('hands a message out once until its lease is over', () => {
    const { backlog, add, take } = open();
    add('a');
    expect(take(0).map(textOf)).toEqual(['a']);
    expect(take(999)).toEqual([]);
    backlog.expire(1000);
    expect(take(1000)).toMatchObject([{ attempt: 2 }]);
  });

  it('forgets what is acknowledged, also when it is acknowledged twice', () => {
    const { backlog, add, take } = open();
    add('a');
    const [leased] = take(0);
    for (const _ of [1, 2]) backlog.acknowledge([leased?.ackId ?? '']);
    expect(backlog.size).toBe(0);
  });

  it('ignores an acknowledgement that comes after the lease', () => {
    const { backlog, add, take } = open();
    add('a');
    const [late] = take(0);
    backlog.expire(1000);
    backlog.acknowledge([late?.ackId ?? '']);
    expect(take(1000)).toHaveLength(1);
  });

  it('holds longer when asked', () => {
    const { backlog, add, take } = open();
    add('a');
    const [leased] = take(0);
    backlog.extend([leased?.ackId ?? ''], 500, 2000);
    backlog.expire(2499);
    expect(take(2499)).toEqual([]);
    backlog.expire(2500);
    expect(take(2500)).toHaveLength(1);
  });

  it('waits twice as long each time, up to the longest', () => {
    const { backlog, add, take } = open({ backoff: { minMs: 100, maxMs: 300 } });
    add('a');
    let now = 0;
    for (const waitMs of [100, 200, 300, 300]) {
      backlog.extend([take(now)[0]?.ackId ?? ''], now, 0);
      expect(take(now + waitMs - 1)).toEqual([]);
      now += waitMs;
    }
    expect(take(now)).toHaveLength(1);
  });

  it('gives up after so many deliveries, refused or expired', () => {
    const { backlog, add, take, given } = open({ maxAttempts: 2 });
    add('a');
    backlog.extend([take(0)[0]?.ackId ?? ''], 0, 0);
    take(0);
    backlog.expire(1000);
    expect(given).toEqual([{ text: 'a', attempts: 2 }]);
    expect(backlog.size).toBe(0);
  });

  it('drops what is older than the retention, held or not', () => {
    const { backlog, add, take } = open();
    add('a');
    take(0);
    add('b');
    backlog.expire(HOUR);
    expect(backlog.size).toBe(0);
  });

  it('tells once when a lease is over, however it ends', () => {
    const { backlog, add, take } = open();
    const ended = jest.fn();
    for (const text of ['acknowledged', 'refused', 'expired']) add(text);
    const [first, second] = take(0, { onEnd: ended });
    backlog.acknowledge([first?.ackId ?? '', first?.ackId ?? '']);
    backlog.extend([second?.ackId ?? ''], 0, 0);
    backlog.expire(1000);
    expect(ended).toHaveBeenCalledTimes(3);
  });

  describe('with order', () => {
    it('does not let a message overtake an earlier one of its key that waits', () => {
      const { add, take } = open({ ordered: true });
      add('late', 'k', 50);
      add('early', 'k');
      add('other', 'x');
      expect(take(0).map(textOf)).toEqual(['other']);
      expect(take(50).map(textOf)).toEqual(['late', 'early']);
    });

    it('recalls what is behind a refused message, without counting it as a delivery', () => {
      const { backlog, add, take } = open({ ordered: true });
      for (const text of ['1', '2', '3']) add(text, 'k');
      add('x', 'other');
      const [first, second] = take(0);
      backlog.extend([first?.ackId ?? ''], 0, 0);
      backlog.acknowledge([second?.ackId ?? '']);
      const again = take(0);
      expect(again.map(textOf)).toEqual(['1', '2', '3']);
      expect(again.map(({ attempt }) => attempt)).toEqual([2, 1, 1]);
    });

    it('pushes one of a key at a time', () => {
      const { backlog, add, take } = open({ ordered: true });
      for (const text of ['1', '2']) add(text, 'k');
      add('x', 'other');
      const first = take(0, { onePerKey: true });
      expect(first.map(textOf)).toEqual(['1', 'x']);
      expect(take(0, { onePerKey: true })).toEqual([]);
      backlog.acknowledge([first[0]?.ackId ?? '']);
      expect(take(0, { onePerKey: true }).map(textOf)).toEqual(['2']);
    });

    it('has no order without a key', () => {
      const { add, take } = open({ ordered: true });
      add('late', '', 50);
      add('early');
      expect(take(0).map(textOf)).toEqual(['early']);
    });
  });
});
