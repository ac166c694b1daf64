import type { MetricPoint } from '../../../../functions/adapters/gcp/google/monitoring-points';
import { PUBLISHERS_METRIC, VIEWERS_METRIC } from '../../../../functions/contract/env/agent';
import { GateRefusal } from '../../../../srs-image/gate/refusal';
import { Tally } from '../../../../srs-image/gate/tally';
import { virtualClock } from '../../../support/virtual-clock';
import { Rig } from '../rig';

interface Options {
  env?: { role: 'edge' };
  growth?: string;
  fail?: () => Promise<void>;
  gateMetrics?: () => Promise<string>;
}
const SILENT_LOG = { info: () => undefined, warn: () => undefined, error: () => undefined };

describe('the metric the group grows by', () => {
  let points: { publishers: number; atSeconds: number }[];
  let others: MetricPoint[][];
  let fail: (() => Promise<void>) | undefined;
  let rig: Rig;
  let startMs: number;
  const open = (options: Options = {}) => {
    points = [];
    others = [];
    fail = options.fail;
    const clock = virtualClock();
    startMs = clock.now();
    rig = new Rig({
      clock,
      writePoints: async ([first, ...more], atMs) => {
        expect(first).toMatchObject({ type: options.growth ?? PUBLISHERS_METRIC, kind: 'GAUGE' });
        points.push({ publishers: first?.value ?? -1, atSeconds: (atMs - startMs) / 1000 });
        others.push(more);
        await fail?.();
      },
      ...(options.env && { env: options.env }),
      ...(options.gateMetrics && { gate: { clientOf: async () => undefined, metrics: options.gateMetrics } }),
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

  it('is the number of viewers on an edge, without the counts of its gate', async () => {
    open({ env: { role: 'edge' }, growth: VIEWERS_METRIC, gateMetrics: async () => 'gate_open_connections 3' });
    await rig.run(61_000);
    expect(seconds()).toEqual([0, 60]);
    expect(others.flat()).toEqual([]);
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

  it('goes beside what the gate counts, by reason and since its start', async () => {
    const since = virtualClock().now() - 5000;
    const tally = new Tally(SILENT_LOG, since);
    tally.connections = 7;
    for (const reason of ['amf_depth', 'amf_depth', 'version'] as const)
      tally.refuse('192.0.2.7', new GateRefusal(reason, ''), since);
    open({ gateMetrics: async () => tally.text(4) });
    await rig.run(1000);
    const type = (name: string) => `custom.googleapis.com/srs_live/${name}`;
    const sinceMs = Math.ceil(since / 1000) * 1000;
    const counted = { kind: 'CUMULATIVE', sinceMs };
    expect(others).toEqual([
      [
        { type: type('gate_up'), kind: 'GAUGE', value: 1, labels: {} },
        { type: type('gate_open_connections'), kind: 'GAUGE', value: 4, labels: {} },
        { type: type('gate_connections'), ...counted, value: 7, labels: {} },
        { type: type('gate_refused'), ...counted, value: 1, labels: { reason: 'version' } },
        { type: type('gate_refused'), ...counted, value: 2, labels: { reason: 'amf_depth' } },
      ],
    ]);
  });

  it('leaves out counts that begin in the future, after a clock that was set', async () => {
    const tally = new Tally(SILENT_LOG, virtualClock().now() + 60_000);
    tally.connections = 7;
    open({ gateMetrics: async () => tally.text(4) });
    await rig.run(1000);
    expect(others.flat().map(({ kind }) => kind)).toEqual(['GAUGE', 'GAUGE']);
  });

  it('does not wait for a gate that hangs, and says that one is down', async () => {
    let hangs = false;
    const gateMetrics = (): Promise<string> =>
      hangs ? new Promise(() => undefined) : Promise.reject(new Error('ECONNREFUSED'));
    open({ gateMetrics });
    await rig.run(1000);
    expect(others).toEqual([[expect.objectContaining({ type: 'custom.googleapis.com/srs_live/gate_up', value: 0 })]]);
    hangs = true;
    await rig.run(64_000);
    expect(points.map(({ publishers }) => publishers)).toEqual([0, 0]);
    expect(others[1]).toEqual([]);
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
