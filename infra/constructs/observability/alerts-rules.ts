import type { MonitoringAlertPolicyConditions } from '@cdktf/provider-google/lib/monitoring-alert-policy';
import { burning, counted, gauge, isOneOf, rate, ratio, silent, unreachable } from './alerts-conditions';
import type { LogFilters } from './log-metrics';

export interface AlertRule {
  /** Construct id, stable for ever. */
  readonly id: string;
  /** The fault, which is also the heading of its section in the runbook. */
  readonly title: string;
  /**
   * `CRITICAL`: viewers or publishers notice now. `ERROR`: something was lost. `WARNING`: can wait until the next
   * working day.
   */
  readonly severity: 'CRITICAL' | 'ERROR' | 'WARNING';
  readonly conditions: readonly MonitoringAlertPolicyConditions[];
  /** @default any one of the conditions is enough */
  readonly combiner?: 'AND';
}

/**
 * Subjects of the rules, by name or by filter of Cloud Monitoring, and the bounds that depend on the size of an
 * environment.
 */
export interface Watched {
  readonly logs: LogFilters;
  readonly sloName: string;
  readonly checkIds: readonly string[];
  /** Picks `https/request_count` of the public host, and `https/response_bytes_count`. */
  readonly requests: string;
  readonly responseBytes: string;
  /** Name of the function that storage events go to, and the most events a second that the nodes can cause. */
  readonly publisher: string;
  readonly eventsPerSecond: number;
  /** The location of the trigger of storage events. */
  readonly triggerLocation: string;
  /** The groups of nodes that take publishers, one a region. */
  readonly nodeGroups: readonly string[];
  readonly minNodes: number;
  readonly maxNodes: number;
  /** Subscription that keeps the dead letters. */
  readonly deadLetters: string;
  readonly egressMegabitsPerSecond: number;
}

const MINUTE = 60;
const HOUR = 3600;

/** Every alert of an environment. */
export const alertRules = (watched: Watched): AlertRule[] => [
  ...delivery(watched),
  ...publishing(watched),
  ...nodes(watched),
  ...controlPlane(watched),
];

const delivery = ({ sloName, checkIds, requests, responseBytes, egressMegabitsPerSecond }: Watched): AlertRule[] => [
  {
    id: 'availability-burns-fast',
    title: 'Availability: the error budget burns fast',
    severity: 'CRITICAL',
    // 2 % of the budget of four weeks in an hour, and still burning.
    conditions: [burning(sloName, 13.44, HOUR), burning(sloName, 13.44, 5 * MINUTE)],
    combiner: 'AND',
  },
  {
    id: 'availability-burns-slowly',
    title: 'Availability: the error budget burns slowly',
    severity: 'WARNING',
    // 5 % of it in six hours, and still burning.
    conditions: [burning(sloName, 5.6, 6 * HOUR), burning(sloName, 5.6, 30 * MINUTE)],
    combiner: 'AND',
  },
  {
    id: 'host-unreachable',
    title: 'The public host does not answer',
    severity: 'CRITICAL',
    conditions: checkIds.map(unreachable),
  },
  {
    id: 'certificate-expires',
    title: 'The certificate expires soon',
    severity: 'ERROR',
    conditions: checkIds.map((checkId) =>
      gauge(
        'metric.type="monitoring.googleapis.com/uptime_check/time_until_ssl_cert_expires" AND ' +
          `resource.type="uptime_url" AND metric.labels.check_id="${checkId}"`,
        'below',
        // Days. Google renews a managed certificate a month before its end.
        14,
        10 * MINUTE,
      ),
    ),
  },
  {
    id: 'cache-misses',
    title: 'The CDN cache hit ratio is low',
    severity: 'WARNING',
    conditions: [ratio(`${requests} AND metric.labels.cache_result="MISS"`, requests, 0.5, 30 * MINUTE)],
  },
  {
    id: 'egress-runs-away',
    title: 'Egress to viewers is above the expected rate',
    severity: 'ERROR',
    // Cloud Billing reports the cost hours later.
    conditions: [rate(responseBytes, (egressMegabitsPerSecond * 1e6) / 8, 10 * MINUTE)],
  },
];

const publishing = ({ logs, publisher, triggerLocation, eventsPerSecond }: Watched): AlertRule[] => [
  {
    id: 'segments-lost',
    title: 'Segments are lost',
    severity: 'ERROR',
    conditions: [counted(logs.filter('segments-lost'), 0, 5 * MINUTE)],
  },
  {
    id: 'uploads-failing',
    title: 'Uploads fail',
    severity: 'ERROR',
    conditions: [counted(logs.filter('uploads-failing'), 5, 5 * MINUTE)],
  },
  {
    id: 'playlists-late',
    title: 'Live playlists are late',
    severity: 'CRITICAL',
    conditions: [
      gauge(
        'metric.type="pubsub.googleapis.com/subscription/oldest_unacked_message_age" AND ' +
          'resource.type="pubsub_subscription" AND ' +
          `resource.labels.subscription_id=monitoring.regex.full_match("eventarc-${triggerLocation}-${publisher}-.*")`,
        'above',
        // Seconds: a player holds three segments of two seconds.
        30,
        2 * MINUTE,
      ),
    ],
  },
  {
    id: 'playlists-skipped',
    title: 'Playlists or segments cannot be read',
    severity: 'ERROR',
    conditions: [counted(logs.filter('playlists-skipped'), 0, 5 * MINUTE)],
  },
  {
    id: 'events-run-away',
    title: 'Storage events exceed the possible rate',
    severity: 'CRITICAL',
    conditions: [
      rate(
        'metric.type="run.googleapis.com/request_count" AND resource.type="cloud_run_revision" AND ' +
          `resource.labels.service_name="${publisher}"`,
        eventsPerSecond * 2,
        10 * MINUTE,
      ),
    ],
  },
  {
    id: 'target-duration-raised',
    title: 'A live playlist raised its target duration',
    severity: 'WARNING',
    conditions: [counted(logs.filter('target-duration-raised'), 0, 5 * MINUTE)],
  },
  {
    id: 'takeover-limit',
    title: 'Two encoders publish the same stream',
    severity: 'WARNING',
    conditions: [counted(logs.filter('takeover-limit'), 0, 5 * MINUTE)],
  },
  {
    id: 'publishers-refused',
    title: 'Many publishers are refused',
    severity: 'WARNING',
    conditions: [counted(logs.filter('publishers-refused'), 100, 5 * MINUTE)],
  },
  {
    id: 'keys-guessed',
    title: 'Keys are being guessed',
    severity: 'WARNING',
    conditions: [counted(logs.filter('keys-guessed'), 0, 5 * MINUTE)],
  },
];

const nodes = ({ logs, nodeGroups, minNodes, maxNodes }: Watched): AlertRule[] => {
  const size =
    'metric.type="compute.googleapis.com/instance_group/size" AND resource.type="instance_group" AND ' +
    `resource.labels.instance_group_name${isOneOf(nodeGroups)}`;
  return [
    {
      id: 'media-server-down',
      title: 'A media server is down',
      severity: 'CRITICAL',
      conditions: [counted(logs.filter('media-server-down'), 0, 5 * MINUTE)],
    },
    {
      id: 'agent-failed',
      title: 'An agent failed or lost data',
      severity: 'ERROR',
      conditions: [counted(logs.filter('agent-failed'), 0, 5 * MINUTE)],
    },
    {
      id: 'nodes-missing',
      title: 'Nodes are missing',
      severity: 'CRITICAL',
      conditions: [gauge(size, 'below', minNodes, 10 * MINUTE)],
    },
    {
      id: 'nodes-at-their-limit',
      title: 'The node group is at its maximum size',
      severity: 'WARNING',
      conditions: [gauge(size, 'above', maxNodes - 1, 15 * MINUTE)],
    },
  ];
};

const controlPlane = ({ logs, deadLetters }: Watched): AlertRule[] => [
  {
    id: 'requests-failed',
    title: 'Functions answer with errors',
    severity: 'ERROR',
    conditions: [counted(logs.filter('requests-failed'), 10, 5 * MINUTE)],
  },
  {
    id: 'health-failed',
    title: 'The API cannot reach Firestore or Cloud Storage',
    severity: 'CRITICAL',
    conditions: [counted(logs.filter('health-failed'), 2, 5 * MINUTE)],
  },
  {
    id: 'reconciler-silent',
    title: 'The reconciler does not run',
    severity: 'ERROR',
    conditions: [silent(logs.filter('reconciled'), 10 * MINUTE)],
  },
  {
    id: 'reconcile-failed',
    title: 'The reconciler fails repeatedly',
    severity: 'ERROR',
    conditions: [counted(logs.filter('reconcile-failed'), 3, 10 * MINUTE)],
  },
  {
    id: 'stream-ran-away',
    title: 'One stream causes too many storage events',
    severity: 'CRITICAL',
    conditions: [counted(logs.filter('runaway-triggers'), 0, 5 * MINUTE)],
  },
  {
    id: 'budget-stage',
    title: 'The budget stage changed',
    severity: 'ERROR',
    conditions: [counted(logs.filter('budget-stages'), 0, 5 * MINUTE)],
  },
  {
    id: 'webhooks-dead',
    title: 'Webhook deliveries fail permanently',
    severity: 'WARNING',
    conditions: [counted(logs.filter('webhooks-dead'), 0, 5 * MINUTE)],
  },
  {
    id: 'events-undelivered',
    title: 'Events are in the dead-letter queue',
    severity: 'WARNING',
    conditions: [
      gauge(
        'metric.type="pubsub.googleapis.com/subscription/num_undelivered_messages" AND ' +
          `resource.type="pubsub_subscription" AND resource.labels.subscription_id="${deadLetters}"`,
        'above',
        0,
        5 * MINUTE,
      ),
    ],
  },
];
