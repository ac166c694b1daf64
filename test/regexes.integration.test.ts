import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { parse } from '@babel/parser';
import { check } from 'recheck';

/** Rooms whose patterns meet what strangers send. */
const ROOMS = ['functions', 'srs-image/agent', 'srs-image/gate', 'web', 'scripts/local'];
/** Read this repository's own files only, once, at the start. */
const OWN_TEXT = ['scripts/local/blueprint/', 'scripts/local/origin/srs-conf.ts'];

interface Pattern {
  place: string;
  source: string;
  flags: string;
}

const filesOf = (rooms: readonly string[]): string[] =>
  execFileSync('git', ['ls-files', '-co', '--exclude-standard', ...rooms.map((room) => `${room}/**/*.ts`)], {
    encoding: 'utf8',
  })
    .split('\n')
    .filter((file) => file !== '' && !OWN_TEXT.some((own) => file.startsWith(own)));

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

/** Every regular expression literal below `node`. */
function literalsIn(node: unknown): { pattern: string; flags: string; line: unknown }[] {
  if (!isObject(node)) return [];
  if ('type' in node && node.type === 'RegExpLiteral' && 'pattern' in node && 'flags' in node)
    return [{ pattern: `${node.pattern}`, flags: `${node.flags}`, line: lineOf(node) }];
  return Object.entries(node).flatMap(([name, each]) =>
    name === 'loc' || name.endsWith('omments') ? [] : literalsIn(each),
  );
}
const lineOf = (node: object): unknown =>
  'loc' in node && isObject(node.loc) && 'start' in node.loc && isObject(node.loc.start) && 'line' in node.loc.start
    ? node.loc.start.line
    : '?';

function patternsOf(file: string): Pattern[] {
  const { program } = parse(readFileSync(file, 'utf8'), { sourceType: 'module', plugins: ['typescript'] });
  return literalsIn(program).map(({ pattern, flags, line }) => ({ place: `${file}:${line}`, source: pattern, flags }));
}

const verdictOf = async ({ place, source, flags }: Pattern): Promise<string | undefined> => {
  const verdict = await check(source, flags, { timeout: 60_000 });
  if (verdict.status === 'safe') return undefined;
  return `${place} /${source}/${flags}: ${verdict.status === 'vulnerable' ? verdict.complexity.summary : verdict.status}`;
};

it('every pattern takes a time that grows with its text and no faster', async () => {
  const patterns = filesOf(ROOMS).flatMap(patternsOf);
  const distinct = [...new Map(patterns.map((each) => [`/${each.source}/${each.flags}`, each])).values()];
  expect(distinct.length).toBeGreaterThan(100);
  const verdicts: (string | undefined)[] = [];
  for (const each of distinct) verdicts.push(await verdictOf(each));
  expect(verdicts.filter((each) => each !== undefined)).toEqual([]);
}, 300_000);

it('a pattern that is tried again at each of many beginnings is told from one that is not', async () => {
  const planted = { place: 'here', source: 'eyJ[\\w-]{8,}\\.[\\w-]+', flags: 'g' };
  expect(await verdictOf(planted)).toContain('2nd degree polynomial');
  expect(await verdictOf({ ...planted, source: 'eyJ[\\w-]{8}' })).toBeUndefined();
});
