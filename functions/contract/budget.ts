import { z } from 'zod';

/** Stages of the budget guard, mildest first; each stage includes those before it. */
export const BUDGET_STAGES = ['none', 'notify', 'refuse_publishers', 'shorten_grants', 'stop'] as const;
/**
 * `notify`: people are told. `refuse_publishers`: who is live stays, nobody new is admitted. `shorten_grants`: viewers'
 * grants get short. `stop`: publishers are ended and no grant is given.
 */
export const BudgetStage = z.enum(BUDGET_STAGES);
export type BudgetStage = z.infer<typeof BudgetStage>;

/** Returns whether `stage` includes what `wanted` does. */
export const stageIncludes = (stage: BudgetStage, wanted: BudgetStage): boolean =>
  BUDGET_STAGES.indexOf(stage) >= BUDGET_STAGES.indexOf(wanted);

/** From which share of the budget (1 is all of it) a stage holds. */
export const BudgetRule = z.strictObject({
  stage: z.enum(['notify', 'refuse_publishers', 'shorten_grants', 'stop']),
  share: z.number().gt(0, 'use a share above 0, 1 is the whole budget').max(10),
});

/** An environment's rules: stages and shares both rise. A stage that is left out is never reached by spending. */
export const BudgetRules = z
  .array(BudgetRule)
  .max(4)
  .superRefine((rules, context) => {
    for (const [index, { stage, share }] of rules.entries()) {
      const before = rules[index - 1];
      if (before === undefined) continue;
      if (!stageIncludes(stage, before.stage) || stage === before.stage)
        context.addIssue({
          code: 'custom',
          path: [index, 'stage'],
          message: `got '${stage}', must come after '${before.stage}'`,
        });
      if (share <= before.share)
        context.addIssue({
          code: 'custom',
          path: [index, 'share'],
          message: `got ${share}, must be above ${before.share}`,
        });
    }
  });
export type BudgetRules = z.infer<typeof BudgetRules>;

/**
 * The notification that Cloud Billing publishes several times a day, whether or not a threshold was crossed, doubled
 * and in any order.
 * https://docs.cloud.google.com/billing/docs/how-to/budgets-programmatic-notifications#notification_format
 */
export const BudgetNotification = z.strictObject({
  budgetDisplayName: z.string().min(1).max(60),
  /** Spent since `costIntervalStart`, in `currencyCode`. */
  costAmount: z.number(),
  costIntervalStart: z.iso.datetime({ offset: true }),
  budgetAmount: z.number().positive(),
  budgetAmountType: z.string().max(64),
  /** Shares, present once a threshold of that kind was crossed. Not used: the rules here are the environment's. */
  alertThresholdExceeded: z.number().optional(),
  forecastThresholdExceeded: z.number().optional(),
  currencyCode: z.string().regex(/^[A-Z]{3}$/, 'use an ISO 4217 currency'),
});
export type BudgetNotification = z.infer<typeof BudgetNotification>;

/** Attributes of the message that carries it. */
export const BudgetAttributes = z.object({
  billingAccountId: z.string().min(1),
  budgetId: z.string().min(1),
  schemaVersion: z.literal('1.0'),
});

const time = z.int().nonnegative();

/** The last report of Cloud Billing for the newest interval. Times in milliseconds. */
export const BudgetSpending = z.object({
  budgetId: z.string(),
  intervalStart: time,
  costAmount: z.number(),
  budgetAmount: z.number().positive(),
  currencyCode: z.string(),
  /** The time when the message was published. */
  reportedAt: time,
});
export type BudgetSpending = z.infer<typeof BudgetSpending>;

/** A stage an operator set, whatever was spent: until it is lifted, its time is over, or a new interval begins. */
export const BudgetOverride = z.object({
  stage: BudgetStage,
  by: z.string().min(1).max(200),
  reason: z.string().min(1).max(500),
  at: time,
  until: time.optional(),
});
export type BudgetOverride = z.infer<typeof BudgetOverride>;

export const BudgetChange = z.object({
  at: time,
  before: BudgetStage,
  stage: BudgetStage,
  cause: z.enum(['message', 'operator']),
  /** The operator, for a change of theirs. */
  by: z.string().optional(),
  /** The cost that Cloud Billing had reported by then; absent before its first report. */
  costAmount: z.number().optional(),
  budgetAmount: z.number().optional(),
  currencyCode: z.string().optional(),
});
export type BudgetChange = z.infer<typeof BudgetChange>;

/** `budget/state` in Firestore. */
export const BudgetState = z.object({
  /** The stage that was told last. What holds at a time is `stageAt`: an override may be over by then. */
  stage: BudgetStage,
  spending: BudgetSpending.optional(),
  /** The stage that the rules derive from `spending`. */
  stageBySpending: BudgetStage,
  override: BudgetOverride.optional(),
  /** Newest last, at most 50. */
  history: z.array(BudgetChange),
  /** Changes that were not told yet, at most 20. */
  unannounced: z.array(BudgetChange),
});
export type BudgetState = z.infer<typeof BudgetState>;
