import { readFileSync } from 'node:fs';
import { functionLock } from '../../../scripts/build/function-lock';

const packages = {
  '': { name: 'project' },
  'node_modules/a': { version: '1.0.0', integrity: 'sha512-a', dependencies: { b: '^1', c: '^1' } },
  'node_modules/a/node_modules/b': { version: '1.1.0', integrity: 'sha512-b1', dependencies: { c: '^1' } },
  'node_modules/b': { version: '2.0.0', integrity: 'sha512-b2' },
  'node_modules/c': {
    version: '1.0.0',
    integrity: 'sha512-c',
    dependencies: { a: '^1' },
    optionalDependencies: { d: '^1' },
  },
  'node_modules/other': { version: '1.0.0', integrity: 'sha512-o' },
};
const lock = (project: unknown, dependencies = { a: '1.0.0' }): { packages: object } =>
  JSON.parse(functionLock(project, 'f', dependencies));

describe('a function’s lock', () => {
  it('holds what its dependencies need, the nearest version of each, and nothing else', () => {
    expect(lock({ packages }).packages).toEqual({
      '': { name: 'f', dependencies: { a: '1.0.0' } },
      'node_modules/a': packages['node_modules/a'],
      'node_modules/a/node_modules/b': packages['node_modules/a/node_modules/b'],
      'node_modules/c': packages['node_modules/c'],
    });
  });

  it('is refused when the project’s lock does not hold what is needed', () => {
    const { 'node_modules/c': _c, ...rest } = packages;
    expect(() => lock({ packages: rest })).toThrow(
      "package-lock.json: 'c', which node_modules/a/node_modules/b needs, is missing",
    );
  });

  it('of the framework names an integrity for every package', () => {
    const framework = '@google-cloud/functions-framework';
    const project = JSON.parse(readFileSync('package-lock.json', 'utf8'));
    const { '': _root, ...entries } = JSON.parse(functionLock(project, 'f', { [framework]: '5.0.5' })).packages;
    expect(Object.keys(entries).length).toBeGreaterThan(20);
    for (const entry of Object.values(entries))
      expect(entry).toMatchObject({ integrity: expect.stringMatching(/^sha512-/) });
  });
});
