import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';

/** The rooms that a room may import: its own files, and these. `infra` inside is ordered by its own table below. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  'functions/contract': [],
  'functions/ports': ['functions/contract'],
  'functions/core': ['functions/contract', 'functions/ports'],
  'functions/app': ['functions/contract', 'functions/ports', 'functions/core'],
  'functions/http': ['functions/contract', 'functions/ports', 'functions/core', 'functions/app'],
  'functions/adapters': ['functions/contract', 'functions/ports', 'functions/core', 'functions/app'],
  'functions/*': [
    ...['functions/contract', 'functions/ports', 'functions/core', 'functions/app'],
    ...['functions/http', 'functions/adapters'],
  ],
  'srs-image/agent': ['functions/contract', 'functions/ports', 'functions/core', 'functions/app', 'functions/adapters'],
  'srs-image/gate': ['functions/contract', 'functions/ports', 'functions/core', 'functions/adapters'],
  'srs-image/render': ['functions/contract'],
  'infra/config': ['functions/contract'],
  'infra/names': ['infra/config'],
  'infra/constructs': ['functions/contract', 'srs-image/render', 'infra/names'],
  'infra/subsystems': ['functions/contract', 'srs-image/render', 'infra/names', 'infra/config', 'infra/constructs'],
  'infra/stacks': [
    'functions/contract',
    'srs-image/render',
    'infra/names',
    'infra/config',
    'infra/constructs',
    'infra/subsystems',
  ],
  'infra/main': ['infra/config', 'infra/stacks', 'infra/names'],
  web: ['functions/contract'],
  scripts: [],
  'scripts/build': [],
  'scripts/config': [],
  'scripts/emulators': ['functions/*', 'scripts/build'],
  'scripts/local': [
    'functions/*',
    'srs-image/agent',
    'srs-image/gate',
    'srs-image/render',
    'scripts/emulators',
    'scripts/build',
  ],
  'scripts/tools': ['functions/*', 'srs-image/agent', 'srs-image/gate', 'srs-image/render', 'web', 'scripts/*'],
  /**
   * Documents what infra says, by the schema of its configuration and the names, and what the API says, over memory.
   */
  'scripts/tools/docs': ['functions/*', 'infra/config', 'infra/names', 'scripts/*'],
  test: ['*'],
};

/** Packages a room may use beside Node's own; `undefined`: any. */
const MAY_USE: Readonly<Record<string, readonly string[] | undefined>> = {
  'functions/contract': ['zod'],
  'functions/core': ['zod', 'ipaddr.js'],
  'srs-image/render': ['zod'],
};

/** A function's hash is a function, not I/O; everything else of Node's that touches the world stays out of the core. */
const CORE_NODE_MODULES: Readonly<Record<string, readonly string[]>> = { 'functions/core/signing': ['node:crypto'] };

function roomOf(path: string): string {
  const parts = path.replace(/\.ts$/, '').split('/');
  if (path.startsWith('scripts/tools/docs/')) return 'scripts/tools/docs';
  return ['functions', 'srs-image', 'infra', 'scripts'].includes(parts[0] ?? '')
    ? parts.slice(0, 2).join('/')
    : (parts[0] ?? '');
}

const rule = (room: string): string => {
  if (MAY_IMPORT[room] !== undefined) return room;
  const family = `${room.split('/')[0]}/*`;
  if (MAY_IMPORT[family] === undefined) throw new Error(`room '${room}': not in the table of who may import whom`);
  return family;
};

const covers = (allowed: string, room: string): boolean =>
  allowed === '*' || allowed === room || (allowed.endsWith('/*') && room.split('/')[0] === allowed.slice(0, -2));

const sources = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '*.ts'], { encoding: 'utf8' })
  .split('\n')
  .filter((file) => file.includes('/') && !file.endsWith('.d.ts'));

const IMPORT = /(?:\bfrom|\bimport|\brequire\()\s*\(?\s*'([^']+)'/g;
const importsOf = (file: string): string[] =>
  [...readFileSync(file, 'utf8').matchAll(IMPORT)].flatMap(([, specifier]) =>
    specifier === undefined ? [] : [specifier],
  );

const isFunction = (room: string): boolean => rule(room) === 'functions/*';

/** Returns the imports that a file may not have, each with the reason: empty is right. */
function violations(file: string, imports: readonly string[]): string[] {
  const room = roomOf(file);
  const allowed = MAY_IMPORT[rule(room === 'scripts' ? 'scripts/*' : room)] ?? [];
  return imports.flatMap((specifier) => {
    if (specifier.startsWith('.')) {
      const target = roomOf(normalize(join(dirname(file), specifier)));
      if (target === room) return [];
      if (isFunction(room) && isFunction(target)) return [`${specifier}: a function never imports another function`];
      return allowed.some((entry) => covers(entry, target)) ? [] : [`${specifier}: ${room} may not import ${target}`];
    }
    const packages = MAY_USE[room];
    if (specifier.startsWith('node:')) {
      const exempt = Object.entries(CORE_NODE_MODULES).some(
        ([folder, modules]) => file.startsWith(folder) && modules.includes(specifier),
      );
      return packages !== undefined && !exempt ? [`${specifier}: ${room} does no I/O`] : [];
    }
    return packages !== undefined && !packages.some((name) => specifier === name || specifier.startsWith(`${name}/`))
      ? [`${specifier}: ${room} may use ${packages.join(', ')} only`]
      : [];
  });
}

/**
 * The ways round in which files import each other, as `a -> b -> a`; empty is right: such files are one file, or hide a
 * third.
 */
function circles(imports: ReadonlyMap<string, readonly string[]>): string[] {
  const [found, done]: [string[], Set<string>] = [[], new Set()];
  const visit = (file: string, way: readonly string[]): void => {
    if (way.includes(file)) found.push([...way.slice(way.indexOf(file)), file].join(' -> '));
    if (way.includes(file) || done.has(file)) return;
    for (const next of imports.get(file) ?? []) visit(next, [...way, file]);
    done.add(file);
  };
  for (const file of imports.keys()) visit(file, []);
  return found;
}

function relativeImports(file: string): string[] {
  const targets = importsOf(file).filter((specifier) => specifier.startsWith('.'));
  return targets.flatMap((specifier) => {
    const target = normalize(join(dirname(file), specifier));
    return [`${target}.ts`, `${target}/index.ts`].filter((candidate) => sources.includes(candidate));
  });
}

/**
 * At most this many files and folders stand at the root of a room that was hard to find one's way in. A README does not
 * count.
 */
const MAX_AT_ROOT: Readonly<Record<string, number>> = { 'srs-image/agent': 16, 'functions/api': 15 };
const MAX_SIDE_BY_SIDE = 20;
/** Data, each file named by what it shows; nobody looks for a change there. */
const isFixture = (file: string): boolean => file.startsWith('test/fixtures/');

const tracked = execFileSync('git', ['ls-files', '-co', '--exclude-standard'], { encoding: 'utf8' })
  .split('\n')
  .filter((file) => file.includes('/') && existsSync(file) && !isFixture(file));

function entriesAt(root: string): string[] {
  const inside = tracked
    .filter((file) => file.startsWith(`${root}/`))
    .map((file) => file.slice(root.length + 1).split('/')[0] ?? '');
  return [...new Set(inside)].filter((name) => name !== 'README.md');
}

/** Folders with more files than a reader takes in at a glance, as `folder: 21`. */
function crowded(files: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const file of files) counts.set(dirname(file), (counts.get(dirname(file)) ?? 0) + 1);
  return [...counts].filter(([, count]) => count > MAX_SIDE_BY_SIDE).map(([folder, count]) => `${folder}: ${count}`);
}

/** The folders of these rooms have an order: an import goes down it, never up and never in a circle. */
const LAYERED = [
  ...['srs-image/agent', 'srs-image/gate', 'functions/api', 'functions/app', 'functions/core', 'functions/contract'],
  ...['functions/http', 'functions/adapters', 'infra', 'scripts/emulators', 'scripts/local', 'scripts/tools', 'web'],
];

/** Returns the imports between the folders of `room`; a file at its root stands for itself. */
function folderImports(room: string, imports: ReadonlyMap<string, readonly string[]>): Map<string, readonly string[]> {
  const folderOf = (file: string): string => file.slice(room.length + 1).split('/')[0] ?? '';
  const found = new Map<string, string[]>();
  for (const [file, targets] of imports) {
    if (!file.startsWith(`${room}/`)) continue;
    const others = targets.filter((target) => target.startsWith(`${room}/`)).map(folderOf);
    const folder = folderOf(file);
    found.set(folder, [...(found.get(folder) ?? []), ...others.filter((other) => other !== folder)]);
  }
  return found;
}

/** The world a file reaches past its ports: only composition roots and scripts may. */
const WORLD = /\bprocess\.env\b|\bDate\.now\(|\bnew Date\(\)|\bsetInterval\(|\bMath\.random\(/g;
const mayTouchTheWorld = (file: string): boolean =>
  file.endsWith('/main.ts') ||
  file.startsWith('scripts/') ||
  file.startsWith('test/') ||
  file.startsWith('web/') ||
  file === 'functions/adapters/system.ts';

const MAX_COLUMNS = 120;
/** Cannot be broken: an address, an import of one name, a pattern. */
const UNBREAKABLE = [
  /^ *(?:\*|\/\/|#) https:\/\/\S+$/,
  /^import (?:type )?(?:\{ [\w$]+ \}|[\w$]+) from '\S+';$/,
  /^ *(?:\w+: |\w+ = |return )?\/(?!\/|\*).+\/[a-z]*(?:\.\w+\(.*)?[,;)]*$/,
];
/** A test's data is one line of text where it stands for one line of something else; a test's title is not. */
const IN_TESTS = [
  ...UNBREAKABLE,
  /^(?! *(?:it|describe)\b).*(['"`]).{60,}\1[^'"`]{0,40}$/,
  /^(?!(?:it|describe|const)\b)[^'"`\s].*$/,
];

/** Lines that end behind column 120 and could be broken, as `line 3: 131 columns`. */
const tooLong = (file: string, text: string): string[] =>
  text.split('\n').flatMap((line, index) => {
    const columns = [...line].length;
    const unbreakable = file.startsWith('test/') ? IN_TESTS : UNBREAKABLE;
    return columns <= MAX_COLUMNS || unbreakable.some((form) => form.test(line))
      ? []
      : [`line ${index + 1}: ${columns} columns`];
  });
/** Statements that only save lines: `...{ a, b },` in a literal, and names given by a list to a list of values. */
const SAVES_LINES = [/^\s*\.\.\.\{/, /^\s*(?:const |let )?\[(?:[\w{}, ]+, )+[\w{}, ]+\] = \[(?!.*\]\.)/];
const savedLines = (text: string): string[] =>
  text.split('\n').filter((line) => SAVES_LINES.some((form) => form.test(line)));
const withLines = tracked.filter((file) => /\.(ts|mjs|cjs|js|html|css)$/.test(file));

describe('the rooms', () => {
  it.each(sources)('%s imports only what its room may', (file) => {
    expect(violations(file, importsOf(file))).toEqual([]);
  });

  it.each(sources.filter((file) => !mayTouchTheWorld(file)))(
    '%s takes time, chance and environment from its ports',
    (file) => {
      expect(readFileSync(file, 'utf8').match(WORLD) ?? []).toEqual([]);
    },
  );

  it.each([
    ['functions/core/x.ts', 'node:fs', 'functions/core does no I/O'],
    ['functions/core/x.ts', '../api/handler', 'functions/core may not import functions/api'],
    ['functions/api/handler.ts', '../srs-hooks/handler', 'a function never imports another function'],
    ['infra/constructs/x.ts', '../../functions/api/handler', 'infra/constructs may not import functions/api'],
    ['scripts/local/x.ts', '../../infra/names', 'scripts/local may not import infra/names'],
    ['functions/contract/x.ts', 'hono', 'functions/contract may use zod only'],
    ['scripts/local/x.ts', '../../test/support/x', 'scripts/local may not import test'],
  ])('refuses %s importing %s', (file, specifier, reason) => {
    expect(violations(file, [specifier])).toEqual([`${specifier}: ${reason}`]);
  });

  it('has no files that import each other, in whatever round', () => {
    expect(circles(new Map(sources.map((file) => [file, relativeImports(file)])))).toEqual([]);
    const imports = new Map(
      Object.entries({ 'a.ts': ['b.ts'], 'b.ts': ['c.ts', 'd.ts'], 'c.ts': ['a.ts'], 'd.ts': [] }),
    );
    expect(circles(imports)).toEqual(['a.ts -> b.ts -> c.ts -> a.ts']);
  });

  it.each(LAYERED)('%s has folders that import each other one way only', (room) => {
    expect(circles(folderImports(room, new Map(sources.map((file) => [file, relativeImports(file)]))))).toEqual([]);
  });

  it('finds folders that import each other through different files', () => {
    const imports = new Map(
      Object.entries({ 'room/a/x.ts': ['room/b/y.ts'], 'room/b/z.ts': ['room/a/w.ts'], 'room/b/y.ts': [] }),
    );
    expect(circles(imports)).toEqual([]);
    expect(circles(folderImports('room', imports))).toEqual(['a -> b -> a']);
  });

  it.each(Object.entries(MAX_AT_ROOT))('%s has at most %d entries at its root', (room, limit) => {
    expect(entriesAt(room).length).toBeGreaterThan(1);
    expect(entriesAt(room).length).toBeLessThanOrEqual(limit);
  });

  it('has at most 20 files side by side in a folder, and finds one that has more', () => {
    expect(crowded(tracked)).toEqual([]);
    expect(crowded(Array.from({ length: 21 }, (_, index) => `full/${index}.ts`))).toEqual(['full: 21']);
  });

  it('has lines of at most 120 columns, but for an address, an import, a pattern and one-line data of tests', () => {
    expect(withLines.length).toBeGreaterThan(1000);
    const found = withLines.flatMap((file) =>
      tooLong(file, readFileSync(file, 'utf8')).map((line) => `${file} ${line}`),
    );
    expect(found).toEqual([]);
  });

  it.each([
    ['infra/a.ts', `const text = '${'long words '.repeat(12)}';`],
    ['web/a.html', `<p>${'long words '.repeat(12)}</p>`],
    ['test/a.test.ts', `it('${'long words '.repeat(12)}', () => {`],
    ['test/a.test.ts', `const sum = ${'one + '.repeat(25)}1;`],
  ])('finds in %s the line that is too long: %s', (file, line) => {
    expect(tooLong(file, `short\n${line}`)).toEqual([`line 2: ${line.length} columns`]);
  });

  it('names one value a statement and one field a line, and finds a list that saves lines', () => {
    const found = withLines.flatMap((file) => savedLines(readFileSync(file, 'utf8')).map((line) => `${file} ${line}`));
    expect(found).toEqual([]);
    const planted = ['  ...{ names, region },', '  const [{ id }, at] = [read(), clock.now()];', '  [a, b] = [1, 2];'];
    expect(savedLines(planted.join('\n'))).toEqual(planted);
    expect(savedLines('const [one, two] = [1, 2].map(String);\nconst [all] = await read();')).toEqual([]);
  });

  it('reads imports, dynamic imports and re-exports', () => {
    const text = "import a from './a';\nexport { b } from './b';\nconst c = import('./c');\nimport './d';\n";
    expect([...text.matchAll(IMPORT)].map((match) => match[1])).toEqual(['./a', './b', './c', './d']);
  });
});
