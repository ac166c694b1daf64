import { MonitoringUptimeCheckConfig } from '@cdktf/provider-google/lib/monitoring-uptime-check-config';
import { Construct } from 'constructs';
import type { Deployment } from '../../names';

export interface UptimeProps extends Deployment {
  readonly host: string;
  /** Paths that have to answer 200 within `TIMEOUT_SECONDS`, by the last part of the check's name. */
  readonly paths: Readonly<Record<string, string>>;
}

/** The shortest period that Google has. https://cloud.google.com/monitoring/uptime-checks */
const PERIOD_SECONDS = 60;
const TIMEOUT_SECONDS = 10;

/** Asks the public host every minute from Google's places all over the world, and looks at its certificate. */
export class Uptime extends Construct {
  /** `metric.labels.check_id` of each check. */
  readonly checkIds: readonly string[];

  constructor(scope: Construct, id: string, { names, projectId: project, host, paths }: UptimeProps) {
    super(scope, id);
    this.checkIds = Object.entries(paths).map(
      ([thing, path]) =>
        new MonitoringUptimeCheckConfig(this, thing, {
          project,
          displayName: `${names.environment}: ${thing}`,
          period: `${PERIOD_SECONDS}s`,
          timeout: `${TIMEOUT_SECONDS}s`,
          monitoredResource: { type: 'uptime_url', labels: { project_id: project, host } },
          httpCheck: {
            path,
            port: 443,
            useSsl: true,
            validateSsl: true,
            requestMethod: 'GET',
            acceptedResponseStatusCodes: [{ statusValue: 200 }],
          },
          userLabels: { ...names.labels('alerts') },
        }).uptimeCheckId,
    );
  }
}
