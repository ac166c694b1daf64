import { MonitoringCustomService } from '@cdktf/provider-google/lib/monitoring-custom-service';
import { MonitoringSlo } from '@cdktf/provider-google/lib/monitoring-slo';
import { Construct } from 'constructs';
import type { Deployment } from '../../names';

export interface DeliverySloProps extends Deployment {
  /** Share of requests that has to be answered below 500. */
  readonly goal: number;
  /** Filter of Cloud Monitoring that picks the requests viewers and API callers make. */
  readonly requests: string;
}

/** Four whole weeks: every window has as many weekends as any other. */
const PERIOD_DAYS = 28;

/** The objective for viewers: the share `goal` of requests to the public host is answered, by cache, bucket or API. */
export class DeliverySlo extends Construct {
  /** As `select_slo_burn_rate` takes it. */
  readonly sloName: string;

  constructor(scope: Construct, id: string, { names, projectId: project, goal, requests }: DeliverySloProps) {
    super(scope, id);
    const service = new MonitoringCustomService(this, 'service', {
      project,
      serviceId: names.resource('delivery'),
      displayName: `${names.environment}: delivery`,
      userLabels: { ...names.labels('alerts') },
    });
    this.sloName = new MonitoringSlo(this, 'availability', {
      project,
      service: service.serviceId,
      sloId: names.resource('availability'),
      displayName: `${goal * 100} % of requests answered below 500 in ${PERIOD_DAYS} days`,
      goal,
      rollingPeriodDays: PERIOD_DAYS,
      requestBasedSli: {
        goodTotalRatio: {
          totalServiceFilter: requests,
          badServiceFilter: `${requests} AND metric.labels.response_code_class=500`,
        },
      },
      userLabels: { ...names.labels('alerts') },
    }).name;
  }
}
