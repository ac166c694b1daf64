import { MonitoringDashboard } from '@cdktf/provider-google/lib/monitoring-dashboard';
import { Construct } from 'constructs';
import { PUBLISHERS_METRIC } from '../../../functions/contract/env/agent';
import { NODE_METRICS, type NodeMetricName } from '../../../functions/contract/env/node-metrics';
import type { Deployment } from '../../names';
import { isOneOf } from './alerts-conditions';
import type { LogFilters } from './log-metrics';

export interface DashboardProps extends Deployment {
  readonly logs: LogFilters;
  /** Picks `https/request_count` of the public host, `https/response_bytes_count`, and `https/total_latencies`. */
  readonly requests: string;
  readonly responseBytes: string;
  readonly latencies: string;
  /** Functions, by name. */
  readonly functions: readonly string[];
  readonly nodeGroups: readonly string[];
  readonly publisher: string;
}

interface ChartLine {
  readonly filter: string;
  readonly aligner: 'ALIGN_RATE' | 'ALIGN_DELTA' | 'ALIGN_MAX' | 'ALIGN_MEAN' | 'ALIGN_PERCENTILE_95';
  readonly reducer?: 'REDUCE_SUM' | 'REDUCE_MAX' | 'REDUCE_MEAN' | 'REDUCE_PERCENTILE_95';
  readonly by?: readonly string[];
}

interface Chart {
  readonly title: string;
  readonly lines: readonly ChartLine[];
}

const COLUMNS = 3;
const WIDTH = 16;
const HEIGHT = 12;

/**
 * The whole of an environment on one page, in the order a segment travels: publishers, nodes, events, delivery, control
 * plane.
 */
export class Dashboard extends Construct {
  constructor(scope: Construct, id: string, props: DashboardProps) {
    super(scope, id);
    const { names, projectId: project } = props;
    new MonitoringDashboard(this, 'dashboard', {
      project,
      dashboardJson: JSON.stringify({
        displayName: `${names.environment}: live`,
        dashboardFilters: [],
        labels: {},
        mosaicLayout: { columns: COLUMNS * WIDTH, tiles: charts(props).map(tile) },
      }),
    });
  }
}

const tile = ({ title, lines }: Chart, index: number) => ({
  xPos: (index % COLUMNS) * WIDTH,
  yPos: Math.floor(index / COLUMNS) * HEIGHT,
  width: WIDTH,
  height: HEIGHT,
  widget: { title, xyChart: { dataSets: lines.map(dataSet), yAxis: { scale: 'LINEAR' } } },
});

const dataSet = ({ filter, aligner, reducer, by }: ChartLine) => ({
  plotType: 'LINE',
  targetAxis: 'Y1',
  timeSeriesQuery: {
    timeSeriesFilter: {
      filter,
      aggregation: {
        alignmentPeriod: '60s',
        perSeriesAligner: aligner,
        ...(reducer && { crossSeriesReducer: reducer, groupByFields: by ?? [] }),
      },
    },
  },
});

const charts = (props: DashboardProps): Chart[] => [
  ...pathCharts(props),
  ...gateCharts(),
  ...deliveryCharts(props),
  ...controlCharts(props),
];

const nodeMetric = (name: NodeMetricName): string =>
  `metric.type="${NODE_METRICS[name].type}" AND resource.type="gce_instance"`;

const gateCharts = (): Chart[] => [
  {
    title: 'RTMP connections: open, and new per second',
    lines: [
      { filter: nodeMetric('gate_open_connections'), aligner: 'ALIGN_MEAN', reducer: 'REDUCE_SUM' },
      { filter: nodeMetric('gate_connections_total'), aligner: 'ALIGN_RATE', reducer: 'REDUCE_SUM' },
    ],
  },
  {
    title: 'RTMP connections refused, by reason',
    lines: [
      {
        filter: nodeMetric('gate_refused_total'),
        aligner: 'ALIGN_DELTA',
        reducer: 'REDUCE_SUM',
        by: ['metric.label.reason'],
      },
    ],
  },
  {
    title: 'Gates that answer',
    lines: [{ filter: nodeMetric('srs_agent_gate_up'), aligner: 'ALIGN_MEAN', reducer: 'REDUCE_SUM' }],
  },
];

const pathCharts = ({ logs, nodeGroups, publisher }: DashboardProps): Chart[] => {
  const vm = `resource.type="gce_instance" AND metadata.system_labels.instance_group${isOneOf(nodeGroups)}`;
  const lost = (['segments-lost', 'uploads-failing', 'media-server-down', 'agent-failed'] as const).map((name) =>
    logs.filter(name),
  );
  return [
    {
      title: 'Publishers, by node',
      lines: [
        {
          filter: `metric.type="${PUBLISHERS_METRIC}" AND resource.type="gce_instance"`,
          aligner: 'ALIGN_MEAN',
          reducer: 'REDUCE_SUM',
          by: ['resource.label.instance_id'],
        },
      ],
    },
    {
      title: 'CPU of the nodes',
      lines: [
        { filter: `metric.type="compute.googleapis.com/instance/cpu/utilization" AND ${vm}`, aligner: 'ALIGN_MEAN' },
      ],
    },
    {
      title: 'Bytes sent by the nodes',
      lines: [
        {
          filter: `metric.type="compute.googleapis.com/instance/network/sent_bytes_count" AND ${vm}`,
          aligner: 'ALIGN_RATE',
        },
      ],
    },
    {
      title: 'Lost segments, failing uploads, media servers down',
      lines: lost.map((filter) => ({ filter, aligner: 'ALIGN_DELTA', reducer: 'REDUCE_SUM' })),
    },
    {
      title: 'Age of the oldest pending storage event, seconds',
      lines: [
        {
          filter:
            'metric.type="pubsub.googleapis.com/subscription/oldest_unacked_message_age" AND ' +
            'resource.type="pubsub_subscription" AND ' +
            `resource.labels.subscription_id=monitoring.regex.full_match("eventarc-.*-${publisher}-.*")`,
          aligner: 'ALIGN_MAX',
          reducer: 'REDUCE_MAX',
        },
      ],
    },
    {
      title: 'Publishers refused, by reason',
      lines: [
        {
          filter: logs.filter('publishers-refused'),
          aligner: 'ALIGN_DELTA',
          reducer: 'REDUCE_SUM',
          by: ['metric.label.error'],
        },
      ],
    },
  ];
};

const deliveryCharts = ({ requests, responseBytes, latencies }: DashboardProps): Chart[] => [
  {
    title: 'Requests, by cache result',
    lines: [{ filter: requests, aligner: 'ALIGN_RATE', reducer: 'REDUCE_SUM', by: ['metric.label.cache_result'] }],
  },
  {
    title: 'Requests, by response class',
    lines: [
      { filter: requests, aligner: 'ALIGN_RATE', reducer: 'REDUCE_SUM', by: ['metric.label.response_code_class'] },
    ],
  },
  {
    title: 'Bytes to viewers per second',
    lines: [{ filter: responseBytes, aligner: 'ALIGN_RATE', reducer: 'REDUCE_SUM' }],
  },
  {
    title: 'Response time, p95, milliseconds',
    lines: [
      {
        filter: latencies,
        aligner: 'ALIGN_PERCENTILE_95',
        reducer: 'REDUCE_MEAN',
        by: ['resource.label.backend_target_name'],
      },
    ],
  },
];

const controlCharts = ({ logs, functions }: DashboardProps): Chart[] => {
  const services =
    'resource.type="cloud_run_revision" AND ' +
    `resource.labels.service_name=one_of(${functions.map((name) => `"${name}"`).join(',')})`;
  const by = ['resource.label.service_name'];
  return [
    {
      title: 'Requests to functions',
      lines: [
        {
          filter: `metric.type="run.googleapis.com/request_count" AND ${services}`,
          aligner: 'ALIGN_RATE',
          reducer: 'REDUCE_SUM',
          by,
        },
      ],
    },
    {
      title: 'Response time of functions, p95, milliseconds',
      lines: [
        {
          filter: `metric.type="run.googleapis.com/request_latencies" AND ${services}`,
          aligner: 'ALIGN_PERCENTILE_95',
          reducer: 'REDUCE_MAX',
          by,
        },
      ],
    },
    {
      title: 'Instances of functions',
      lines: [
        {
          filter: `metric.type="run.googleapis.com/container/instance_count" AND ${services}`,
          aligner: 'ALIGN_MAX',
          reducer: 'REDUCE_SUM',
          by,
        },
      ],
    },
    {
      title: 'Responses with 5xx, and reconciler failures',
      lines: (['requests-failed', 'reconcile-failed', 'health-failed'] as const).map((name) => ({
        filter: logs.filter(name),
        aligner: 'ALIGN_DELTA',
        reducer: 'REDUCE_SUM',
      })),
    },
  ];
};
