import { googleRequest } from './google-request';
import type { Metadata } from './metadata-server';

const REQUEST_TIMEOUT_MS = 5_000;

/** Writes one point of a gauge: a whole number, and when it was so, in milliseconds. Rejects when it was not taken. */
export type Gauge = (value: number, atMs: number) => Promise<void>;

export interface MonitoringGaugeOptions {
  /** `custom.googleapis.com/...`; Cloud Monitoring makes its descriptor at the first point. */
  metric: string;
  /** @default Google's */
  apiEndpoint?: string;
  metadata: Metadata;
  /** Answers a token of the account that this process runs as, which needs `roles/monitoring.metricWriter`. */
  accessToken: () => Promise<string>;
}

/**
 * A gauge of this VM in Cloud Monitoring, on the monitored resource that autoscalers read. One series takes a point
 * every five seconds at most, each later than the one before.
 * https://cloud.google.com/monitoring/api/ref_v3/rest/v3/projects.timeSeries/create
 */
export function monitoringGauge({ metric, apiEndpoint, metadata, accessToken }: MonitoringGaugeOptions): Gauge {
  const base = (apiEndpoint ?? 'https://monitoring.googleapis.com').replace(/\/$/, '');
  let vm: Promise<VmLabels> | undefined;
  const labels = (): Promise<VmLabels> => {
    vm ??= vmLabels(metadata).catch((error: unknown) => {
      vm = undefined;
      throw error;
    });
    return vm;
  };
  return async (value, atMs) => {
    const resource = await labels();
    await googleRequest({
      method: 'POST',
      url: `${base}/v3/projects/${resource.project_id}/timeSeries`,
      body: { timeSeries: [pointOf({ metric, resource, value, atMs })] },
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

interface Point {
  metric: string;
  resource: VmLabels;
  value: number;
  atMs: number;
}

const pointOf = ({ metric, resource, value, atMs }: Point) => ({
  metric: { type: metric, labels: {} },
  resource: { type: 'gce_instance', labels: resource },
  metricKind: 'GAUGE',
  valueType: 'INT64',
  points: [{ interval: { endTime: new Date(atMs).toISOString() }, value: { int64Value: String(value) } }],
});
