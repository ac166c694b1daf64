import { MonitoringNotificationChannel } from '@cdktf/provider-google/lib/monitoring-notification-channel';
import { Construct } from 'constructs';
import type { Deployment } from '../../names';

/** The people who get e-mail, as channels of Cloud Monitoring. */
export class EmailChannels extends Construct {
  /** Names of the channels: `projects/<project>/notificationChannels/<id>`. */
  readonly channels: readonly string[];

  constructor(scope: Construct, id: string, { names, projectId: project }: Deployment, emails: readonly string[]) {
    super(scope, id);
    this.channels = [...new Set(emails)].map(
      (address) =>
        new MonitoringNotificationChannel(this, address, {
          project,
          type: 'email',
          displayName: `${names.environment}: ${address}`,
          labels: { email_address: address },
          userLabels: { ...names.labels('alerts') },
        }).name,
    );
  }
}
