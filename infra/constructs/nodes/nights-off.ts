import { CloudSchedulerJob } from '@cdktf/provider-google/lib/cloud-scheduler-job';
import { ProjectIamMember } from '@cdktf/provider-google/lib/project-iam-member';
import { Construct } from 'constructs';
import type { Deployment } from '../../names';
import { type CustomRoleProps, customRoleName } from '../functions/custom-role';
import { Identity } from '../functions/identity';

/** Permissions to set the mode of an autoscaler and the size of its group. */
export const NIGHT_KEEPER_ROLE: CustomRoleProps = {
  thing: 'night-keeper',
  title: 'Night keeper',
  description: 'Stops the nodes in the evening and starts them in the morning.',
  permissions: [
    'compute.autoscalers.get',
    'compute.autoscalers.update',
    'compute.instanceGroupManagers.get',
    'compute.instanceGroupManagers.update',
    'compute.instanceGroupManagers.use',
  ],
};

/** The hours in which no node runs: `HH:MM` of a time zone. */
interface Hours {
  readonly stopAt: string;
  readonly startAt: string;
  readonly timeZone: string;
  /** True: no start on Saturday and Sunday. */
  readonly weekendsToo: boolean;
}

export interface NightsOffProps extends Deployment {
  readonly hours: Hours;
}

/**
 * Stops all nodes for the night. In the evening the autoscaler is switched off, because it would start a node at once,
 * and minutes later the group is emptied; in the morning the autoscaler is switched on, and starts its minimum. A
 * publisher in the evening is disconnected.
 * https://cloud.google.com/compute/docs/reference/rest/v1/regionAutoscalers/patch
 */
export class NightsOff extends Construct {
  private readonly clock: Identity;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: NightsOffProps,
  ) {
    super(scope, id);
    const { names, projectId: project, region, hours } = props;
    const group = names.resource('origin');
    const base = `https://compute.googleapis.com/compute/v1/projects/${project}/regions/${region}`;
    const autoscaler = `${base}/autoscalers?autoscaler=${group}`;
    this.clock = new Identity(this, 'clock', props, 'nights', 'Stops the nodes at night');
    const role = customRoleName(props, NIGHT_KEEPER_ROLE);
    new ProjectIamMember(this, 'keeper', { project, role, member: this.clock.member });
    const evening = cron(hours.stopAt, '*');
    const morning = cron(hours.startAt, hours.weekendsToo ? '1-5' : '*');
    this.job('night-begins', evening, 'PATCH', autoscaler, { autoscalingPolicy: { mode: 'OFF' } });
    this.job('night', later(evening), 'POST', `${base}/instanceGroupManagers/${group}/resize?size=0`);
    this.job('night-ends', morning, 'PATCH', autoscaler, { autoscalingPolicy: { mode: 'ONLY_SCALE_OUT' } });
  }

  private job(thing: string, schedule: string, httpMethod: string, uri: string, body?: unknown): void {
    const { names, projectId: project, region, hours } = this.props;
    new CloudSchedulerJob(this, thing, {
      project,
      region,
      schedule,
      name: names.resource(thing),
      timeZone: hours.timeZone,
      attemptDeadline: '60s',
      retryConfig: { retryCount: 3 },
      httpTarget: {
        httpMethod,
        uri,
        ...(body !== undefined && {
          body: Buffer.from(JSON.stringify(body)).toString('base64'),
          headers: { 'Content-Type': 'application/json' },
        }),
        oauthToken: { serviceAccountEmail: this.clock.email },
      },
    });
  }
}

const cron = (at: string, days: string): string => {
  const [hour = 0, minute = 0] = at.split(':').map(Number);
  return `${minute} ${hour} * * ${days}`;
};

/** Two minutes later: the autoscaler knows by then. Minutes of the evening are 0 to 57. */
const later = (schedule: string): string => schedule.replace(/^\d+/, (minute) => String(Number(minute) + 2));
