import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { z } from 'zod';

/** A sentence that begins so has no subject. */
const HEADLESS = /^(What|Of|Who|Whom|Whose|Whoever|Where|Whence)\b(?!.*\?$)/;
/** Words that are archaic, or name a person by one gender. */
const REFUSED = /\b(anew|whoever|whence|he|his|him)\b/i;

const isFaulty = (text: string): boolean => HEADLESS.test(text) || REFUSED.test(text);
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

/** Doc-comments of one line that stand before an export. */
const exportDocsIn = (text: string): string[] =>
  [...text.matchAll(/^\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\nexport /gm)].map(([, doc = '']) =>
    doc.replace(/\s*\n \* ?/g, ' ').trim(),
  );

const exportDocsOf = (room: string): string[] => files(`${room}/*.ts`).flatMap((path) => exportDocsIn(textOf(path)));

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
  ...Object.fromEntries(
    [
      'contract',
      'ports',
      'core',
      'app',
      'adapters',
      'http',
      'api',
      'srs-hooks',
      'hls-publisher',
      'reconciler',
      'event-relay',
      'budget-guard',
    ].map((room) => [`exports of functions/${room}`, () => exportDocsOf(`functions/${room}`)]),
  ),
  'exports of the agent, the gate and the rendering': () => exportDocsOf('srs-image'),
  'exports of infra': () => exportDocsOf('infra'),
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

it.each(['What was sent.', 'Of one key.', 'A viewer may watch if he has a grant.', 'The node is made anew.'])(
  '"%s" is refused',
  (text) => {
    expect(isFaulty(text)).toBe(true);
  },
);
