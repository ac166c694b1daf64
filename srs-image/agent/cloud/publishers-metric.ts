import { pauseAfter } from '../../../functions/app/backoff';
import { within } from '../../../functions/app/deadline';
import type { Clock, Log } from '../../../functions/ports/stores';
import { reasonOf } from '../runtime/reason';

export interface PublishersMetricDeps {
  /** Takes a point: how many publish now, and when that was. */
  gauge: (publishers: number, atMs: number) => Promise<void>;
  publishers: () => number;
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

/**
 * Writes the metric the group of nodes grows by, until `stop`. A point that fails is not sent again: the next one is
 * newer.
 */
export async function writePublishers(
  { gauge, publishers, clock, log }: PublishersMetricDeps,
  stop: AbortSignal,
): Promise<void> {
  let failures = 0;
  while (!stop.aborted) {
    try {
      await within({ clock, limitMs: LIMIT_MS, what: 'Cloud Monitoring' }, gauge(publishers(), clock.now()));
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
