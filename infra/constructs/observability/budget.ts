import { BillingBudget } from '@cdktf/provider-google/lib/billing-budget';
import { DataGoogleProject } from '@cdktf/provider-google/lib/data-google-project';
import { Construct } from 'constructs';
import type { Deployment } from '../../names';
import type { Topic } from '../functions/topic';
import type { EmailChannels } from './email-channels';

export interface BudgetProps extends Deployment {
  readonly billingAccount: string;
  /** The amount for a month, in whole units of `currency`. */
  readonly amount: number;
  readonly currency: string;
  /** Shares of the amount at which people are notified: of money spent, and of the forecast for the month. */
  readonly current: readonly number[];
  readonly forecast: readonly number[];
  readonly emails: EmailChannels;
  /** True to notify the administrators of the billing account too. */
  readonly billingAdministrators: boolean;
  /** Gets the state of the budget several times a day, also below every threshold. */
  readonly topic: Topic;
}

/**
 * The budget of an environment for a month. Google notifies, it stops nothing. The caller needs a role on the billing
 * account, and the provider has to name a project for the call (`user_project_override`).
 * https://cloud.google.com/billing/docs/how-to/budgets
 */
export class Budget extends Construct {
  readonly displayName: string;

  constructor(scope: Construct, id: string, props: BudgetProps) {
    super(scope, id);
    const { names, projectId, amount, currency: currencyCode, current, forecast } = props;
    this.displayName = names.resource('budget');
    // The project's number: with its id, every plan shows a change.
    const { number } = new DataGoogleProject(this, 'project', { projectId });
    new BillingBudget(this, 'budget', {
      billingAccount: props.billingAccount,
      displayName: this.displayName,
      budgetFilter: {
        projects: [`projects/${number}`],
        calendarPeriod: 'MONTH',
        creditTypesTreatment: 'INCLUDE_ALL_CREDITS',
      },
      amount: { specifiedAmount: { currencyCode, units: String(amount) } },
      thresholdRules: [
        ...current.map((thresholdPercent) => ({ thresholdPercent, spendBasis: 'CURRENT_SPEND' })),
        ...forecast.map((thresholdPercent) => ({ thresholdPercent, spendBasis: 'FORECASTED_SPEND' })),
      ],
      allUpdatesRule: {
        pubsubTopic: props.topic.topicId,
        schemaVersion: '1.0',
        monitoringNotificationChannels: [...props.emails.channels],
        disableDefaultIamRecipients: !props.billingAdministrators,
      },
    });
  }
}
