/** A metric of a node in Cloud Monitoring, on the monitored resource `gce_instance` of the VM itself. */
export interface NodeMetric {
  /** Its type, which every environment of a project shares. */
  readonly type: string;
  /** A value as it is now, or a count since its process started. */
  readonly kind: 'GAUGE' | 'CUMULATIVE';
}

const metric = (name: string, kind: NodeMetric['kind']): NodeMetric => ({
  type: `custom.googleapis.com/srs_live/${name}`,
  kind,
});

/** Metrics that agents write and infra reads, by their names in a node's `/metrics`. */
export const NODE_METRICS = {
  srs_agent_gate_up: metric('gate_up', 'GAUGE'),
  gate_open_connections: metric('gate_open_connections', 'GAUGE'),
  gate_connections_total: metric('gate_connections', 'CUMULATIVE'),
  /** With a label `reason`, as the gate's log has it; a reason that was never counted is left out. */
  gate_refused_total: metric('gate_refused', 'CUMULATIVE'),
} as const;
export type NodeMetricName = keyof typeof NODE_METRICS;

/** The time at which the gate's counts began, in Unix seconds. */
export const GATE_START_TIME = 'gate_start_time_seconds';
