import { MonitoringAlertPolicy } from '@cdktf/provider-google/lib/monitoring-alert-policy';
import { Construct } from 'constructs';
import type { Deployment } from '../../names';
import type { AlertRule } from './alerts-rules';

export interface AlertsProps extends Deployment {
  readonly rules: readonly AlertRule[];
  /** Names of notification channels. */
  readonly channels: readonly string[];
  /** Address of the runbook as people read it, for a link. @default its path in the repository only */
  readonly runbookUrl?: string;
}

/** The runbook's path in the repository. */
export const RUNBOOK = 'infra/RUNBOOK.md';

/** The anchor of a heading, as GitHub and most others make it. */
export const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^a-z0-9 -]/g, '')
    .replaceAll(' ', '-');

/** An incident without new data is closed after a day. */
const AUTO_CLOSE_SECONDS = 86_400;

/** Makes one policy for each rule, with a link to its section in the runbook. */
export class Alerts extends Construct {
  constructor(scope: Construct, id: string, { names, projectId: project, rules, channels, runbookUrl }: AlertsProps) {
    super(scope, id);
    for (const { id: rule, title, severity, conditions, combiner = 'OR' } of rules) {
      const at = `${RUNBOOK}#${anchorOf(title)}`;
      new MonitoringAlertPolicy(this, rule, {
        project,
        displayName: `${names.environment}: ${title}`,
        severity,
        combiner,
        conditions: [...conditions],
        notificationChannels: [...channels],
        alertStrategy: { autoClose: `${AUTO_CLOSE_SECONDS}s` },
        documentation: {
          mimeType: 'text/markdown',
          subject: `${names.environment}: ${title}`,
          content: `What it means and what to do: \`${at}\``,
          ...(runbookUrl !== undefined && { links: [{ displayName: title, url: `${runbookUrl}#${anchorOf(title)}` }] }),
        },
        userLabels: { ...names.labels('alerts'), alert: rule },
      });
    }
  }
}
