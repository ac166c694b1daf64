import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { EVENTS_ROUTES } from '../functions/contract/api-events';
import { ROUTES } from '../functions/contract/routes';

const pages = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '*.md'], { encoding: 'utf8' })
  .split('\n')
  .filter((page) => page !== '');
const textOf = (page: string): string => readFileSync(page, 'utf8');
const { scripts } = z.object({ scripts: z.record(z.string(), z.string()) }).parse(JSON.parse(textOf('package.json')));

/** Every path the API has, by any name. */
const routes = [ROUTES.api, ROUTES.media, EVENTS_ROUTES].flatMap((group) => Object.values(group));

describe('the pages of this repository', () => {
  it.each(pages)('%s leads to files that are there', (page) => {
    const links = [...textOf(page).matchAll(/\]\(([^)#\s]+)[^)]*\)/g)].map(([, target = '']) => target);
    const files = links.filter((target) => !/^[a-z]+:/.test(target));
    expect(files.filter((target) => !existsSync(join(dirname(page), target)))).toEqual([]);
  });

  it.each(pages)('%s names scripts that are there', (page) => {
    const named = [...textOf(page).matchAll(/npm run ([a-z0-9:-]+)/g)].map(([, script = '']) => script);
    expect(named.filter((script) => !(script in scripts))).toEqual([]);
  });
});

describe('README', () => {
  it('names ways into the API that are there', () => {
    const named = [...textOf('README.md').matchAll(/`(?:GET |POST )?(\/(?:api|rtc)\/[^\s`?]*)/g)].map(([, path = '']) => path);
    // `{streamKey}` is the word of the documents, in whose column it stands.
    const ours = new Set(named.filter((path) => !path.includes('{streamKey}')));
    expect(ours.size).toBeGreaterThan(8);
    expect([...ours].filter((path) => !routes.some((route) => route === path))).toEqual([]);
  });
});
