import type { MetricPoint, WritePoints } from '../../../functions/adapters/gcp/google/monitoring-points';
import { pauseAfter } from '../../../functions/app/backoff';
import { within } from '../../../functions/app/deadline';
import type { Clock, Log } from '../../../functions/ports/stores';
import { pointsIn } from '../metrics/node-points';
import { reasonOf } from '../runtime/reason';

export interface NodeMetricsDeps {
  writePoints: WritePoints;
  /** The metric that the group of this node grows by. */
  growth: { type: string; value: () => number };
  /** Returns what the gate counts, in Prometheus's text format; absent: that is not written. */
  gateMetrics?: () => Promise<string>;
  clock: Clock;
  log: Log;
}

/**
 * Autoscalers want a point a minute. https://cloud.google.com/compute/docs/autoscaler/scaling-cloud-monitoring-metrics
 */
const EVERY_MS = 60_000;
/**
 * Cloud Monitoring refuses points of one series that are closer than five seconds; the one that failed may have been
 * taken.
 */
const RETRIES = { firstMs: 10_000, lastMs: EVERY_MS };
const LIMIT_MS = 10_000;
/** The gate is on this machine: the autoscaler does not wait for it. */
const GATE_LIMIT_MS = 2000;

/**
 * Writes the metric the group of nodes grows by, and what the gate counts, until `stop`. Points that fail are not sent
 * again: the next ones are newer.
 */
export async function writeNodeMetrics(deps: NodeMetricsDeps, stop: AbortSignal): Promise<void> {
  const { writePoints, clock, log } = deps;
  let failures = 0;
  while (!stop.aborted) {
    try {
      const atMs = clock.now();
      const points = await pointsAt(atMs, deps);
      await within({ clock, limitMs: LIMIT_MS, what: 'Cloud Monitoring' }, writePoints(points, atMs));
      if (failures > 0) log.info('metric_recovered', { failures });
      failures = 0;
    } catch (error) {
      failures += 1;
      // Once: a service that is away for an hour would fill the log.
      if (failures === 1) log.warn('metric_failed', { error: reasonOf(error) });
    }
    await clock.sleep(failures === 0 ? EVERY_MS : pauseAfter(RETRIES, failures));
  }
}

/** The metric of the autoscaler first, whatever becomes of the gate. */
async function pointsAt(atMs: number, { growth, gateMetrics, clock }: NodeMetricsDeps): Promise<MetricPoint[]> {
  const limit = { clock, limitMs: GATE_LIMIT_MS, what: 'the gate' };
  const counted = gateMetrics && (await within(limit, gateMetrics()).catch(() => ''));
  return [{ type: growth.type, kind: 'GAUGE', value: growth.value() }, ...pointsIn(counted ?? '', atMs)];
}
