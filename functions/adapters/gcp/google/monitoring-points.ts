import type { NodeMetric } from '../../../contract/env/node-metrics';
import { googleRequest } from './google-request';
import type { Metadata } from './metadata-server';

const REQUEST_TIMEOUT_MS = 5_000;

/** One value of one series of this VM: a whole number. */
export interface MetricPoint extends NodeMetric {
  readonly value: number;
  readonly labels?: Readonly<Record<string, string>>;
  /** The start of what is counted, in Unix milliseconds: `CUMULATIVE` only, and before the point. */
  readonly sinceMs?: number;
}

/** Writes points in one request, with the time of all in Unix milliseconds. Rejects when one was not taken. */
export type WritePoints = (points: readonly MetricPoint[], atMs: number) => Promise<void>;

export interface MonitoringPointsOptions {
  /** @default Google's */
  apiEndpoint?: string;
  metadata: Metadata;
  /** Answers a token of the account that this process runs as, which needs `roles/monitoring.metricWriter`. */
  accessToken: () => Promise<string>;
}

/**
 * Points of this VM in Cloud Monitoring, on the monitored resource that autoscalers read. One series takes a point
 * every five seconds at most, each later than the one before; a type's first point makes its descriptor. Google takes
 * the good points of a request that has a bad one.
 * https://cloud.google.com/monitoring/api/ref_v3/rest/v3/projects.timeSeries/create
 */
export function monitoringPoints({ apiEndpoint, metadata, accessToken }: MonitoringPointsOptions): WritePoints {
  const base = (apiEndpoint ?? 'https://monitoring.googleapis.com').replace(/\/$/, '');
  let vm: Promise<VmLabels> | undefined;
  const labels = (): Promise<VmLabels> => {
    vm ??= vmLabels(metadata).catch((error: unknown) => {
      vm = undefined;
      throw error;
    });
    return vm;
  };
  return async (points, atMs) => {
    const resource = await labels();
    await googleRequest({
      method: 'POST',
      url: `${base}/v3/projects/${resource.project_id}/timeSeries`,
      body: { timeSeries: points.map((point) => seriesOf(point, resource, atMs)) },
      accessToken: await accessToken(),
      timeoutMs: REQUEST_TIMEOUT_MS,
    });
  };
}

/** https://cloud.google.com/monitoring/api/resources#tag_gce_instance */
type VmLabels = Readonly<Record<'project_id' | 'instance_id' | 'zone', string>>;

async function vmLabels(metadata: Metadata): Promise<VmLabels> {
  const [project, id, zone] = await Promise.all(
    ['project/project-id', 'instance/id', 'instance/zone'].map(async (path) => (await metadata(path)).text),
  );
  // `projects/<number>/zones/<zone>`
  return { project_id: project ?? '', instance_id: id ?? '', zone: zone?.split('/').at(-1) ?? '' };
}

const time = (ms: number): string => new Date(ms).toISOString();

const seriesOf = ({ type, kind, value, labels, sinceMs }: MetricPoint, resource: VmLabels, atMs: number) => ({
  metric: { type, labels: labels ?? {} },
  resource: { type: 'gce_instance', labels: resource },
  metricKind: kind,
  valueType: 'INT64',
  points: [
    {
      interval: { ...(sinceMs !== undefined && { startTime: time(sinceMs) }), endTime: time(atMs) },
      value: { int64Value: String(value) },
    },
  ],
});
