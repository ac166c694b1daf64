import { z } from 'zod';
import { BudgetRules } from '../budget';
import { jsonText } from '../json-text';

/** The functions that Pub/Sub calls; `functions.ts` lists them beside the others. */
const required = z.string().min(1);

/** Only one machine sets these: where Google's services are stood in for, and receivers of webhooks are on loopback. */
const standIns = {
  PUBSUB_API_ENDPOINT: z.url().optional(),
  WEBHOOK_LOOPBACK: z.literal('true').optional(),
};

/** Topics by short name; `events.ts` says which is which, and who pushes where. */
export const eventRelay = {
  name: 'event-relay',
  trigger: 'pubsub',
  env: z.object({
    FIRESTORE_DATABASE: required,
    PROJECT_ID: required,
    DELIVERIES_TOPIC: required,
    DEAD_TOPIC: required,
    ...standIns,
  }),
  secrets: z.object({}),
} as const;

export const budgetGuard = {
  name: 'budget-guard',
  trigger: 'pubsub',
  env: z.object({
    FIRESTORE_DATABASE: required,
    PROJECT_ID: required,
    EVENTS_TOPIC: required,
    /** Display name of the environment's budget: messages of any other are left alone. */
    BUDGET_NAME: z.string().min(1).max(60),
    /** JSON of the environment's rules, e.g. `[{"stage":"notify","share":0.5}]`. */
    BUDGET_RULES: jsonText(BudgetRules),
    PUBSUB_API_ENDPOINT: standIns.PUBSUB_API_ENDPOINT,
  }),
  secrets: z.object({}),
} as const;
