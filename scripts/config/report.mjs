import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * report.mjs <folder> <jest result ...> -- <pass|fail>:<check> ... : names failed and skipped tests, the coverage if it
 * was measured, then the counts.
 */
const [folder, ...rest] = process.argv.slice(2);
const divider = rest.indexOf('--');
const counts = { passed: 0, failed: 0, skipped: 0 };
const SKIPPED = ['pending', 'todo', 'skipped', 'disabled'];

/** A skipped test says for what reason, as `realPart` and `unlessItDeviates` write it; without one it failed. */
function countSkipped(fullName) {
  const hasReason = /\(skipped: .+?\)/.test(fullName);
  counts[hasReason ? 'skipped' : 'failed'] += 1;
  console.log(hasReason ? `skipped: ${fullName}` : `FAILED ${fullName}\nskipped without a reason`);
}

for (const check of rest.slice(divider + 1)) {
  const [state, name] = check.split(':');
  counts[state === 'pass' ? 'passed' : 'failed'] += 1;
  if (state !== 'pass') console.log(`FAILED check: ${name}`);
}

for (const name of rest.slice(0, divider)) {
  const file = join(folder, `${name}.json`);
  if (!existsSync(file)) {
    counts.failed += 1;
    console.log(`FAILED ${name}: the test run did not finish`);
    continue;
  }
  const result = JSON.parse(readFileSync(file, 'utf8'));
  // Jest writes a result, too, where its pattern matches no file.
  if (result.testResults.length === 0) {
    counts.failed += 1;
    console.log(`FAILED ${name}: no test was run`);
    continue;
  }
  counts.passed += result.numPassedTests;
  counts.failed += result.numFailedTests + result.numRuntimeErrorTestSuites;
  for (const suite of result.testResults) {
    // An error outside the tests, such as that of the search for secrets, belongs to no test.
    if (suite.status === 'failed' && suite.assertionResults.every(({ status }) => status !== 'failed'))
      console.log(`FAILED ${suite.name}\n${suite.message}`);
    for (const test of suite.assertionResults) {
      if (test.status === 'failed') console.log(`FAILED ${test.fullName}\n${test.failureMessages.join('\n')}`);
      if (SKIPPED.includes(test.status)) countSkipped(test.fullName);
    }
  }
}

const coverage = join(folder, 'coverage', 'coverage-summary.json');
if (existsSync(coverage)) {
  const { statements, branches } = JSON.parse(readFileSync(coverage, 'utf8')).total;
  console.log(`coverage of functions/core: statements ${statements.pct} %, branches ${branches.pct} %`);
}

console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
process.exitCode = counts.failed > 0 || counts.passed === 0 ? 1 : 0;
