import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';

type Sources = ReadonlyMap<string, string>;

/** Exports that no program imports, by file or folder, each with the reason why they stay. */
const MAY_STAY: Readonly<Record<string, string>> = {
  'functions/core/signing/sign-request.ts signUrl': "compares signatures with those of Google's gcloud, URL by URL",
  'functions/api/document/guides.ts isOurs': 'a sample that readers of the guide copy: it is text here',
  'web/sdk/index.ts': 'the interface of the SDK: pages of others import it',
};

const DECLARED = /^export (?:async )?(?:const|function\*?|class) (\w+)/gm;
const LISTED = /^(?:import|export) (?:type )?\{([^}]*)\}(?: from '(\.[^']+)')?;/gm;

const exportedBy = (text: string): string[] => [...text.matchAll(DECLARED)].map(([, name = '']) => name);
const reExportedBy = (text: string): string[] =>
  [...text.matchAll(LISTED)].flatMap(([line, names = '']) => (line.startsWith('export') ? namesIn(names) : []));

/** Returns `a` and `b` of `a, type b as c`. */
function namesIn(list: string): string[] {
  const names = list.split(',').map(
    (each) =>
      each
        .trim()
        .replace(/^type /, '')
        .split(' as ')[0] ?? '',
  );
  return names.filter((name) => name !== '');
}

/** Returns `file name` of everything that `sources` import by name, or re-export. */
function importedBy(sources: Sources): Set<string> {
  const found = new Set<string>();
  for (const [file, text] of sources)
    for (const [, names = '', from] of text.matchAll(LISTED)) {
      if (from === undefined) continue;
      const target = normalize(join(dirname(file), from));
      for (const name of namesIn(names))
        for (const path of [`${target}.ts`, `${target}/index.ts`]) found.add(`${path} ${name}`);
    }
  return found;
}

/** Returns `file name` of exports that no other file of `sources` imports, so that tests alone can use them. */
function unused(sources: Sources): string[] {
  const imported = importedBy(sources);
  const ofScripts = [...sources].filter(([file]) => file.endsWith('.mjs')).map(([, text]) => text);
  return [...sources].flatMap(([file, text]) => {
    const code = text.replace(/\/\*[\s\S]*?\*\//g, '');
    const names = file.endsWith('.ts') ? [...exportedBy(text), ...reExportedBy(text)] : [];
    return names
      .filter((name) => !imported.has(`${file} ${name}`))
      .filter((name) => !ofScripts.some((script) => new RegExp(`\\b${name}\\b`).test(script)))
      .filter((name) => (code.match(new RegExp(`\\b${name}\\b`, 'g')) ?? []).length === 1)
      .map((name) => `${file} ${name}`);
  });
}

const mayStay = (found: string): boolean => Object.keys(MAY_STAY).some((entry) => found.startsWith(entry));

const files = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '*.ts', '*.mjs'], { encoding: 'utf8' })
  .split('\n')
  .filter((file) => file.includes('/') && !file.startsWith('test/') && !file.endsWith('.d.ts'));
const product: Sources = new Map(files.map((file) => [file, readFileSync(file, 'utf8')]));

it('every export is used by a program, and not by tests alone', () => {
  expect(product.size).toBeGreaterThan(500);
  expect(unused(product).filter((found) => !mayStay(found))).toEqual([]);
});

it('every export that may stay unused is there', () => {
  const stale = Object.keys(MAY_STAY).filter((entry) => !unused(product).some((found) => found.startsWith(entry)));
  expect(stale).toEqual([]);
});

it('an export is used by an import, a re-export that is imported, a script, or its own file', () => {
  const sources = new Map([
    ['a/a.ts', 'export const used = 1;\nexport function lonely() {}\nexport class Inside {}\nnew Inside();\n'],
    ['a/index.ts', "export { again } from './b';\nexport { type nobody } from './b';\n"],
    ['a/b.ts', 'export const again = 1;\nexport const nobody = 2;\nexport const scripted = 3;\n'],
    ['c/c.ts', "import { type used } from '../a/a';\nimport { again } from '../a';\n"],
    ['c/d.mjs', "const { scripted } = await load('a/b.ts');\n"],
  ]);
  expect(unused(sources)).toEqual(['a/a.ts lonely', 'a/index.ts nobody']);
});
