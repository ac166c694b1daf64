import { Construct } from 'constructs';
import { TOPICS } from '../../functions/contract/events';
import { ROUTES } from '../../functions/contract/routes';
import type { EnvironmentConfig } from '../config/schema';
import { PubsubAgent } from '../constructs/functions/pubsub-agent';
import { PushSubscription, type Receiver } from '../constructs/functions/push-subscription';
import { Schedule } from '../constructs/functions/schedule';
import { Topic } from '../constructs/functions/topic';
import { Budget } from '../constructs/observability/budget';
import { EmailChannels } from '../constructs/observability/email-channels';
import type { Deployment } from '../names';

export interface LiveEventsProps extends Deployment {
  readonly config: EnvironmentConfig;
}

export interface Receivers {
  /** Delivers events to customers. */
  readonly relay: Receiver;
  /** Acts on spending, and on runaway streams. */
  readonly guard: Receiver;
}

/** A receiver that is down for a week misses nothing. */
const KEPT_DAYS = 7;
/** Google's longest deadline of a push is 600 s; a webhook's receiver gets far less. */
const PUSH_SECONDS = 60;
/** Attempts until a message is a dead letter, which an operator reads. Google takes 5 to 100. */
const ATTEMPTS = 10;

/** Events and their receivers: topics, push subscriptions, people's e-mails, and the budget. */
export class LiveEvents extends Construct {
  readonly topics: Readonly<Record<keyof typeof TOPICS, Topic>>;
  /** Display name of the budget, which its messages carry. */
  readonly budgetName: string;
  /** The people who get e-mail. */
  readonly emails: EmailChannels;
  private readonly place: Deployment;

  constructor(scope: Construct, id: string, { config, ...place }: LiveEventsProps) {
    super(scope, id);
    this.place = place;
    const topic = (thing: string) =>
      new Topic(this, thing, { ...place, thing, regions: config.regions, retentionDays: KEPT_DAYS });
    this.topics = {
      events: topic(TOPICS.events),
      deliveries: topic(TOPICS.deliveries),
      dead: topic(TOPICS.dead),
      budget: topic(TOPICS.budget),
      runaway: topic(TOPICS.runaway),
    };
    this.topics.dead.keep(KEPT_DAYS);
    this.emails = new EmailChannels(this, 'emails', place, config.budget.emails);
    const budget = new Budget(this, 'cost', {
      ...place,
      ...config.budget,
      emails: this.emails,
      topic: this.topics.budget,
    });
    this.budgetName = budget.displayName;
  }

  /** Pushes every topic to the function that acts on it; a message that it never accepts becomes a dead letter. */
  deliver({ relay, guard }: Receivers): void {
    const { place, topics } = this;
    const agent = new PubsubAgent(this, 'pubsub', place);
    const dead = { topic: topics.dead, attempts: ATTEMPTS, ready: topics.dead.grantPublish(agent) };
    const push = (thing: string, topic: Topic, receiver: Receiver, path: string, ordered: boolean): void => {
      const retentionDays = KEPT_DAYS;
      const deadlineSeconds = PUSH_SECONDS;
      new PushSubscription(this, `push-${thing}`, {
        ...place,
        thing,
        topic,
        receiver,
        path,
        ordered,
        dead,
        agent,
        retentionDays,
        deadlineSeconds,
      });
    };
    push('event-relay', topics.events, relay, ROUTES.relay.events, true);
    push(TOPICS.deliveries, topics.deliveries, relay, ROUTES.relay.deliveries, true);
    push('budget-guard', topics.budget, guard, ROUTES.guard.budget, false);
    push(TOPICS.runaway, topics.runaway, guard, ROUTES.guard.runaway, false);
    const retries = new Schedule(this, 'retries', {
      ...place,
      thing: 'retries',
      cron: '* * * * *',
      uri: relay.uri,
      path: ROUTES.relay.retries,
      deadlineSeconds: PUSH_SECONDS,
    });
    relay.grantInvoke(retries.caller);
  }
}
