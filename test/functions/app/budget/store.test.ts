import { memoryBudgetStore } from '../../../../functions/adapters/memory/budget-store';
import { memoryEventBus } from '../../../../functions/adapters/memory/event-bus';
import { budgetStageReader } from '../../../../functions/app/budget/stage-reader';
import { liftBudgetOverride, overrideBudget, takeSpending } from '../../../../functions/app/budget/store';
import type { BudgetRules } from '../../../../functions/contract/budget';
import { spendingOf } from '../../../../functions/core/budget/spending';
import type { EventBus } from '../../../../functions/ports/stores';
import { keptLog } from '../../../support/delivery';
import { virtualClock } from '../../../support/virtual-clock';

const RULES: BudgetRules = [{ stage: 'stop', share: 1 }];
const notification = {
  budgetDisplayName: 'srs-live-dev',
  costAmount: 120,
  costIntervalStart: '2026-11-01T00:00:00Z',
  budgetAmount: 100,
  budgetAmountType: 'SPECIFIED_AMOUNT',
  currencyCode: 'EUR',
};
const AT = Date.UTC(2026, 10, 20);
const said = spendingOf(notification, { budgetId: 'b', reportedAt: AT });

function open(bus: EventBus = memoryEventBus()) {
  const store = memoryBudgetStore();
  const clock = virtualClock(AT);
  const log = keptLog();
  return { store, clock, log, bus };
}

describe('the budget of an environment', () => {
  it('tells a change once, and an operator what it was', async () => {
    const bus = memoryEventBus();
    const deps = open(bus);
    for (const _ of [1, 2]) await takeSpending(said, RULES, deps);
    expect(bus.events).toMatchObject([
      { type: 'budget.stage', data: { stage: 'stop', before: 'none', costAmount: 120 } },
    ]);
    expect(deps.log.lines).toMatchObject([{ level: 'error', event: 'budget_stage', fields: { stage: 'stop' } }]);
    expect((await deps.store.read())?.unannounced).toEqual([]);
  });

  it('rejects while a change cannot be told, and tells it when the message comes again', async () => {
    const deps = open({ publish: () => Promise.reject(new Error('away')) });
    await expect(takeSpending(said, RULES, deps)).rejects.toThrow('away');
    expect((await deps.store.read())?.stage).toBe('stop');
    const bus = memoryEventBus();
    await takeSpending(said, RULES, { ...deps, bus });
    expect(bus.events).toHaveLength(1);
  });

  it('is overridden and lifted by operators, who are told as such', async () => {
    const bus = memoryEventBus();
    const deps = open(bus);
    await takeSpending(said, RULES, deps);
    expect(await overrideBudget({ stage: 'none', by: 'ada', reason: 'final' }, deps)).toMatchObject({ stage: 'none' });
    expect(await liftBudgetOverride('ada', deps)).toMatchObject({ stage: 'stop' });
    expect(bus.events.map(({ data }) => data)).toMatchObject([
      { cause: 'message' },
      { cause: 'operator' },
      { cause: 'operator' },
    ]);
    expect(JSON.stringify(bus.events)).not.toContain('ada');
  });

  it.each([
    ['after its message', '2026-11-22T00:00:01Z'],
    ['before 1970', '1960-01-01T00:00:00Z'],
  ])('refuses an interval that begins %s', (_, costIntervalStart) => {
    expect(() => spendingOf({ ...notification, costIntervalStart }, { budgetId: 'b', reportedAt: AT })).toThrow(
      `costIntervalStart: got '${costIntervalStart}', must be`,
    );
  });
});

describe('a reader of the stage', () => {
  it('knows none before anything was said', async () => {
    const { store, clock, log } = open();
    expect(await budgetStageReader({ store, clock, log })()).toBe('none');
  });

  it('reads at most every ten seconds, however many ask', async () => {
    const deps = open();
    await takeSpending(said, RULES, deps);
    const read = jest.fn(deps.store.read);
    const clock = virtualClock(AT);
    const stage = budgetStageReader({ store: { read }, clock, log: deps.log });
    expect(await Promise.all([stage(), stage(), stage()])).toEqual(['stop', 'stop', 'stop']);
    expect(read).toHaveBeenCalledTimes(1);
    void clock.sleep(10_001);
    await clock.run();
    await stage();
    expect(read).toHaveBeenCalledTimes(2);
  });

  it('goes on with what it knew while the store is away, and does not ask at each call', async () => {
    const deps = open();
    await takeSpending(said, RULES, deps);
    let away = false;
    const read = jest.fn(() => (away ? Promise.reject(new Error('away')) : deps.store.read()));
    const clock = virtualClock(AT);
    const stage = budgetStageReader({ store: { read }, clock, log: deps.log });
    await stage();
    away = true;
    void clock.sleep(10_001);
    await clock.run();
    expect([await stage(), await stage()]).toEqual(['stop', 'stop']);
    expect(read).toHaveBeenCalledTimes(2);
  });
});
