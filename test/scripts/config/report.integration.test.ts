import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const folder = mkdtempSync(join(tmpdir(), 'srs-live-report-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Runs the report on one result as jest writes it, and on those of `others` that lie there. */
function report(testResults: readonly object[], counts: object, others: readonly string[] = []) {
  const none = {
    numPassedTests: 0,
    numFailedTests: 0,
    numRuntimeErrorTestSuites: 0,
    numPendingTests: 0,
    numTodoTests: 0,
  };
  writeFileSync(join(folder, 'e2e.json'), JSON.stringify({ ...none, ...counts, testResults }));
  const args = ['scripts/config/report.mjs', folder, ...others, 'e2e', '--'];
  const { status, stdout } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  return { status, said: stdout.trim().split('\n') };
}

const passed = { status: 'passed', fullName: 'plays', failureMessages: [] };

describe('the report of ./scripts/test', () => {
  it('names a file that failed after its tests, with what was thrown, and counts it', () => {
    const message = 'the scanner was shown no playlist: it proves nothing';
    const file = { name: 'e2e/smoke.test.ts', status: 'failed', message, assertionResults: [passed] };
    expect(report([file], { numPassedTests: 1, numRuntimeErrorTestSuites: 1 })).toEqual({
      status: 1,
      said: ['FAILED e2e/smoke.test.ts', message, '1 passed, 1 failed, 0 skipped'],
    });
  });

  it('names each skipped test, and passes', () => {
    const skipped = { status: 'pending', fullName: 'on a real SRS (skipped: SRS_BIN not set) plays' };
    const file = { name: 'a.test.ts', status: 'passed', message: '', assertionResults: [passed, skipped] };
    expect(report([file], { numPassedTests: 1, numPendingTests: 1 })).toEqual({
      status: 0,
      said: ['skipped: on a real SRS (skipped: SRS_BIN not set) plays', '1 passed, 0 failed, 1 skipped'],
    });
  });

  it.each(['pending', 'todo'])('fails with a %s test that gives no reason', (status) => {
    const skipped = { status, fullName: 'a viewer (of a grant) plays' };
    const file = { name: 'a.test.ts', status: 'passed', message: '', assertionResults: [passed, skipped] };
    expect(report([file], { numPassedTests: 1, numPendingTests: 1 })).toEqual({
      status: 1,
      said: ['FAILED a viewer (of a grant) plays', 'skipped without a reason', '1 passed, 1 failed, 0 skipped'],
    });
  });

  it('shows the coverage of the pure core before the counts, and low coverage fails nothing', () => {
    mkdirSync(join(folder, 'coverage'));
    const total = { statements: { pct: 12.34 }, branches: { pct: 5 } };
    writeFileSync(join(folder, 'coverage', 'coverage-summary.json'), JSON.stringify({ total }));
    const file = { name: 'a.test.ts', status: 'passed', message: '', assertionResults: [passed] };
    const shown = report([file], { numPassedTests: 1 });
    rmSync(join(folder, 'coverage'), { recursive: true });
    expect(shown).toEqual({
      status: 0,
      said: ['coverage of functions/core: statements 12.34 %, branches 5 %', '1 passed, 0 failed, 0 skipped'],
    });
  });

  it('fails where one part of the run had no test, whatever the others had', () => {
    writeFileSync(join(folder, 'core.json'), JSON.stringify({ testResults: [] }));
    const file = { name: 'a.test.ts', status: 'passed', message: '', assertionResults: [passed] };
    expect(report([file], { numPassedTests: 1 }, ['core'])).toEqual({
      status: 1,
      said: ['FAILED core: no test was run', '1 passed, 1 failed, 0 skipped'],
    });
  });
});
