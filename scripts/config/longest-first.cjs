const { default: Sequencer } = require('@jest/test-sequencer');

/** Files that take minutes: begun last, one of them would run alone at the end. */
const LONG = ['watch-states.integration', 'e2e/survive', 'e2e/console', 'e2e/rights', 'e2e/faults'];

/** Orders the files of a run: those that take minutes first, then as Jest does. */
module.exports = class LongestFirst extends Sequencer {
  sort(tests) {
    const isLong = ({ path }) => LONG.some((part) => path.includes(part));
    const sorted = super.sort(tests);
    return [...sorted.filter(isLong), ...sorted.filter((test) => !isLong(test))];
  }
};
