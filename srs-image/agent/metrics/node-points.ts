import type { MetricPoint } from '../../../functions/adapters/gcp/google/monitoring-points';
import { GATE_START_TIME, NODE_METRICS, type NodeMetricName } from '../../../functions/contract/env/node-metrics';

const SAMPLE = /^(\w+)(?:\{(\w+)="([^"\\]*)"\})? (\d+)$/;
const isWanted = (name: string): name is NodeMetricName => Object.hasOwn(NODE_METRICS, name);

/**
 * Returns the points that `text`, metrics in Prometheus's format, has for Cloud Monitoring at `atMs`. A count whose
 * beginning is not known, or lies in the future because a clock was set, is left out, as is one that is zero.
 */
export function pointsIn(text: string, atMs: number): MetricPoint[] {
  const samples = text.split('\n').flatMap((line) => {
    const [, name = '', label, labelValue = '', value] = SAMPLE.exec(line) ?? [];
    return name === ''
      ? []
      : [{ name, labels: label === undefined ? {} : { [label]: labelValue }, value: Number(value) }];
  });
  const startSeconds = samples.find(({ name }) => name === GATE_START_TIME)?.value;
  const sinceMs = startSeconds === undefined ? atMs : startSeconds * 1000;
  return samples.flatMap(({ name, labels, value }): MetricPoint[] => {
    if (!isWanted(name)) return [];
    const metric = NODE_METRICS[name];
    if (metric.kind === 'GAUGE') return [{ ...metric, value, labels }];
    return value > 0 && sinceMs < atMs ? [{ ...metric, value, labels, sinceMs }] : [];
  });
}
