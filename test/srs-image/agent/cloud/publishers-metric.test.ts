import { virtualClock } from '../../../support/virtual-clock';
import { Rig } from '../rig';

describe('the metric the group grows by', () => {
  let points: { publishers: number; atSeconds: number }[];
  let fail: (() => Promise<void>) | undefined;
  let rig: Rig;
  let startMs: number;
  const open = (options: { env?: { role: 'edge' }; fail?: () => Promise<void> } = {}) => {
    points = [];
    fail = options.fail;
    const clock = virtualClock();
    startMs = clock.now();
    rig = new Rig({
      clock,
      gauge: async (publishers, atMs) => {
        points.push({ publishers, atSeconds: (atMs - startMs) / 1000 });
        await fail?.();
      },
      ...(options.env && { env: options.env }),
    });
  };
  afterEach(() => rig.dispose());
  const seconds = () => points.map(({ atSeconds }) => atSeconds);

  it('is the number of publishers, once a minute', async () => {
    open();
    await rig.run(1000);
    await rig.publish();
    for (let count = 0; count < 60; count += 1) await rig.segment();
    await rig.unpublish();
    await rig.run(60_000);
    expect(points.map(({ publishers }) => publishers)).toEqual([0, 1, 1, 0]);
    expect(seconds()).toEqual([0, 60, 120, 180]);
  });

  it('is not written by nodes that no autoscaler counts', async () => {
    open({ env: { role: 'edge' } });
    await rig.run(120_000);
    expect(points).toEqual([]);
  });

  it('is tried again ever later, never closer than ten seconds, and said once', async () => {
    open({ fail: () => Promise.reject(new Error('429: quota')) });
    await rig.run(150_000);
    expect(seconds()).toEqual([0, 10, 30, 70, 130]);
    expect(rig.events('metric_failed')).toMatchObject([{ severity: 'warn', fields: { error: '429: quota' } }]);
    fail = undefined;
    await rig.run(60_000);
    expect(rig.events('metric_recovered')).toMatchObject([{ fields: { failures: 5 } }]);
    await rig.run(60_000);
    expect(seconds().slice(5)).toEqual([190, 250]);
  });

  it('holds up no upload when nobody answers, and goes on', async () => {
    open({ fail: () => new Promise(() => undefined) });
    await rig.run(1000);
    await rig.publish();
    for (let count = 0; count < 10; count += 1) await rig.segment();
    await rig.run(500);
    expect(rig.uploaded('1-aaaaaaaa')).toHaveLength(10);
    expect(rig.events('metric_failed')[0]?.fields.error).toBe('Cloud Monitoring did not answer within 10000 ms');
    expect(seconds()).toEqual([0, 20]);
  });
});
