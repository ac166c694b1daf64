import { BUDGET_STAGES } from '../../../../functions/contract/budget';
import { grantSecondsAt, publishingModeOf } from '../../../../functions/core/budget/publishing-mode';

describe('stages of a budget', () => {
  it('let fewer and fewer publish, and for shorter and shorter', () => {
    expect(BUDGET_STAGES.map((stage) => [stage, publishingModeOf(stage), grantSecondsAt(stage)])).toEqual([
      ['none', 'all', 120],
      ['notify', 'all', 120],
      ['refuse_publishers', 'reconnects', 120],
      ['shorten_grants', 'reconnects', 30],
      ['stop', 'none', undefined],
    ]);
  });
});
