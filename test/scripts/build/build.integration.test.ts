import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { bundleFolder, FUNCTIONS, type FunctionName } from '../../../functions/contract/env/functions';

const NAMES = Object.values(FUNCTIONS).map(({ name }): FunctionName => name);
const OUTPUTS = [
  ...NAMES.flatMap((name) => [`${bundleFolder(name)}/index.js`, `${bundleFolder(name)}.zip`]),
  'dist/agent/agent.js',
  'dist/gate/gate.js',
];
const build = (): string => execFileSync(process.execPath, ['scripts/build/build.mjs'], { encoding: 'utf8' });
const hashes = (): string[] => OUTPUTS.map((file) => createHash('sha256').update(readFileSync(file)).digest('hex'));

describe('the build', () => {
  it('makes the same bytes of the same input, and says how big each bundle is', () => {
    const report = build();
    const first = hashes();
    build();
    expect(hashes()).toEqual(first);
    for (const name of NAMES) expect(report).toMatch(new RegExp(`^${bundleFolder(name)} +[0-9.]+ MB`, 'm'));
  });

  it('bundles no path of this machine', () => {
    for (const file of OUTPUTS.filter((name) => name.endsWith('.js')))
      expect([file, readFileSync(file, 'utf8').includes(process.cwd())]).toEqual([file, false]);
  });

  it('leaves the framework out, pinned in the function’s own manifest', () => {
    const { dependencies } = JSON.parse(readFileSync('package.json', 'utf8'));
    for (const name of NAMES) {
      const manifest = JSON.parse(readFileSync(join(bundleFolder(name), 'package.json'), 'utf8'));
      const framework = '@google-cloud/functions-framework';
      expect(manifest.dependencies).toEqual({ [framework]: dependencies[framework] });
      expect(readFileSync(join(bundleFolder(name), 'index.js'), 'utf8')).toContain(`require("${framework}")`);
    }
  });
});

describe('run.mjs', () => {
  let folder: string;
  beforeAll(() => {
    mkdirSync('dist', { recursive: true });
    folder = mkdtempSync(resolve('dist', 'run-test-'));
  });
  afterAll(() => {
    rmSync(folder, { recursive: true });
    rmSync(join('dist/run/dist', basename(folder)), { recursive: true });
  });

  /** Runs a program of this text. */
  function run(text: string, ...args: string[]) {
    const entry = join(folder, 'program.ts');
    writeFileSync(entry, text);
    return spawnSync(process.execPath, ['scripts/build/run.mjs', entry, ...args], { encoding: 'utf8' });
  }

  it('hands on arguments and exit code', () => {
    const { stdout, status } = run(
      'const args: string[] = process.argv.slice(2); console.log(args.join()); process.exit(7);',
      '--a',
      'b',
    );
    expect([stdout, status]).toEqual(['--a,b\n', 7]);
  });

  it('is the process that gets the signals', () => {
    const { stdout, status } = run(
      `process.once('SIGINT', () => { console.log('ended'); process.exit(3); }); setInterval(() => {}, 1000); process.kill(process.pid, 'SIGINT');`,
    );
    expect([stdout, status]).toEqual(['ended\n', 3]);
  });

  it('means the source’s folder by __dirname', () => {
    expect(run('console.log(__dirname)').stdout.trim()).toBe(folder);
  });

  it('says in one line where a program is wrong', () => {
    const { stderr, status } = run("import { x } from './none'; console.log(x);");
    expect(stderr).toMatch(/program\.ts:1:18: Could not resolve "\.\/none"\n$/);
    expect(status).toBe(1);
  });

  it('runs no program from elsewhere', () => {
    const { stderr, status } = spawnSync(process.execPath, ['scripts/build/run.mjs', join(tmpdir(), 'x.ts')], {
      encoding: 'utf8',
    });
    expect(stderr).toMatch(/x\.ts: use a program inside /);
    expect(status).toBe(1);
  });

  it('says how it is used', () => {
    expect(spawnSync(process.execPath, ['scripts/build/run.mjs'], { encoding: 'utf8' })).toMatchObject({
      status: 2,
      stderr: 'usage: node scripts/build/run.mjs <entry.ts> [args]\n',
    });
  });
});
