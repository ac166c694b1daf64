import { LoggingMetric } from '@cdktf/provider-google/lib/logging-metric';
import { Construct } from 'constructs';
import type { Deployment } from '../../names';

/** The source of a log line: a function, or the agent on a VM. */
type LogSource = 'functions' | 'nodes';

interface CountedEvents {
  readonly from: LogSource;
  /** `event` of the product's own log lines. */
  readonly events: readonly string[];
  readonly description: string;
  /** Field of the line that becomes a label of the metric: one with few values. */
  readonly label?: string;
}

/** Metrics that count lines of the product's own logs, by the last part of the metric's name. */
export const LOG_METRICS = {
  'segments-lost': {
    from: 'nodes',
    events: ['segment_lost', 'segment_dropped', 'segment_differs'],
    description: 'Segments that never reached the delivery bucket',
  },
  'uploads-failing': {
    from: 'nodes',
    events: ['upload_failed', 'journal_failed'],
    description: 'Uploads that began to fail; a line a row of failures, not a try',
  },
  'media-server-down': { from: 'nodes', events: ['srs_down'], description: 'SRS does not answer the agent beside it' },
  'agent-failed': {
    from: 'nodes',
    events: [
      'agent_failed',
      'loop_ended',
      'message_dropped',
      'message_failed',
      'spool_left_over',
      'inspection_failed',
      'config_refused',
      'answer_failed',
      'session_unreadable',
      'one_failed',
    ],
    description: 'An agent that gave up something it had promised',
  },
  'target-duration-raised': {
    from: 'functions',
    events: ['target_duration_raised'],
    description: 'A live playlist had to raise EXT-X-TARGETDURATION: its encoder sends keyframes too far apart',
  },
  'playlists-skipped': {
    from: 'functions',
    events: ['session_playlist_skipped', 'recording_segment_skipped', 'document_left_out'],
    description: 'Playlists, segments and documents that cannot be read, and are left out',
  },
  'takeover-limit': {
    from: 'functions',
    events: ['takeover_limit'],
    description: 'Two encoders publish the same stream',
  },
  'publishers-refused': {
    from: 'functions',
    events: ['hook_refused'],
    description: 'Publishers and players that were refused, by reason',
    label: 'error',
  },
  'keys-guessed': {
    from: 'functions',
    events: ['stream_key_guesses', 'credentials_guessed', 'hook_secret_guesses'],
    description: 'Somebody tries keys',
  },
  'requests-failed': {
    from: 'functions',
    events: ['request_failed', 'answer_not_kept', 'node_silent'],
    description: 'Requests and events answered with 5xx',
  },
  'health-failed': {
    from: 'functions',
    events: ['health_check_failed'],
    description: 'The API cannot reach its database or buckets',
    label: 'what',
  },
  reconciled: {
    from: 'functions',
    events: ['reconciled'],
    description: 'Runs of the reconciler that came to their end',
  },
  'reconcile-failed': {
    from: 'functions',
    events: ['reconcile_failed', 'invalidation_failed'],
    description: 'Streams the reconciler could not bring in order',
  },
  'runaway-triggers': {
    from: 'functions',
    events: ['runaway_trigger', 'runaway_stream_suspended', 'runaway_not_reported'],
    description: 'Streams with more storage events within a minute than any encoder makes',
  },
  'budget-stages': {
    from: 'functions',
    events: ['budget_stage'],
    description: 'Changes of what is done about the cost',
    label: 'stage',
  },
  'webhooks-dead': {
    from: 'functions',
    events: ['webhook_gave_up', 'dead_letter_not_sent'],
    description: 'Events that a webhook did not take for a day',
  },
} as const satisfies Readonly<Record<string, CountedEvents>>;
export type LogMetricName = keyof typeof LOG_METRICS;

const RESOURCE_TYPE = { functions: 'cloud_run_revision', nodes: 'gce_instance' } as const;

/** The filter of Cloud Monitoring that picks a metric of `LOG_METRICS`. */
export interface LogFilters {
  filter(name: LogMetricName): string;
}

/**
 * The filters of an environment, whose metrics `bootstrap` made: an alert on a metric that was made seconds before is
 * refused.
 */
export const logFilters = ({ names }: Pick<Deployment, 'names'>): LogFilters => ({
  filter: (name) =>
    `metric.type="logging.googleapis.com/user/${names.resource(name)}" AND ` +
    `resource.type="${RESOURCE_TYPE[LOG_METRICS[name].from]}"`,
});

/**
 * Counts of events in the product's own log lines, one metric a row of `LOG_METRICS`. Logs that are not kept are
 * counted too.
 */
export class LogMetrics extends Construct {
  constructor(scope: Construct, id: string, place: Deployment) {
    super(scope, id);
    for (const name of logMetricNames()) this.metric(name, LOG_METRICS[name], place);
  }

  private metric(name: string, counted: CountedEvents, { names, projectId: project }: Deployment): void {
    const { from, events, description, label } = counted;
    const services = ` AND resource.labels.service_name=~"^${names.resource('')}"`;
    new LoggingMetric(this, name, {
      project,
      name: names.resource(name),
      description,
      filter:
        `resource.type="${RESOURCE_TYPE[from]}"${from === 'functions' ? services : ''} AND ` +
        `(${events.map((event) => isEvent(from, event)).join(' OR ')})`,
      metricDescriptor: {
        metricKind: 'DELTA',
        valueType: 'INT64',
        unit: '1',
        displayName: description,
        ...(label !== undefined && { labels: [{ key: label, valueType: 'STRING' }] }),
      },
      ...(label !== undefined && { labelExtractors: { [label]: `EXTRACT(jsonPayload.${label})` } }),
    });
  }
}

/**
 * A function's line is parsed. The logging agent of Container-Optimized OS may leave a container's line as text: ours
 * begins with its event, and a line of SRS or coturn, in which a client's text stands, never does.
 */
const isEvent = (from: LogSource, event: string): string => {
  const beginsWithIt = JSON.stringify(`^\\{"event":"${event}"`);
  return `jsonPayload.event="${event}"${from === 'nodes' ? ` OR jsonPayload.message=~${beginsWithIt}` : ''}`;
};

const logMetricNames = (): LogMetricName[] =>
  Object.keys(LOG_METRICS).filter((name): name is LogMetricName => name in LOG_METRICS);
