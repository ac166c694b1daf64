import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { ROUTES } from '../functions/contract/routes';

const pages = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '*.md'], { encoding: 'utf8' })
  .split('\n')
  .filter((page) => page !== '');
const sources = execFileSync('git', ['ls-files', '-co', '--exclude-standard'], { encoding: 'utf8' }).split('\n');
const textOf = (page: string): string => readFileSync(page, 'utf8');
const { scripts } = z.object({ scripts: z.record(z.string(), z.string()) }).parse(JSON.parse(textOf('package.json')));

/** Every path the API has, by any name. */
const routes = [ROUTES.api, ROUTES.media, ROUTES.webhooks, ROUTES.access, ROUTES.grants, ROUTES.budget].flatMap(
  (group) => Object.values(group),
);

describe('the pages of this repository', () => {
  it.each(pages)('%s leads to files that are there', (page) => {
    const links = [...textOf(page).matchAll(/\]\(([^)#\s]+)[^)]*\)/g)].map(([, target = '']) => target);
    const files = links.filter((target) => !/^[a-z]+:/.test(target));
    expect(files.filter((target) => !existsSync(join(dirname(page), target)))).toEqual([]);
  });

  it.each(pages)('%s names source files that are there', (page) => {
    const named = [...textOf(page).matchAll(/`(?:\.\.\/)*([\w.-]+(?:\/[\w.-]+)+\.(?:ts|mjs|cjs))`/g)].map(
      ([, file]) => file,
    );
    expect(named.filter((file) => !sources.some((source) => `/${source}`.endsWith(`/${file}`)))).toEqual([]);
  });

  it.each(pages)('%s names scripts that are there', (page) => {
    const named = [...textOf(page).matchAll(/npm run ([a-z0-9:-]+)/g)].map(([, script = '']) => script);
    expect(named.filter((script) => !(script in scripts))).toEqual([]);
  });
});

describe('the README', () => {
  it('lists every option of ./scripts/start, and none that it does not have', () => {
    const [, usage = ''] = /usage: \.\/scripts\/start([^`]*)`/.exec(textOf('scripts/local/options.ts')) ?? [];
    const helped = [...usage.matchAll(/^ {2}--([a-z-]+)/gm)].map(([, name = '']) => name);
    const listed = [...textOf('README.md').matchAll(/^\| `--([a-z-]+)/gm)].map(([, name = '']) => name);
    expect(listed.sort()).toEqual(helped.filter((name) => name !== 'help').sort());
    const variables = [...usage.matchAll(/^([A-Z_]+_BIN) names/gm)].map(([, name = '']) => name);
    for (const name of variables) expect(textOf('README.md')).toContain(`| \`${name}=`);
    expect([helped.length, variables.length]).toEqual([9, 3]);
  });
});

/** GitHub's anchor of a heading: lower case, punctuation dropped, blanks as hyphens. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');
const anchorsOf = (page: string): string[] =>
  [...textOf(page).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => anchorOf(heading));

describe('headings that are cited', () => {
  const files = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '*.ts', '*.mjs', '*.md'], {
    encoding: 'utf8',
  })
    .split('\n')
    .filter((file) => file !== '' && existsSync(file));
  /** A page of docs and an anchor in it, from wherever it is cited. */
  const cited = files.flatMap((file) =>
    [...textOf(file).matchAll(/\b(docs\/[\w/-]+\.md)#([\w-]+)/g)].map(([, page = '', anchor = '']) => ({
      file,
      page,
      anchor,
    })),
  );

  it('exist in the pages of docs', () => {
    expect(cited.length).toBeGreaterThan(2);
    expect(cited.filter(({ page, anchor }) => !existsSync(page) || !anchorsOf(page).includes(anchor))).toEqual([]);
  });

  it('replace the word "DESIGN", which names a page nobody has', () => {
    const citing = files.filter((file) => file !== 'test/readme.test.ts' && /\bDESIGN\b/.test(textOf(file)));
    expect(citing).toEqual([]);
  });
});

describe('the list of what was asked for', () => {
  it('names ways into the API that are there', () => {
    const named = [...textOf('docs/REQUESTED.md').matchAll(/`(?:GET |POST )?(\/(?:api|rtc)\/[^\s`?]*)/g)].map(
      ([, path = '']) => path,
    );
    // `{streamKey}` is the word of the documents, in whose column it stands.
    const ours = new Set(named.filter((path) => !path.includes('{streamKey}')));
    expect(ours.size).toBeGreaterThan(8);
    expect([...ours].filter((path) => !routes.some((route) => route === path))).toEqual([]);
  });
});
