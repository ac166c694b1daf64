import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** The one file that may skip tests; all others say to it what is missing. */
const HOME = 'test/support/platform/real-part.ts';
const SKIP =
  /\b(?:it|test|describe)(?:\.each\([^)]*\)|\.concurrent)?\.(?:skip|todo|only|failing)\b|\b(?:xit|xtest|xdescribe|fit|fdescribe)\(/g;
const DEVIATION =
  /unlessItDeviates\(deviations, '(\w+)', \(\) => \{\s*it(?:\.each\([\s\S]*?\n\s*\]\))?\(\s*(['"])(.+?)\2,/g;

const skipsIn = (text: string): string[] => [...text.matchAll(SKIP)].map(([skip]) => skip);

/** Returns the tests of known deviations in a suite, as `deviation: 'title'`. */
const deviationsIn = (text: string): string[] =>
  [...text.matchAll(DEVIATION)].map(([, name, , title]) => `${name}: '${title}'`);

/** Returns the same of a page, from the rows of its table. */
const rowsOf = (page: string): string[] =>
  [...page.matchAll(/^\|[^|]*\| `(\w+)` \|([^|]*)\|/gm)].flatMap(([, name, tests = '']) =>
    [...tests.matchAll(/'.+?'/g)].map(([title]) => `${name}: ${title}`),
  );

const files = execFileSync('git', ['ls-files', '-co', '--exclude-standard', 'test/*.ts'], { encoding: 'utf8' })
  .trim()
  .split('\n')
  .filter((file) => file !== HOME && file !== 'test/skips.test.ts')
  .map((file) => ({ file, text: readFileSync(file, 'utf8') }));

describe('skipped tests', () => {
  it('are skipped by realPart and unlessItDeviates only, which say why', () => {
    expect(files.flatMap(({ file, text }) => skipsIn(text).map((skip) => `${file}: ${skip}`))).toEqual([]);
    expect(skipsIn(readFileSync(HOME, 'utf8')).length).toBeGreaterThan(0);
  });

  it.each([
    ["it.skip('x', () => {})"],
    ['const unless = (no) => (no ? it.skip : it)'],
    ['describe.each([1]).skip('],
    ["it.todo('x')"],
    ["xit('x', () => {})"],
  ])('would be found: %s', (text) => {
    expect(skipsIn(text)).toHaveLength(1);
  });

  it('of a known deviation have a row in the README of tests each, and each row a test', () => {
    const known = files.flatMap(({ text }) => deviationsIn(text)).sort();
    expect(known).toHaveLength(
      files.reduce((sum, { text }) => sum + text.split(/unlessItDeviates\(dev/).length - 1, 0),
    );
    expect(rowsOf(readFileSync('test/README.md', 'utf8')).sort()).toEqual(known);
  });
});
