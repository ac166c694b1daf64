import { Construct } from 'constructs';
import type { EnvironmentConfig } from '../config/schema';
import { Budget } from '../constructs/budget';
import { EmailChannels } from '../constructs/email-channels';
import { Topic } from '../constructs/topic';
import type { Place } from '../names';

export interface LiveEventsProps extends Place {
  readonly config: EnvironmentConfig;
}

/** A receiver that was away for a weekend misses nothing. */
const EVENT_DAYS = 7;
/** Pub/Sub keeps nothing longer without a subscription's own copy. */
const DEAD_DAYS = 31;
/** A newer message about the budget comes several times a day. */
const BUDGET_DAYS = 1;

/** What happens, told to whoever listens: of streams, and of money. */
export class LiveEvents extends Construct {
  /** `stream.live` and so on. */
  readonly streams: Topic;
  /** What no receiver took. */
  readonly dead: Topic;
  readonly budget: Topic;
  /** People who are told by e-mail. */
  readonly emails: EmailChannels;

  constructor(scope: Construct, id: string, { config, ...place }: LiveEventsProps) {
    super(scope, id);
    this.streams = new Topic(this, 'streams', { ...place, thing: 'stream-events', retentionDays: EVENT_DAYS });
    this.dead = new Topic(this, 'dead', { ...place, thing: 'stream-events-dead', retentionDays: DEAD_DAYS });
    this.dead.keep(DEAD_DAYS);
    this.budget = new Topic(this, 'budget', { ...place, thing: 'budget', retentionDays: BUDGET_DAYS });
    this.emails = new EmailChannels(this, 'emails', place, config.budget.emails);
    new Budget(this, 'cost', { ...place, ...config.budget, emails: this.emails, topic: this.budget });
  }
}
