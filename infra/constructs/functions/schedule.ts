import { CloudSchedulerJob } from '@cdktf/provider-google/lib/cloud-scheduler-job';
import { Construct } from 'constructs';
import type { Deployment } from '../../names';
import { Identity } from './identity';

export interface ScheduleProps extends Deployment {
  /** Last part of the name of the account it calls as. */
  readonly thing: string;
  /** Cron, five fields, in UTC. */
  readonly cron: string;
  /**
   * The function that is called with POST, which is also the audience of the token, and a path of it. @default its root
   */
  readonly uri: string;
  readonly path?: string;
  /** Seconds the call may take. */
  readonly deadlineSeconds: number;
  /** The account it calls as, which another schedule made. @default an account of its own */
  readonly caller?: Identity | undefined;
}

/** Calls an HTTP function on a schedule, as an account of its own. */
export class Schedule extends Construct {
  readonly caller: Identity;

  constructor(scope: Construct, id: string, props: ScheduleProps) {
    super(scope, id);
    const { names, projectId, region, uri, path = '' } = props;
    this.caller = props.caller ?? new Identity(this, 'caller', props, props.thing, 'Calls functions by the clock');
    new CloudSchedulerJob(this, 'job', {
      project: projectId,
      region,
      name: names.resource(id),
      schedule: props.cron,
      timeZone: 'Etc/UTC',
      attemptDeadline: `${props.deadlineSeconds}s`,
      // The next minute is the retry.
      retryConfig: { retryCount: 0 },
      httpTarget: {
        httpMethod: 'POST',
        uri: `${uri}${path}`,
        oidcToken: { serviceAccountEmail: this.caller.email, audience: uri },
      },
    });
  }
}
