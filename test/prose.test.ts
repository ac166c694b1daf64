import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { z } from 'zod';

/** A sentence that begins so has no subject. */
const HEADLESS = /^(What|Of|Who|Whom|Whose|Whoever|Where|Whence)\b(?!.*\?$)/;
/** A comment that begins so has no verb; its end may be a question no more than its beginning. */
const HEADLESS_COMMENT = /^(What|Of|Who|Whom|Whose|Whoever|Where|Whence|Whether|How|Which|When|Why)\b/;
/** Words that are archaic, or name a person by one gender. */
const REFUSED = /\b(anew|whoever|whence|he|his|him|himself|she|her|hers|herself)\b/i;

const isFaulty = (text: string): boolean => HEADLESS.test(text) || REFUSED.test(text);
const isFaultyComment = (text: string): boolean => HEADLESS_COMMENT.test(text) || REFUSED.test(text);
const textOf = (path: string): string => readFileSync(path, 'utf8');
const files = (...paths: string[]): string[] =>
  execFileSync('git', ['ls-files', ...paths], { encoding: 'utf8' })
    .trim()
    .split('\n');

function proseIn(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(proseIn);
  const fields = z.record(z.string(), z.unknown()).safeParse(value);
  return Object.entries(fields.data ?? {}).flatMap(([name, inner]) =>
    typeof inner === 'string' && (name === 'summary' || name === 'description') ? [inner] : proseIn(inner),
  );
}

/** Literals of program text: pages' words, alert titles, descriptions of the configuration. */
const literalsIn = (text: string): string[] =>
  [...text.matchAll(/'([^'\n]* [^'\n]*)'|"([^"\n]* [^"\n]*)"/g)].map(([, single, double]) => single ?? double ?? '');

/** Comments that stand on lines of their own: of exports, of members and inside functions; lines of one joined. */
const commentsIn = (text: string): string[] => [
  ...[...text.matchAll(/^[ \t]*\/\*\*?((?:(?!\*\/)[\s\S])*)\*\//gm)].map(([, doc = '']) =>
    doc.replace(/\s*\n\s*\* ?/g, ' ').trim(),
  ),
  ...[...text.matchAll(/(?:^[ \t]*\/\/[^\n]*\n)+/gm)].map(([lines]) => lines.replace(/\s*\/\/ ?/g, ' ').trim()),
];

/** Titles of tests, as they are written: what they fill in is not known here. */
const titlesIn = (text: string): string[] =>
  [
    ...text.matchAll(/\b(?:it|describe)(?:\.[\w.]+(?:\((?:[^()]|\([^()]*\))*\))?)?\(\s*(['"`])((?:\\.|(?!\1).)*)\1/g),
  ].map(([, , title = '']) => title);

/** The text a command prints with `--help`, by its lines. */
const usagesIn = (text: string): string[] =>
  [...text.matchAll(/USAGE = `([^`]*)`/g)].flatMap(([, usage = '']) => usage.split('\n').map((line) => line.trim()));

const ROOMS: Readonly<Record<string, () => string[]>> = {
  'the OpenAPI document': () => proseIn(JSON.parse(textOf('docs/openapi.json'))),
  'the pages': () => files('web/*words.ts').flatMap((path) => literalsIn(textOf(path))),
  'the HTML': () => files('web/*.html').map((path) => textOf(path).replace(/<[^>]*>/g, ' ')),
  'the alerts': () => literalsIn(textOf('infra/constructs/observability/alerts-rules.ts')),
  'the dashboard': () => literalsIn(textOf('infra/constructs/observability/dashboard.ts')),
  'the runbook': () => textOf('infra/RUNBOOK.md').split('\n'),
  'the configuration': () => files('infra/config/*.ts').flatMap((path) => literalsIn(textOf(path))),
  // Lines of a page: a sentence may go on with any word at a line's beginning, so only single words count.
  'the pages of the repository': () =>
    files('README.md', 'CONTRIBUTING.md', 'SECURITY.md', 'docs/*.md').flatMap((path) =>
      textOf(path)
        .split('\n')
        .map((line) => `- ${line}`),
    ),
  'the reasons of rights': () => literalsIn(textOf('scripts/tools/docs/access-reasons.ts')),
  "words of the pages' code": () => files('web/*.ts').flatMap((path) => literalsIn(textOf(path))),
  'usage texts of the commands': () => files('scripts/*.ts').flatMap((path) => usagesIn(textOf(path))),
};

it.each(Object.entries(ROOMS))('%s is in plain, complete, gender-neutral English', (_room, prose) => {
  const found = prose();
  expect(found.length).toBeGreaterThan(0);
  expect(found.filter(isFaulty)).toEqual([]);
});

it.each(['functions', 'srs-image', 'infra', 'web', 'scripts', 'test', 'jest.config.cjs'])(
  'the comments of %s begin with a noun or verb, in plain, gender-neutral English',
  (room) => {
    const found = files(...['ts', 'mjs', 'cjs'].map((type) => (room.includes('.') ? room : `${room}/*.${type}`))).map(
      (path) => ({ path, comments: commentsIn(textOf(path)) }),
    );
    expect(found.flatMap(({ comments }) => comments).length).toBeGreaterThan(0);
    const faulty = found.flatMap(({ path, comments }) =>
      comments.filter(isFaultyComment).map((comment) => `${path}: ${comment}`),
    );
    expect(faulty).toEqual([]);
  },
);

it('the titles of tests have no archaic word, and none that names a person by one gender', () => {
  const found = files('test/*.ts').flatMap((path) => titlesIn(textOf(path)).map((title) => `${path}: ${title}`));
  expect(found.length).toBeGreaterThan(1500);
  expect(found.filter((title) => REFUSED.test(title))).toEqual([]);
});

it('comments of exports, of members and inside functions are found', () => {
  const text = '/** What a. */\nexport const a = 1;\n  /** Of\n   * b. */\n  b: 2,\n  // Who\n  // waits.\n';
  expect(commentsIn(text)).toEqual(['What a.', 'Of b.', 'Who waits.']);
  expect(commentsIn(text).every(isFaultyComment)).toBe(true);
});

it.each(['What was sent.', 'Of one key.', 'A viewer may watch if he has a grant.', 'The node is made anew.'])(
  '"%s" is refused',
  (text) => {
    expect(isFaulty(text)).toBe(true);
  },
);
