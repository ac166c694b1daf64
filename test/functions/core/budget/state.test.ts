import fc from 'fast-check';
import {
  BUDGET_STAGES,
  BudgetRules,
  type BudgetSpending,
  BudgetState,
  stageIncludes,
} from '../../../../functions/contract/budget';
import {
  afterLifting,
  afterMessage,
  afterOverride,
  NOTHING_SPENT,
  stageAt,
  stageOf,
  withoutAnnounced,
} from '../../../../functions/core/budget/state';

const RULES: BudgetRules = [
  { stage: 'notify', share: 0.5 },
  { stage: 'refuse_publishers', share: 0.9 },
  { stage: 'shorten_grants', share: 1 },
  { stage: 'stop', share: 1.2 },
];
const said = (costAmount: number, more: Partial<BudgetSpending> = {}): BudgetSpending => ({
  budgetId: 'b',
  intervalStart: 1000,
  costAmount,
  budgetAmount: 100,
  currencyCode: 'EUR',
  reportedAt: 2000,
  ...more,
});
const take = (state: BudgetState, spending: BudgetSpending, nowMs = 5000) =>
  afterMessage(state, spending, { rules: RULES, nowMs });

describe('the rules of an environment', () => {
  it.each([
    [0, 'none'],
    [-5, 'none'],
    [49.99, 'none'],
    [50, 'notify'],
    [90, 'refuse_publishers'],
    [100.01, 'shorten_grants'],
    [5000, 'stop'],
  ])('%d of 100 is %s', (cost, stage) => {
    expect(stageOf(RULES, said(cost))).toBe(stage);
  });

  it('may leave stages out', () => {
    expect(stageOf([{ stage: 'notify', share: 0.5 }], said(500))).toBe('notify');
    expect(stageOf([], said(500))).toBe('none');
  });

  it('includes the milder stages', () => {
    expect(stageIncludes('stop', 'refuse_publishers')).toBe(true);
    expect(stageIncludes('notify', 'refuse_publishers')).toBe(false);
  });

  it.each([
    ['stages out of order', [RULES[1], { stage: 'notify', share: 2 }], '1.stage'],
    ['a stage twice', [RULES[0], { stage: 'notify', share: 2 }], '1.stage'],
    ['shares that fall', [RULES[0], { stage: 'stop', share: 0.4 }], '1.share'],
    ['a share of nothing', [{ stage: 'stop', share: 0 }], '0.share'],
    ['a stage nobody knows', [{ stage: 'burn', share: 1 }], '0.stage'],
  ])('refuse %s', (_, rules, path) => {
    const parsed = BudgetRules.safeParse(rules);
    expect(parsed.error?.issues.map((issue) => issue.path.join('.'))).toContain(path);
  });
});

describe('messages of Cloud Billing', () => {
  it('raise the stage, record it and have it told', () => {
    const state = take(take(NOTHING_SPENT, said(10)), said(95));
    const change = { at: 5000, cause: 'message', before: 'none', stage: 'refuse_publishers' };
    const amounts = { costAmount: 95, budgetAmount: 100, currencyCode: 'EUR' };
    expect(state.stage).toBe('refuse_publishers');
    expect(state.history).toEqual([{ ...change, ...amounts }]);
    expect(state.unannounced).toEqual(state.history);
    expect(BudgetState.parse(state)).toEqual(state);
  });

  it('change nothing when they come again, or late', () => {
    const state = take(NOTHING_SPENT, said(95));
    expect(take(state, said(95))).toEqual(state);
    expect(take(state, said(10, { reportedAt: 9000 }))).toEqual(state);
    expect(take(state, said(500, { intervalStart: 999 }))).toEqual(state);
  });

  it('lower the stage with a new interval', () => {
    const state = take(take(NOTHING_SPENT, said(130)), said(1, { intervalStart: 1001 }));
    expect(state.stage).toBe('none');
    expect(state.history.map(({ stage }) => stage)).toEqual(['stop', 'none']);
  });

  it('lower the stage with a larger budget at the same cost', () => {
    const state = take(take(NOTHING_SPENT, said(130)), said(130, { budgetAmount: 1000, reportedAt: 2001 }));
    expect(state.stage).toBe('none');
    expect(take(state, said(130)).stage).toBe('none');
  });

  it('are judged by the rules as they are now, old news too', () => {
    const state = take(NOTHING_SPENT, said(95));
    expect(afterMessage(state, said(10), { rules: [], nowMs: 6000 }).stage).toBe('none');
  });

  it('keep a bounded history', () => {
    let state = NOTHING_SPENT;
    for (let interval = 0; interval < 40; interval++) {
      state = take(state, said(130, { intervalStart: interval * 2 }));
      state = take(state, said(1, { intervalStart: interval * 2 + 1 }));
    }
    expect(state.history).toHaveLength(50);
    expect(state.unannounced).toHaveLength(20);
  });

  it('come to the same stage in any order, doubled or not', () => {
    const spending = fc.record({
      budgetId: fc.constant('b'),
      intervalStart: fc.integer({ min: 0, max: 3 }),
      costAmount: fc.integer({ min: 0, max: 150 }),
      budgetAmount: fc.constant(100),
      currencyCode: fc.constant('EUR'),
      reportedAt: fc.integer({ min: 0, max: 5 }),
    });
    const shuffled = fc
      .array(spending, { minLength: 1, maxLength: 8 })
      .chain((all) => fc.tuple(fc.constant(all), fc.shuffledSubarray([...all, ...all], { minLength: 2 * all.length })));
    fc.assert(
      fc.property(shuffled, ([inOrder, doubledAndShuffled]) => {
        const end = (messages: readonly BudgetSpending[]) =>
          messages.reduce((state, each) => take(state, each), NOTHING_SPENT);
        expect(end(doubledAndShuffled).stage).toBe(end(inOrder).stage);
      }),
    );
  });
});

describe('an operator', () => {
  const override = { stage: 'none', by: 'ada', reason: 'the show goes on', at: 6000 } as const;

  it('holds a stage against what is spent, and lifts it again', () => {
    const held = afterOverride(take(NOTHING_SPENT, said(130)), override);
    expect(take(held, said(140), 7000).stage).toBe('none');
    expect(held.history.at(-1)).toMatchObject({ cause: 'operator', by: 'ada', before: 'stop', stage: 'none' });
    expect(afterLifting(held, { by: 'bob', at: 8000 })).toMatchObject({ stage: 'stop' });
    expect(afterLifting(held, { by: 'bob', at: 8000 }).override).toBeUndefined();
  });

  it('can be stricter than the spending, before anything was said', () => {
    const held = afterOverride(NOTHING_SPENT, { ...override, stage: 'stop' });
    expect(stageAt(held, 6000)).toBe('stop');
    expect(held.history.at(-1)).not.toHaveProperty('costAmount');
  });

  it('holds it until its time is over, for readers at once and for the record with the next message', () => {
    const held = afterOverride(take(NOTHING_SPENT, said(130)), { ...override, until: 10_000 });
    expect(stageAt(held, 9_999)).toBe('none');
    expect(stageAt(held, 10_000)).toBe('stop');
    const next = take(held, said(130), 10_000);
    expect(next.stage).toBe('stop');
    expect(next.override).toBeUndefined();
  });

  it('holds it no longer than the interval', () => {
    const held = afterOverride(take(NOTHING_SPENT, said(10)), { ...override, stage: 'stop' });
    expect(take(held, said(20)).stage).toBe('stop');
    expect(take(held, said(1, { intervalStart: 1001 })).stage).toBe('none');
  });
});

it('the budget forgets only those changes that were reported', () => {
  const first = take(NOTHING_SPENT, said(50));
  const second = take(first, said(95), 6000);
  expect(withoutAnnounced(second, first.unannounced).unannounced).toEqual([second.history[1]]);
  expect(withoutAnnounced(second, second.unannounced)).toMatchObject({ unannounced: [], history: second.history });
});

it('the stages of the budget are listed from mild to hard', () => {
  expect(BUDGET_STAGES).toEqual(['none', 'notify', 'refuse_publishers', 'shorten_grants', 'stop']);
});
